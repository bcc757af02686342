"""Percentiles of the warm runs of each configuration. Arithmetic alone; nothing is measured or printed here."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from .configurations import Configuration
from .runs import Run

PERCENTS = (50, 90, 95, 99)


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest rank: the least of the values that so many percent do not exceed. ValueError if there is none."""
    if not values:
        raise ValueError("no values")
    if not 0 < percent <= 100:
        raise ValueError("percent is over 0 and at most 100")
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]


@dataclass(frozen=True)
class Summary:
    """Of the warm runs of one configuration, milliseconds. `billed_ms` is the mean, None if unknown."""

    target: str
    function: str
    configuration: Configuration
    processors: float
    threads_used: int
    items: int
    date: str  # of the first warm run, UTC
    runs: int
    mean_ms: float
    percentiles_ms: tuple[float, ...]  # by PERCENTS
    billed_ms: float | None
    init_ms: float | None  # of the first call, if it was a cold start
    ran_ms: float | None  # medians of what the hashing threads ran together, and of the longest of them; None if unseen
    longest_ms: float | None
    overhead_ms: float  # median of what is billed beyond the function's own time

    @property
    def median_ms(self) -> float:
        return self.percentiles_ms[0]

    @property
    def shares_processors(self) -> bool:
        """More threads than processors: here only, where the machine has fewer than the memory pays for."""
        return self.target == "local" and self.threads_used > self.processors

    @property
    def has_too_much(self) -> bool:
        """More processor than the memory pays for: a local function is not held back as Lambda would do it."""
        return self.target == "local" and min(self.threads_used, self.processors) > self.configuration.vcpus

    @property
    def note(self) -> str:
        if self.shares_processors:
            return f"{self.threads_used} threads shared {self.processors:g} processors"
        if self.has_too_much:
            return f"had {self.processors:g}, the memory pays for {self.configuration.vcpus:.2f}"
        return ""


def summarize(runs: Sequence[Run]) -> list[Summary]:
    """By configuration, architectures one after the other. Configurations without a warm run are left out."""
    by_configuration: dict[Configuration, list[Run]] = {}
    for run in runs:
        by_configuration.setdefault(run.configuration, []).append(run)
    return [
        _summary(configuration, rows)
        for configuration, rows in sorted(by_configuration.items())
        if any(run.warm for run in rows)
    ]


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _summary(configuration: Configuration, rows: list[Run]) -> Summary:
    warm = [run for run in rows if run.warm]
    times = [run.duration_ms for run in warm]
    billed = [run.billed_ms for run in warm if run.billed_ms is not None]
    return Summary(
        target=warm[0].target,
        function=warm[0].function,
        configuration=configuration,
        processors=warm[0].processors,
        threads_used=max(run.threads_used for run in warm),
        items=warm[0].items,
        date=warm[0].started[:10],
        runs=len(warm),
        mean_ms=statistics.fmean(times),
        percentiles_ms=tuple(percentile(times, percent) for percent in PERCENTS),
        # A mean of some of the runs would not be that of the times beside it.
        billed_ms=statistics.fmean(billed) if len(billed) == len(warm) else None,
        ran_ms=_median([run.ran_ms for run in warm]),
        longest_ms=_median([run.longest_ms for run in warm]),
        overhead_ms=_median([run.billed_ms - run.duration_ms for run in warm if run.billed_ms is not None]) or 0.0,
        init_ms=next((run.init_ms for run in rows if run.init_ms is not None), None),
    )
