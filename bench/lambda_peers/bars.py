"""The bars, in one place, and what was measured against them. All are of medians, and of the zips' exact sizes.

Cold is from the start of the process to the answer at the caller. Warm is the function's own share, as the tap saw it:
the emulator takes several times as long as any function, and the same for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.lambda_peers.catalogue import BOOTSTRAP, CROWBAR, PLAIN, RUST
from bench.lambda_peers.samples import COLD, COLD_TAPPED, WARM, WARM_TAPPED, Samples

MET, MISSED, UNKNOWN = "met", "MISSED", "not measured"
ZIP = "zip"


@dataclass(frozen=True)
class Bar:
    text: str
    ours: str
    theirs: str
    measure: str
    column: str
    limit: float | None  # None: for reading beside the bar above it
    unit: str = "ms"


@dataclass(frozen=True)
class Verdict:
    bar: Bar
    ours: float | None = None  # medians, in microseconds, kB or bytes
    theirs: float | None = None
    best: float | None = None  # of the best of both

    @property
    def ratio(self) -> float | None:
        return self.ours / self.theirs if self.ours is not None and self.theirs else None

    @property
    def word(self) -> str:
        if self.bar.limit is None:
            return ""
        if self.ratio is None:
            return UNKNOWN
        return MET if self.ratio <= self.bar.limit else MISSED


BARS = (
    Bar("bootstrap, cold start, over Rust's", BOOTSTRAP, RUST, COLD, "since_start", 0.6),
    Bar("the same, its own share", BOOTSTRAP, RUST, COLD_TAPPED, "own", None),
    Bar("bootstrap, warm overhead, over Rust's", BOOTSTRAP, RUST, WARM_TAPPED, "own", 0.6),
    Bar("the same, round trip at the caller", BOOTSTRAP, RUST, WARM, "round_trip", None),
    Bar("bootstrap, memory after the first event, over Rust's", BOOTSTRAP, RUST, COLD, "rss_kb", 0.8, "kB"),
    Bar("bootstrap, zip, over Rust's", BOOTSTRAP, RUST, ZIP, ZIP, 1.0, "bytes"),
    Bar("Python module, cold start, over the plain handler's", CROWBAR, PLAIN, COLD, "since_start", 1.15),
    Bar("the same, its own share", CROWBAR, PLAIN, COLD_TAPPED, "own", None),
    Bar("Python module, warm overhead, over the plain handler's", CROWBAR, PLAIN, WARM_TAPPED, "own", 1.1),
    Bar("the same, round trip at the caller", CROWBAR, PLAIN, WARM, "round_trip", None),
)


def judged(samples: Samples, zips: Mapping[str, int]) -> Iterator[Verdict]:
    for bar in BARS:
        yield _zips(bar, zips) if bar.measure == ZIP else _medians(bar, samples)


def _zips(bar: Bar, zips: Mapping[str, int]) -> Verdict:
    if bar.ours not in zips or bar.theirs not in zips:
        return Verdict(bar)
    ours, theirs = zips[bar.ours], zips[bar.theirs]
    return Verdict(bar, ours, theirs, ours / theirs)


def _medians(bar: Bar, samples: Samples) -> Verdict:
    ours = samples.figure(bar.measure, bar.ours, bar.column)
    theirs = samples.figure(bar.measure, bar.theirs, bar.column)
    if ours is None or theirs is None:
        return Verdict(bar)
    return Verdict(bar, ours.p50, theirs.p50, ours.best / theirs.best)
