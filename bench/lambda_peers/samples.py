"""What was measured, one row for each call, and the figures that are made of it."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

COLD, COLD_TAPPED, FIRST_HASH = "cold", "cold_tapped", "first_hash"
WARM, WARM_TAPPED, ITEMS, THREADS = "warm", "warm_tapped", "items", "threads"


@dataclass(frozen=True)
class Sample:
    """One call. Microseconds; None where this measure has no such figure."""

    measure: str
    contestant: str
    workers: int
    round: int
    round_trip: float | None = None  # at the caller
    since_start: float | None = None  # from the start of the process to the answer at the caller
    init: float | None = None  # from the start of the process to its first request for an event
    handle: float | None = None  # at the tap: from the event to the answer
    turn: float | None = None  # at the tap: from the API's word on the answer to the next request
    rss_kb: int | None = None
    threads: int | None = None


@dataclass(frozen=True)
class Figure:
    """Of all calls of one contestant and measure."""

    count: int
    best: float
    p50: float
    p95: float
    p99: float


def figure(values: Iterable[float]) -> Figure | None:
    """None where nothing was measured."""
    taken = sorted(values)
    if not taken:
        return None
    return Figure(len(taken), taken[0], statistics.median(taken), percentile(taken, 95), percentile(taken, 99))


def percentile(values: list[float], percent: int) -> float:
    """Of sorted values; between two of them in proportion."""
    place = (len(values) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


@dataclass(frozen=True)
class Samples:
    rows: list[Sample]

    def of(self, measure: str, contestant: str, workers: int | None = None) -> list[Sample]:
        return [
            row
            for row in self.rows
            if (row.measure, row.contestant) == (measure, contestant) and workers in (None, row.workers)
        ]

    def figure(self, measure: str, contestant: str, name: str, workers: int | None = None) -> Figure | None:
        """Of a column, or of `own`: what the function itself took of a call, as the tap saw it."""
        values = (_value(row, name) for row in self.of(measure, contestant, workers))
        return figure(value for value in values if value is not None)

    def threads(self, contestant: str, workers: int) -> int | None:
        found = [row.threads for row in self.of(THREADS, contestant, workers) if row.threads is not None]
        return statistics.mode(found) if found else None

    def without(self, contestants: Iterable[str]) -> Samples:
        out = set(contestants)
        return Samples([row for row in self.rows if row.contestant not in out])

    def write(self, path: Path) -> None:
        with path.open("w", newline="") as opened:
            writer = csv.writer(opened, lineterminator="\n")
            writer.writerow(_title(each.name) for each in fields(Sample))
            for row in self.rows:
                writer.writerow(_cell(value) for value in asdict(row).values())


def _value(row: Sample, name: str) -> float | None:
    if name != "own":
        value: float | None = getattr(row, name)
        return value
    parts = (row.init, row.handle) if row.measure == COLD_TAPPED else (row.handle, row.turn)
    return None if None in parts else sum(part for part in parts if part is not None)


def _title(name: str) -> str:
    return f"{name}_us" if name in ("round_trip", "since_start", "init", "handle", "turn") else name


def _cell(value: object) -> object:
    if isinstance(value, float):
        return round(value)
    return "" if value is None else value
