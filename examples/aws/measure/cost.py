"""What a million invocations cost on each configuration, from measured durations and a dated file of prices.

Lambda bills milliseconds, rounded up, times memory, and each request. Data transfer, logs and cold starts are left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from .configurations import ITEMS, PUBLISHED_MS, Configuration
from .failure import WrongFile
from .summary import Summary
from .tables import TITLES, number, table

BEGIN, END = "<!-- cost table: begin (bench.py's) -->", "<!-- cost table: end -->"
PRICES = Path(__file__).resolve().parent / "prices" / "prices-2026-11.json"


@dataclass(frozen=True)
class Prices:
    """`gb_second` by architecture and `million_requests` in `currency`; first tier."""

    looked_up: str
    source: str
    region: str
    currency: str
    mb_per_gb: int
    million_requests: float
    gb_second: dict[str, float]

    def million(self, configuration: Configuration, billed_ms: float) -> float:
        """Of a million invocations of so many billed milliseconds each."""
        gb_seconds = billed_ms / 1000 * configuration.memory_mb / self.mb_per_gb
        return gb_seconds * self.gb_second[configuration.architecture] * 1e6 + self.million_requests


def load(path: Path = PRICES) -> Prices:
    """Raises WrongFile if the file cannot be read or lacks a price."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Prices(
            looked_up=str(found["looked_up"]),
            source=str(found["source"]),
            region=str(found["region"]),
            currency=str(found["currency"]),
            mb_per_gb=int(found["mb_per_gb"]),
            million_requests=float(found["per_million_requests"]),
            gb_second={name: float(found["per_gb_second"][name]["price"]) for name in PUBLISHED_MS},
        )
    except OSError as error:
        raise WrongFile(f"cannot read {path}: {error.strerror}") from error
    except KeyError as error:
        raise WrongFile(f"{path} has no {error.args[0]}: is it a file of prices?") from error
    except (ValueError, TypeError) as error:
        raise WrongFile(f"{path} is not a file of prices") from error


@dataclass(frozen=True)
class Priced:
    """One row. On AWS `ms` and `billed_ms` are what was measured; of a local run, what is estimated from it."""

    summary: Summary
    ms: float
    billed_ms: float
    million: float

    @property
    def configuration(self) -> Configuration:
        return self.summary.configuration


def estimated_ms(summary: Summary) -> float:
    """What Lambda would take, by the processor time that the threads had here: the longest thread's, or that of all of
    them over the processors that the memory pays for, whichever is more.

    Other programs on this machine, and more threads than cores, are not in it; how fast Lambda's processors are is not
    either. Where threads were not seen: the time, times the processors that they had, over those that they would have.
    """
    vcpus = summary.configuration.vcpus
    if summary.ran_ms is not None and summary.longest_ms is not None:
        return max(summary.longest_ms, summary.ran_ms / vcpus)
    had = min(summary.threads_used, summary.processors)
    return summary.median_ms * had / min(summary.threads_used, vcpus)


def price(summary: Summary, prices: Prices) -> Priced:
    """By the mean of the billed milliseconds, or of the function's own where no report told them."""
    billed = summary.billed_ms if summary.billed_ms is not None else math.ceil(summary.mean_ms)
    milliseconds = summary.median_ms
    if summary.target == "local":
        milliseconds = estimated_ms(summary)
        billed = math.ceil(milliseconds + summary.overhead_ms)
    return Priced(summary, milliseconds, billed, prices.million(summary.configuration, billed))


def published_million(configuration: Configuration, prices: Prices) -> float:
    """The sample's, from its published times and the same prices.

    Its own table is 2 % higher: it takes a GB for 1,000 MB, and adds no requests.
    """
    return prices.million(configuration, PUBLISHED_MS[configuration.architecture][configuration.workers])


def _names(local: bool, currency: str) -> list[str]:
    measured = ["measured\nms", "estimated\nms"] if local else ["median\nms"]
    costs = [f"{currency} for 1M\ncalls", "1M\nhashes", "the sample's\n1M calls", "over\nthis"]
    return ["configuration", *measured, "billed\nms", *costs, "mark"]


def _cells(rows: list[Priced], prices: Prices) -> Iterator[list[str]]:
    local = rows[0].summary.target == "local"
    cheapest, fastest = min(rows, key=lambda row: row.million), min(rows, key=lambda row: row.ms)
    for row in rows:
        sample = published_million(row.configuration, prices) if _comparable(row.summary) else None
        yield [
            row.configuration.text,
            *([number(row.summary.median_ms)] if local else []),
            number(row.ms),
            number(row.billed_ms, 0 if local else 1),
            number(row.million, 2),
            number(row.million / row.summary.items, 3),
            number(sample, 2),
            f"{sample / row.million:.2f}" if sample else number(None),
            ", ".join(name for name, best in (("cheapest", cheapest), ("fastest", fastest)) if best is row),
        ]


def show(out: Console, rows: list[Priced], prices: Prices) -> None:
    first = rows[0].summary
    names = _names(first.target == "local", prices.currency)
    shown = table(f"Cost of {first.items} items. {TITLES[first.target]}", names[:1], names[1:-1], names[-1:])
    for cells in _cells(rows, prices):
        shown.add_row(*cells)
    out.print(shown)
    for line in _remarks(rows, prices):
        out.print(escape(line))


def markdown(rows: list[Priced], prices: Prices) -> str:
    """The same, with the date of the runs, for a text between the marks of `insert`."""
    first = rows[0].summary
    names = [name.replace("\n", " ") for name in _names(first.target == "local", prices.currency)]
    lines = [f"{TITLES[first.target]}: {first.items} items at cost 10, {first.runs} warm runs each, {first.date}.", ""]
    lines += [f"| {' | '.join(names)} |", f"|---|{'--:|' * (len(names) - 2)}---|"]
    lines += [f"| {' | '.join(cells)} |" for cells in _cells(rows, prices)]
    return "\n".join([*lines, "", *(f"{line}  " for line in _remarks(rows, prices))]) + "\n"


def insert(path: Path, text: str) -> None:
    """Puts the text in place of what is between the two marks. Raises WrongFile if they are not there once each."""
    try:
        old = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongFile(f"cannot read {path}: {error}") from error
    before, _, rest = old.partition(BEGIN)
    between, _, after = rest.partition(END)
    if old.count(BEGIN) != 1 or old.count(END) != 1 or END not in rest:
        raise WrongFile(f"{path} has not one line {BEGIN} and one line {END} behind it")
    if between.strip() != text.strip():
        path.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def _comparable(summary: Summary) -> bool:
    known = PUBLISHED_MS.get(summary.configuration.architecture, {})
    return summary.items == ITEMS and summary.configuration.workers in known


def _remarks(rows: list[Priced], prices: Prices) -> list[str]:
    lines = [
        f"Prices: {prices.region}, first tier, looked up {prices.looked_up}, {prices.source}",
        "Sample's: from the times that it published for its Rust function, at the same prices.",
    ]
    if rows[0].summary.target == "local":
        lines += [
            "Estimated: the longest thread's processor time, or that of all threads over the processors that the",
            "memory pays for (1,769 MB each), if that is more. Lambda's processors are others: measure on AWS too.",
        ]
    return lines
