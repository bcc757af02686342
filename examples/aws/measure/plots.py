"""Time and cost against memory, beside what the sample published. On white, so that they read the same on any page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .configurations import ITEMS, MEMORY_MB, PUBLISHED_MS, Configuration
from .cost import Priced, Prices, published_million

COLOURS = {"arm64": "#b5651d", "x86_64": "#2b6cb0"}
PALE = {"arm64": "#dcb48c", "x86_64": "#9dbfe3"}
MARKERS = {"arm64": "s", "x86_64": "o"}
SIZE = (7.8, 4.8)


def draw(rows: list[Priced], prices: Prices, folder: Path, stem: str, endings: Sequence[str]) -> list[Path]:
    """`stem`-time and `stem`-cost as svg, png or both. Answers their paths; they are replaced if they are there."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "lanecrypt", "font.size": 10})
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for what, fill in (("time", _time), ("cost", _cost)):
        figure, axes = pyplot.subplots(figsize=SIZE, layout="constrained", facecolor="white")
        fill(axes, rows, prices)
        _memory_axis(axes)
        figure.legend(frameon=False, fontsize=9, loc="outside lower center", ncols=2)
        figure.suptitle(_title(what, rows), fontsize=11, x=0.01, ha="left")
        for ending in endings:
            paths.append(folder / f"{stem}-{what}.{ending}")
            metadata = {"Date": None} if ending == "svg" else None
            figure.savefig(paths[-1], dpi=120, metadata=metadata)
        pyplot.close(figure)
    return paths


def _title(what: str, rows: list[Priced]) -> str:
    summary = rows[0].summary
    place = "lanecrypt on AWS Lambda"
    if summary.target == "local":
        place = "lanecrypt measured locally (not on AWS)"
    beside = " and the sample" if _published_beside(rows) else ""
    return f"{what.capitalize()} of {summary.items} bcrypt hashes at cost 10: {place}{beside}"


def _memory_axis(axes: Any) -> None:
    """The six sizes at equal distances: to scale, the first two would stand on one another."""
    labels = [f"{size:,} MB\n{_workers(workers)}" for workers, size in MEMORY_MB.items()]
    axes.set_xticks(list(MEMORY_MB), labels, fontsize=9)
    axes.set_xlim(0.6, len(MEMORY_MB) + 0.4)
    axes.set_xlabel("memory of the function, with WORKER_COUNT")
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers"


def _time(axes: Any, rows: list[Priced], _prices: Prices) -> None:
    for architecture, published in _published_beside(rows).items():
        points = [(workers, float(ms)) for workers, ms in published.items()]
        _published(axes, points, architecture)
    lines: list[tuple[list[Priced], list[float]]] = []
    for architecture, own in _by_architecture(rows):
        if own[0].summary.target == "local":
            # What the machine really took stands beside the estimate, without a line.
            axes.plot(
                [row.configuration.workers for row in own],
                [row.summary.median_ms for row in own],
                "x",
                color="black",
                markersize=5,
                zorder=6,
                label=f"lanecrypt, {architecture}: measured here, {own[-1].summary.processors:g} processors",
            )
        lines.append((own, [row.ms for row in own]))
        _measured(axes, *lines[-1], architecture)
    _label(axes, lines, "{:,.0f}")
    axes.set_yscale("log")
    axes.set_yticks([50, 100, 200, 500, 1000, 2000], ["50", "100", "200", "500", "1,000", "2,000"])
    axes.minorticks_off()
    axes.set_ylim(_floor(rows), 2500)
    axes.set_ylabel("milliseconds, median (logarithmic)")


def _published_beside(rows: list[Priced]) -> dict[str, dict[int, int]]:
    """The sample's times are those of its own number of items."""
    return PUBLISHED_MS if rows[0].summary.items == ITEMS else {}


def _floor(rows: list[Priced]) -> float:
    lowest = min(min(row.ms, row.summary.median_ms) for row in rows)
    return min(lowest * 0.65, 50)


def _cost(axes: Any, rows: list[Priced], prices: Prices) -> None:
    highest = 0.0
    for architecture in _published_beside(rows):
        configurations = [Configuration(architecture, memory, workers) for workers, memory in MEMORY_MB.items()]
        points = [(each.workers, published_million(each, prices)) for each in configurations]
        highest = max(highest, *(cost for _, cost in points))
        _published(axes, points, architecture)
    lines: list[tuple[list[Priced], list[float]]] = []
    for architecture, own in _by_architecture(rows):
        lines.append((own, [row.million for row in own]))
        _measured(axes, *lines[-1], architecture)
    _label(axes, lines, "{:.2f}")
    axes.set_ylim(0, max(highest, *(row.million for row in rows)) * 1.08)
    axes.set_ylabel(f"{prices.currency} per million invocations\n({prices.region}, looked up {prices.looked_up})")


def _by_architecture(rows: list[Priced]) -> list[tuple[str, list[Priced]]]:
    grouped: dict[str, list[Priced]] = {}
    for row in rows:
        grouped.setdefault(row.configuration.architecture, []).append(row)
    return list(grouped.items())


def _published(axes: Any, points: list[tuple[int, float]], architecture: str) -> None:
    axes.plot(
        *zip(*points, strict=True),
        MARKERS[architecture] + "--",
        color=PALE[architecture],
        markersize=4,
        linewidth=1.2,
        label=f"Rust sample, {architecture}: published by AWS (on Lambda)",
    )


def _measured(axes: Any, own: list[Priced], values: list[float], architecture: str) -> None:
    how = "estimated from local processor time" if own[0].summary.target == "local" else "measured on Lambda"
    workers = [row.configuration.workers for row in own]
    axes.plot(
        workers,
        values,
        MARKERS[architecture] + "-",
        color=COLOURS[architecture],
        markersize=5,
        linewidth=1.8,
        zorder=5,
        label=f"lanecrypt, {architecture}: {how}",
    )


def _label(axes: Any, lines: list[tuple[list[Priced], list[float]]], form: str) -> None:
    """Figures above the higher of two lines and below the lower one; of a local line, away from what was measured."""
    highest: dict[int, float] = {}
    for own, values in lines:
        for row, value in zip(own, values, strict=True):
            highest[row.configuration.workers] = max(value, highest.get(row.configuration.workers, 0.0))
    for own, values in lines:
        for row, value in zip(own, values, strict=True):
            summary = row.summary
            local = summary.target == "local"
            above = summary.median_ms < row.ms if local else value == highest[row.configuration.workers]
            axes.annotate(
                form.format(value),
                (row.configuration.workers, value),
                (0, 7 if above else -14),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                color=COLOURS[row.configuration.architecture],
                zorder=7,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5},
            )
