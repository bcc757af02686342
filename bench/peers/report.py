"""The results as Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.peers import bars, john, machine
from bench.peers.catalogue import LIBCRYPT, OURS, SAMPLE, Peer, engine, engines
from bench.peers.sections import BATCHES, SAMPLE_ITEMS, SAMPLE_WORKERS, SEQUENTIAL, find, on
from bench.peers.turns import Row

COMMAND = "./dev bench peers"
# What is said to be published of the sample: 20 items on AWS Lambda at 1536 to 10240 MB, milliseconds for 1..6 workers.
PUBLISHED = {"arm64": (1885, 1334, 685, 463, 338, 280), "x86_64": (1671, 1253, 892, 429, 330, 292)}


@dataclass
class Results:
    machine: dict[str, Any]
    peers: dict[str, Peer]
    skipped: dict[str, str]
    left_out: list[str]
    rows: list[Row]
    rounds: int
    minutes: float = 0
    counters: dict[str, dict[str, float]] = field(default_factory=dict)
    no_counters: str = ""

    @property
    def cores(self) -> int:
        return int(self.machine["cores_used"])

    def of(self, section: str, threads: int | None = None) -> list[Row]:
        return [r for r in self.rows if r.section == section and threads in (None, r.threads)]


def markdown(results: Results, plots: Iterable[str]) -> str:
    parts = [head(results), *(f"![{name}]({name})" for name in plots)]
    parts += ["## Bars", *bar_table(results)]
    for section in (peer_rates, single_times, batch_rates, group_rates, sample_times, speed_ups, counted, missing):
        parts += list(section(results))
    return "\n\n".join(part for part in parts if part) + "\n"


def head(results: Results) -> str:
    quiet = results.machine["load_average"] <= machine.QUIET
    words = (
        f"# lanecrypt beside every other bcrypt\n\nWritten by `{COMMAND}` in {results.minutes:.0f} minutes; what each "
        f"row is and how it is measured stands in bench/README.md.\n\n{machine.sentence(results.machine)} Best of at "
        f"least {results.rounds} alternating rounds, the median in brackets; engine `{engine()}`. What "
        "workers hashed was compared with libcrypt's hashes in every turn."
    )
    return words if quiet else words + "\n\nThe machine was not quiet."


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def bar_table(results: Results) -> Iterator[str]:
    def line(bar: bars.Bar, pair: bars.Pair | None, verdict: str) -> list[str]:
        sign = "≥" if bar.at_least else "≤"
        stretch = "" if bar.stretch is None else f"{sign} {bar.stretch:.2f}"
        values = [f"{value:.3f} x" for value in pair] if pair else ["", ""]
        return [bar.text, *values, f"{sign} {bar.bar:.2f}", stretch, verdict]

    judged = bars.judged(results.rows, results.cores)
    yield table(["figure", "best", "median", "bar", "stretch", ""], [line(*each) for each in judged])
    yield (
        f"John's `--test` knows cost 5 only. A hash of cost 10 is {john.work(10) / john.work(5):.2f} times its work: a "
        "key schedule is 521 encryptions of Blowfish, a hash 2^(cost+1) + 1 of them and 192 encryptions at its end."
    )


def rate_cell(row: Row | None) -> str:
    return "" if row is None else f"{1 / row.best:,.1f} ({1 / row.median:,.1f})"


def peer_rates(results: Results) -> Iterator[str]:
    for cores in sorted({row.threads for row in results.of("rates")}):
        rows = results.of("rates", cores) + [r for r in results.of("john", cores) if r.peer != OURS]
        if rows:
            yield f"## Hashes per second on {on(cores)}"
            yield rate_table(results, rows)


def rate_table(results: Results, rows: list[Row]) -> str:
    costs = sorted({row.cost for row in rows})

    def at(peer: str, cost: int) -> Row | None:
        return next((row for row in rows if (row.peer, row.cost) == (peer, cost)), None)

    def ratio(peer: str) -> str:
        compared = bars.over(at(peer, costs_compared), at(OURS, costs_compared))
        return f"{compared[0]:.2f} x ({compared[1]:.2f})" if compared else ""

    costs_compared = 10 if 10 in costs else costs[-1]
    names = sorted({row.peer for row in rows}, key=lambda peer: rate_key(at(peer, costs_compared), at(peer, costs[0])))
    heads = ["peer", "version", *(f"cost {cost}" for cost in costs), f"lanecrypt over it, cost {costs_compared}"]
    return table(
        heads, [[name, version(results, name), *(rate_cell(at(name, c)) for c in costs), ratio(name)] for name in names]
    )


def rate_key(row: Row | None, other: Row | None) -> tuple[bool, float]:
    """Fastest first; what has no figure at the cost that is compared comes last."""
    known = row or other
    return row is None, known.best if known else 0.0


def version(results: Results, name: str) -> str:
    if name in results.peers:
        return results.peers[name].version
    return john.version() if name in (john.TEST, john.SEARCH) else ""


def single_times(results: Results) -> Iterator[str]:
    rows = sorted(results.of("singles"), key=lambda row: row.best)
    libcrypt = next((row for row in rows if row.peer == LIBCRYPT), None)
    if libcrypt is None:
        return
    yield f"## One hash at cost {libcrypt.cost}"
    yield table(
        ["peer", "best, ms", "median, ms", "of libcrypt's"],
        [[r.peer, f"{r.best * 1e3:.2f}", f"{r.median * 1e3:.2f}", f"{r.best / libcrypt.best:.3f} x"] for r in rows],
    )


def batch_rates(results: Results) -> Iterator[str]:
    rows = results.of("batches")
    costs = sorted({row.cost for row in rows})
    for threads in sorted({row.threads for row in rows}):
        yield f"## Our batches on {on(threads)}, hashes per second"
        cell = cells(lambda size, cost, n=threads: find(rows, "batches", OURS, cost, size, n))  # type: ignore[misc]
        yield table(
            ["jobs", *(f"cost {cost}" for cost in costs)], [[f"{size:,}", *map(cell(size), costs)] for size in BATCHES]
        )


def cells(get: Callable[[int, int], Row | None]) -> Callable[[int], Callable[[int], str]]:
    return lambda first: lambda second: rate_cell(get(first, second))


def group_rates(results: Results) -> Iterator[str]:
    rows = results.of("groups")
    for cost in sorted({row.cost for row in rows}):
        of_cost = [row for row in rows if row.cost == cost]
        yield f"## Every engine and width at cost {cost}, hashes per second on one core"
        widths = sorted({row.jobs for row in of_cost})
        names = list(dict.fromkeys(row.peer for row in of_cost))
        yield table(
            ["lanes", *names],
            [[str(w), *(rate_cell(find(of_cost, "groups", name, cost, w, 1)) for name in names)] for w in widths],
        )


def sample_times(results: Results) -> Iterator[str]:
    rows = results.of("sample")
    if not rows:
        return
    cost = rows[0].cost
    yield f"## {SAMPLE_ITEMS} items at cost {cost}, by workers"
    yield table(
        ["workers", "Rust sample, ms", "lanecrypt, ms", "ratio", *(f"published, {name}" for name in PUBLISHED)],
        [sample_line(rows, cost, n) for n in (SEQUENTIAL, *SAMPLE_WORKERS)],
    )
    yield (
        f"This machine has {results.cores} cores, which more workers share. Published: the sample's own figures, said "
        "to be of AWS Lambda at 1536 to 10240 MB; other machines, so only their shape compares."
    )


def sample_line(rows: list[Row], cost: int, workers: int) -> list[str]:
    theirs = find(rows, "sample", SAMPLE, cost, SAMPLE_ITEMS, workers)
    ours = find(rows, "sample", OURS, cost, SAMPLE_ITEMS, max(1, workers))
    pair = bars.over(theirs, ours)
    name = "sequential" if workers == SEQUENTIAL else str(workers)
    ratio = f"{pair[0]:.2f} x ({pair[1]:.2f})" if pair else ""
    published = [f"{times[workers - 1]:,}" if workers else "" for times in PUBLISHED.values()]
    return [name, milliseconds(theirs), milliseconds(ours), ratio, *published]


def milliseconds(row: Row | None) -> str:
    return "" if row is None else f"{row.best * row.jobs * 1e3:.0f} ({row.median * row.jobs * 1e3:.0f})"


def speed_ups(results: Results) -> Iterator[str]:
    rows = results.of("threads")
    counts = sorted({row.threads for row in rows})
    if len(counts) < 2:
        return
    yield f"## Threads: rate over one thread's, at cost {rows[0].cost}"
    names = list(dict.fromkeys(row.peer for row in rows))
    yield table(["peer", *map(str, counts)], [[name, *speed_up_cells(rows, name, counts)] for name in names])


def speed_up_cells(rows: list[Row], name: str, counts: list[int]) -> Iterator[str]:
    by_threads = {row.threads: row for row in rows if row.peer == name}
    for threads in counts:
        pair = bars.over(by_threads.get(1), by_threads.get(threads))
        yield f"{pair[0]:.3f} ({pair[1]:.3f})" if pair else ""


def counted(results: Results) -> Iterator[str]:
    yield "## Performance counters"
    if not results.counters:
        yield f"None: {results.no_counters}."
        return
    events = list(dict.fromkeys(event for each in results.counters.values() for event in each))
    yield table(
        ["for each hash at cost 8", *events],
        [[name, *(f"{each.get(e, 0):,.0f}" for e in events)] for name, each in results.counters.items()],
    )


def missing(results: Results) -> Iterator[str]:
    lines = [f"- {name}: {reason}" for name, reason in results.skipped.items()]
    lines += [f"- {each}: left out, for it takes too long" for each in results.left_out]
    yield "## Not measured"
    yield "\n".join(lines) if lines else "Nothing: every peer could be had."


def as_json(results: Results) -> str:
    verdicts = [
        {**asdict(bar), "best": pair and pair[0], "median": pair and pair[1], "verdict": verdict}
        for bar, pair, verdict in bars.judged(results.rows, results.cores)
    ]
    whole = {
        "command": COMMAND,
        "machine": results.machine,
        "engine": engine(),
        "engines": engines(),
        "minutes": round(results.minutes, 1),
        "versions": {name: version(results, name) for name in (*results.peers, john.TEST)},
        "skipped": results.skipped,
        "left_out": results.left_out,
        "counters": results.counters or results.no_counters,
    }
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in whole.items()]
    lines += [f' "{key}": [\n{_lines(values)}\n ]' for key, values in (("bars", verdicts), ("rows", _rows(results)))]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _rows(results: Results) -> list[dict[str, Any]]:
    return [row.as_json() for row in results.rows]


def _lines(values: list[dict[str, Any]]) -> str:
    """A line for each, so that a change of a figure is a change of its line."""

    def short(value: Any) -> Any:
        return float(f"{value:.5g}") if isinstance(value, float) else value

    return ",\n".join("  " + json.dumps({key: short(value) for key, value in each.items()}) for each in values)


def write(results: Results, plots: Iterable[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "PEERS.md").write_text(markdown(results, plots))
    (folder / "peers.json").write_text(as_json(results))
