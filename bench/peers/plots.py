"""The pictures. On white, so that they read the same on a light page and on a dark one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.peers import bars, john
from bench.peers.catalogue import LIBCRYPT, MANY, OURS, SAMPLE
from bench.peers.report import PUBLISHED, Results
from bench.peers.sections import SAMPLE_ITEMS, SAMPLE_WORKERS
from bench.peers.turns import Row

BLUE, GREY, BROWN = "#2b6cb0", "#9aa5b1", "#b5651d"
OTHERS = ("#b5651d", "#3c7a57", "#8a4f9e", "#c2403d", "#7a6a53", "#d69e2e", "#4a5568")  # none is like BLUE


def canvas() -> Any:
    """matplotlib.pyplot, set so that the same rows give the same file."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "lanecrypt"
    matplotlib.rcParams["font.size"] = 10
    from matplotlib import pyplot

    return pyplot


def save(figure: Any, path: Path) -> None:
    """Writes a figure, without the date, and drops it."""
    figure.savefig(path, dpi=120, metadata={"Date": None} if path.suffix == ".svg" else None)
    canvas().close(figure)


def draw_all(results: Results, folder: Path, ending: str = "svg") -> list[str]:
    """Draws what there are rows for; answers the names of the files."""
    pyplot = canvas()
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for name, (draw, section, size) in PLOTS.items():
        if results.of(section):
            figure, axes = pyplot.subplots(figsize=size, layout="constrained", facecolor="white")
            draw(axes, results)
            axes.spines[["top", "right"]].set_visible(False)
            axes.set_axisbelow(True)
            names.append(f"peers_{name}.{ending}")
            save(figure, folder / names[-1])
    return names


def throughput(axes: Any, results: Results) -> None:
    cost = highest_compared(results)
    rows = [r for r in results.of("rates", 1) if r.cost == cost]
    rows += [r for r in results.of("john", 1) if (r.peer, r.cost) == (john.SEARCH, cost)]
    rows.sort(key=lambda row: -row.best)
    rates = [1 / row.best for row in rows]
    drawn = axes.barh(
        [r.peer for r in rows], rates, color=[BLUE if r.peer == OURS else GREY for r in rows], height=0.65
    )
    axes.bar_label(drawn, [f"{rate:,.1f}" for rate in rates], padding=4)
    axes.set_xlim(0, max(rates) * 1.1)
    axes.set_xlabel(f"hashes per second on one core at cost {cost}")


def highest_compared(results: Results) -> int:
    costs = {row.cost for row in results.of("rates", 1)}
    return 10 if 10 in costs else max(costs)


def steps(axes: Any, results: Results) -> None:
    rows = results.of("steps")
    looks = {OURS: (BLUE, "o-"), MANY: (BROWN, "s--"), LIBCRYPT: (GREY, "-")}
    for name, (colour, look) in looks.items():
        own = sorted((row for row in rows if row.peer == name), key=lambda row: row.jobs)
        if name == LIBCRYPT and own:  # one after the other: a straight line, which leaves the picture
            sizes, times = [0.0, 32.0], [0.0, 32 * own[0].best * 1e3]
        else:
            sizes, times = [float(row.jobs) for row in own], [row.best * row.jobs * 1e3 for row in own]
        axes.plot(sizes, times, look, color=colour, markersize=4, linewidth=1.3, label=name)
    top = max(row.best * row.jobs * 1e3 for row in rows if row.peer != LIBCRYPT)
    axes.set_ylim(0, top * 1.25)
    axes.set_xlim(0, 33)
    axes.set_xticks(range(0, 33, 4))
    axes.grid(alpha=0.3)
    axes.set_xlabel("hashes in a batch, on one core")
    axes.set_ylabel(f"milliseconds at cost {rows[0].cost}")
    axes.legend(frameon=False, loc="lower right")


def threads(axes: Any, results: Results) -> None:
    rows = results.of("threads")
    counts = sorted({row.threads for row in rows})
    axes.set_prop_cycle(color=OTHERS)
    axes.plot([1, counts[-1]], [1, counts[-1]], ":", color="black", label="ideal")
    for name, points in sorted(speed_ups(rows).items(), key=lambda each: -each[1][-1][1]):
        look = {"color": BLUE, "linewidth": 2.2, "zorder": 5} if name == OURS else {"linewidth": 1.1, "alpha": 0.8}
        axes.plot(*zip(*points, strict=True), "o-", markersize=4, label=f"{name}: {points[-1][1]:.2f}", **look)
    axes.set_xticks(counts)
    axes.grid(alpha=0.3)
    axes.set_xlabel(f"threads, as many cores; cost {rows[0].cost}")
    axes.set_ylabel("rate over one thread's")
    axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1.02, 0.5))


def speed_ups(rows: list[Row]) -> dict[str, list[tuple[int, float]]]:
    """(threads, rate over one thread's) of each peer that was measured with one."""
    of_one = {row.peer: row for row in rows if row.threads == 1}
    taken: dict[str, list[tuple[int, float]]] = {}
    for row in sorted(rows, key=lambda row: row.threads):
        if pair := bars.over(of_one.get(row.peer), row):
            taken.setdefault(row.peer, []).append((row.threads, pair[0]))
    return taken


def sample(axes: Any, results: Results) -> None:
    rows = results.of("sample")
    for name, colour, label in ((SAMPLE, BROWN, "the Rust sample here"), (OURS, BLUE, "lanecrypt here")):
        own = {row.threads: row.best * row.jobs * 1e3 for row in rows if row.peer == name and row.threads > 0}
        axes.plot(list(own), list(own.values()), "o-", color=colour, label=label, zorder=5)
        for workers, milliseconds in own.items():
            axes.annotate(
                f"{milliseconds:,.0f}",
                (workers, milliseconds),
                (0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=8,
            )
    for (name, times), look in zip(PUBLISHED.items(), ("v:", "^:"), strict=True):
        axes.plot(list(SAMPLE_WORKERS), times, look, color=GREY, label=f"the sample, published, {name}", markersize=5)
    axes.set_ylim(0, axes.get_ylim()[1])
    axes.set_xticks(list(SAMPLE_WORKERS))
    axes.grid(alpha=0.3)
    axes.set_xlabel(f"workers ({results.cores} cores here); published: AWS Lambda at 1536 to 10240 MB")
    axes.set_ylabel(f"milliseconds for {SAMPLE_ITEMS} items at cost {rows[0].cost}")
    axes.legend(frameon=False, loc="upper right")


# Name: how it is drawn, which rows it needs, inches.
PLOTS: dict[str, tuple[Callable[[Any, Results], None], str, tuple[float, float]]] = {
    "throughput": (throughput, "rates", (7.5, 4.2)),
    "steps": (steps, "steps", (7.5, 3.8)),
    "threads": (threads, "threads", (7.5, 3.8)),
    "sample": (sample, "sample", (7.5, 4.0)),
}
