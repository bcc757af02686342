"""The results as Markdown, with the raw calls beside it as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.lambda_peers import bars
from bench.lambda_peers.catalogue import ITEMS, Contestant
from bench.lambda_peers.measure import WARM_UP, WORKERS, Pace
from bench.lambda_peers.samples import COLD, COLD_TAPPED, FIRST_HASH, WARM, WARM_TAPPED, Figure, Samples
from bench.lambda_peers.samples import ITEMS as ITEMS_MEASURE
from bench.peers import machine
from bench.peers.report import table

COMMAND = "./dev bench lambda"


@dataclass(frozen=True)
class Results:
    machine: dict[str, Any]
    contestants: list[Contestant]
    skipped: dict[str, str]
    samples: Samples
    pace: Pace
    minutes: float

    @property
    def zips(self) -> dict[str, int]:
        return {each.key: each.zip_bytes for each in self.contestants}

    @property
    def verdicts(self) -> list[bars.Verdict]:
        return list(bars.judged(self.samples, self.zips))


def ms(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value / 1e3:,.{digits}f}"


def median_and_best(found: Figure | None, digits: int = 1) -> str:
    return "" if found is None else f"{ms(found.p50, digits)} ({ms(found.best, digits)})"


def percentiles(found: Figure | None) -> str:
    return "" if found is None else " / ".join(ms(value) for value in (found.p50, found.p95, found.p99))


def markdown(results: Results, plots: Iterable[str]) -> str:
    parts = [head(results), *(f"![{name}]({name})" for name in plots)]
    parts += ["## All of them", main_table(results), LEGEND.format(items=ITEMS, warm_up=WARM_UP)]
    parts += ["## Bars", bar_table(results), BARS_NOTE, "## Round trips and parts", *parts_table(results)]
    parts += ["## What they are", contestants_table(results), *missing(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def head(results: Results) -> str:
    quiet = results.machine["load_average"] <= machine.QUIET
    words = (
        f"# Lambda functions, cold and warm\n\nWritten by `{COMMAND}` in {results.minutes:.0f} minutes; how it is "
        f"measured stands in bench/README.md.\n\n{machine.sentence(results.machine)} {results.pace.cold} cold starts "
        f"and {results.pace.warm} warm calls each, without and again with a tap between function and Runtime API. All "
        "behind AWS's Runtime Interface Emulator, in turns, in one run."
    )
    return words if quiet else words + "\n\nThe machine was not quiet."


def main_table(results: Results) -> str:
    workers = [f"{ITEMS} items, {n} worker{'s' * (n > 1)}, ms" for n in WORKERS]
    heads = [
        "function",
        "zip, bytes",
        "cold, ms",
        "memory, kB",
        "warm overhead, ms: p50 / p95 / p99",
        *workers,
        "threads",
    ]
    return table(heads, [main_line(results, each) for each in results.contestants])


def main_line(results: Results, each: Contestant) -> list[str]:
    found, key = results.samples, each.key
    memory = found.figure(COLD, key, "rss_kb")
    used = [found.threads(key, workers) for workers in WORKERS]
    return [
        each.name,
        f"{each.zip_bytes:,}",
        median_and_best(found.figure(COLD, key, "since_start")),
        "" if memory is None else f"{memory.p50:,.0f}",
        percentiles(found.figure(WARM_TAPPED, key, "own")),
        *(median_and_best(found.figure(ITEMS_MEASURE, key, "round_trip", workers), 0) for workers in WORKERS),
        ", ".join(str(count) for count in used if count is not None),
    ]


LEGEND = (
    "*zip*: what is deployed, all by `zip -9`; the plain handler is a few lines, and runtime and client of Python and "
    "Node.js are Lambda's. *Cold*: from the start of the process to the answer at the caller, of an event that has "
    "nothing to hash, with the program's pages in memory; the median, in brackets the best. *Memory*: VmRSS after that "
    "event, the median. *Warm overhead*: what the function itself takes of the same event after {warm_up} calls: from "
    "the event's last byte to the answer's, and from the Runtime API's word on it to the next request. *{items} "
    "items*: at cost 10, at the caller; median and best. *Threads*: those with a twentieth or more of the processor "
    "time of such a call, by the kernel's accounts, with 1 and 2 workers."
)

BARS_NOTE = (
    "Bars are on medians. A cold start includes what the emulator does between start and answer. The warm overhead is "
    "the function's own share, for the emulator's is several times larger and the same for all; the round trip, which "
    "has both, stands below it. Lines without a bar are for reading."
)


def bar_table(results: Results) -> str:
    heads = ["figure", "ours", "theirs", "ratio of the medians", "of the best", "bar", ""]
    return table(heads, [bar_line(each) for each in results.verdicts])


def bar_line(each: bars.Verdict) -> list[str]:
    limit = "" if each.bar.limit is None else f"≤ {each.bar.limit:.2f}"
    ratios = ["" if value is None else f"{value:.3f} x" for value in (each.ratio, each.best)]
    return [each.bar.text, amount(each.ours, each.bar), amount(each.theirs, each.bar), *ratios, limit, each.word]


def amount(value: float | None, bar: bars.Bar) -> str:
    if value is None:
        return ""
    return f"{ms(value)} ms" if bar.unit == "ms" else f"{value:,.0f} {bar.unit}"


def parts_table(results: Results) -> Iterator[str]:
    heads = ["function", "warm round trip, ms: p50 / p95 / p99", "event to answer, ms", "answer to next request, ms"]
    heads += ["start to first request, ms", "first event to answer, ms", "cold start with one hash, ms"]
    yield table(heads, [parts_line(results.samples, each) for each in results.contestants])
    yield (
        "Medians, in brackets the best. The round trip is at the caller, without the tap. What a function puts off "
        "until it hashes for the first time is in the last column: there the first event has one password, at cost 10."
    )


def parts_line(found: Samples, each: Contestant) -> list[str]:
    columns = ((WARM_TAPPED, "handle"), (WARM_TAPPED, "turn"), (COLD_TAPPED, "init"), (COLD_TAPPED, "handle"))
    return [
        each.name,
        percentiles(found.figure(WARM, each.key, "round_trip")),
        *(median_and_best(found.figure(measure, each.key, column), 2) for measure, column in columns),
        median_and_best(found.figure(FIRST_HASH, each.key, "since_start")),
    ]


def contestants_table(results: Results) -> str:
    return table(["function", "made of"], [[each.name, each.version] for each in results.contestants])


def missing(results: Results) -> Iterator[str]:
    yield "## Not measured"
    lines = [f"- {key}: {reason}" for key, reason in results.skipped.items()]
    yield "\n".join(lines) if lines else "Nothing: every function could be had."


def write(results: Results, plots: Iterable[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "LAMBDA.md").write_text(markdown(results, plots))
    results.samples.write(folder / "lambda.csv")
