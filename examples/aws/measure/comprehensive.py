"""Warm runs of the sample's event on each configuration, with their percentiles, and arm64 beside x86_64."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from rich.console import Console

from .configurations import ARCHITECTURES, Configuration, sample_event
from .runs import Run, RunsFile
from .summary import PERCENTS, Summary
from .tables import NOTHING, TITLES, number, table
from .targets import Function, Session, Target, counted, hashing_threads


def measure(
    target: Target, functions: list[Function], items: int, runs: int, file: RunsFile, step: Callable[[], None]
) -> list[Run]:
    """`runs` warm runs of each function, one function after the other. Rows are in the file before `step` is called."""
    rows: list[Run] = []
    for function in functions:
        with target.open(function) as session:
            rows += _measure_one(target, function, session, items, runs, file, step)
    return rows


def _measure_one(
    target: Target,
    function: Function,
    session: Session,
    items: int,
    runs: int,
    file: RunsFile,
    step: Callable[[], None],
) -> list[Run]:
    rows: list[Run] = []
    warm = 0
    # Lambda may start another environment at any time: such a run is kept but not counted, and made up for. Twice as
    # many is enough for that, and an end where every run is cold.
    while warm < runs and len(rows) <= 2 * runs:
        rows.append(_run(target, function, session, items, len(rows)))
        file.write(rows[-1])
        if rows[-1].warm:
            warm += 1
            step()
    return rows


def _run(target: Target, function: Function, session: Session, items: int, number: int) -> Run:
    started = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    before = session.thread_ms()
    result = session.invoke(sample_event(items))
    answer = counted(function, result, items)
    took = [ran for ran, _ in hashing_threads(before, session.thread_ms(), answer["threads_used"])]
    report = result.report
    assert function.workers is not None
    return Run(
        target=target.label,
        function=function.name,
        architecture=function.architecture,
        memory_mb=function.memory_mb,
        workers=function.workers,
        processors=round(target.processors(function), 3),
        items=items,
        run=number,
        started=started,
        duration_ms=answer["duration_ms"],
        billed_ms=result.billed_ms,
        round_trip_ms=round(result.round_trip_ms, 3),
        init_ms=report.init_ms if report else None,
        max_memory_mb=report.max_memory_mb if report else None,
        threads_used=answer["threads_used"],
        ran_ms=round(sum(took), 3) if took else None,
        longest_ms=round(max(took), 3) if took else None,
    )


def show(out: Console, summaries: list[Summary]) -> None:
    first = summaries[0]
    title = f"{first.items} items at cost 10, warm. {TITLES[first.target]}"
    names = ["threads", "runs", "mean ms", *(f"P{percent}" for percent in PERCENTS), "billed ms", "init ms"]
    remarks = ["processors"] if any(summary.note for summary in summaries) else []
    rows = table(title, ["configuration"], names, remarks)
    for each in summaries:
        figures = [each.mean_ms, *each.percentiles_ms, each.billed_ms]
        rows.add_row(
            each.configuration.text,
            str(each.threads_used),
            str(each.runs),
            *(number(figure) for figure in figures),
            number(each.init_ms, 1),
            *([each.note] if remarks else []),
        )
    out.print(rows)
    if max(each.runs for each in summaries) < 100:
        out.print("P99 of fewer than 100 runs is the slowest run.")
    measured = sorted({each.configuration.architecture for each in summaries})
    if len(measured) == len(ARCHITECTURES):
        out.print(_side_by_side(summaries))
    else:
        out.print(f"arm64 beside x86_64: there are runs of {measured[0]} alone.")


def _side_by_side(summaries: list[Summary]) -> object:
    medians = {each.configuration: each.median_ms for each in summaries}
    local = " (local)" if summaries[0].target == "local" else ""
    rows = table(
        f"arm64 beside x86_64, median{local}", ["memory"], ["workers", "arm64 ms", "x86_64 ms", "x86_64 over arm64"]
    )
    for memory, workers in sorted({(each.configuration.memory_mb, each.configuration.workers) for each in summaries}):
        arm, x86 = (medians.get(Configuration(name, memory, workers)) for name in ARCHITECTURES)
        ratio = f"{x86 / arm:.2f}" if arm and x86 else NOTHING
        rows.add_row(f"{memory:,} MB", str(workers), number(arm), number(x86), ratio)
    return rows
