"""The pictures. On white, so that they read the same on a light page and on a dark one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.lambda_peers.catalogue import BOOTSTRAP, CROWBAR, ITEMS
from bench.lambda_peers.measure import WORKERS
from bench.lambda_peers.report import Results
from bench.lambda_peers.samples import COLD, WARM_TAPPED, Figure
from bench.lambda_peers.samples import ITEMS as ITEMS_MEASURE
from bench.peers.plots import BLUE, GREY, canvas, save

LIGHT = {BLUE: "#90b8de", GREY: "#cfd5dc"}  # of the same bar with one worker


def draw_all(results: Results, folder: Path, ending: str = "svg") -> list[str]:
    """Draws, and answers the names of the files."""
    pyplot = canvas()
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for name, (draw, size, columns) in PLOTS.items():
        figure, axes = pyplot.subplots(
            1, columns, figsize=size, layout="constrained", facecolor="white", sharey=True, squeeze=False
        )
        draw(axes[0], results)
        axes[0][0].invert_yaxis()  # which the panels share
        for each in axes[0]:
            each.spines[["top", "right"]].set_visible(False)
            each.set_axisbelow(True)
        names.append(f"lambda_{name}.{ending}")
        save(figure, folder / names[-1])
    return names


def colour(key: str) -> str:
    return BLUE if key in (BOOTSTRAP, CROWBAR) else GREY


def overhead(axes: Any, results: Results) -> None:
    """Cold start, warm overhead, memory: short is good."""
    panels: tuple[tuple[str, str, str, Callable[[Figure], str]], ...] = (
        ("cold start, ms", COLD, "since_start", lambda found: f"{found.p50 / 1e3:,.1f}"),
        ("warm overhead, ms", WARM_TAPPED, "own", lambda found: f"{found.p50 / 1e3:.2f}, p99 {found.p99 / 1e3:.2f}"),
        ("memory after the first event, MB", COLD, "rss_kb", lambda found: f"{found.p50 / 1e3:,.1f}"),
    )
    for each, (title, measure, column, words) in zip(axes, panels, strict=True):
        found = [(c, results.samples.figure(measure, c.key, column)) for c in results.contestants]
        shown = [(c, figure) for c, figure in found if figure is not None]
        values = [figure.p50 / 1e3 for _, figure in shown]
        drawn = each.barh([c.name for c, _ in shown], values, color=[colour(c.key) for c, _ in shown], height=0.65)
        each.bar_label(drawn, [words(figure) for _, figure in shown], padding=4, fontsize=9)
        each.set_xlim(0, max(values, default=1) * (1.75 if measure == WARM_TAPPED else 1.25))
        each.set_xlabel(title)


def items(axes: Any, results: Results) -> None:
    """What the function is for: the same twenty passwords, with one worker and with two."""
    only = axes[0]
    hashing = [c for c in results.contestants if c.hashes]
    highest = 0.0
    for place, contestant in enumerate(hashing):
        own = colour(contestant.key)
        for shift, workers in zip((-0.19, 0.19), WORKERS, strict=True):
            found = results.samples.figure(ITEMS_MEASURE, contestant.key, "round_trip", workers)
            if found is None:
                continue
            value = found.p50 / 1e3
            highest = max(highest, value)
            drawn = only.barh(place + shift, value, height=0.36, color=LIGHT[own] if workers == 1 else own)
            used = results.samples.threads(contestant.key, workers)
            words = "" if used is None else f"  ({used} thread{'s' * (used != 1)})"
            only.bar_label(drawn, [f"{value:,.0f}{words}"], padding=4, fontsize=9)
    only.set_yticks(range(len(hashing)), [c.name for c in hashing])
    only.set_xlim(0, highest * 1.25)
    only.set_xlabel(f"milliseconds for {ITEMS} items at cost 10: one worker (light), two workers (dark)")


# Name: how it is drawn, inches, panels side by side.
PLOTS: dict[str, tuple[Callable[[Any, Results], None], tuple[float, float], int]] = {
    "overhead": (overhead, (10.5, 3.2), 3),
    "items": (items, (8.5, 3.6), 1),
}
