"""The progress bar: rows, rate and time left, on stderr, and only where stderr is a terminal.

Without a terminal nothing is shown and rich is not even loaded.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

RATE_SECONDS = 20.0  # the rate is that of about this long


def wanted(quiet: bool, output: str) -> bool:
    """A bar between the rows of the output would spoil both."""
    return not quiet and sys.stderr.isatty() and not (output == "-" and os.isatty(1))


class NoBar:
    """The same, without a terminal."""

    def __enter__(self) -> NoBar:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        pass

    def begin_chunk(self, fraction: float | None) -> None:
        pass

    def within_chunk(self, done: int, total: int) -> None:
        pass

    def end_chunk(self, rows: int) -> None:
        pass

    def say(self, what: str) -> None:
        pass


class Bar(NoBar):
    """`fraction` is how much of the input has been read when a chunk begins to be computed."""

    def __init__(self, what: str, rows_before: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            TextColumn("{task.fields[rows]:>9,} rows"),
            TextColumn("[cyan]{task.fields[rate]:>8}/s"),
            TextColumn(" [dim]{task.fields[left]}"),
        )
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True, expand=True)
        self._task: Any = self._progress.add_task(what, total=None, rows=rows_before, rate="-", left="")
        self._rows = rows_before
        self._from = self._to = 0.0
        self._known = False
        # (moment, rows, fraction), over which rate and time left are taken
        self._seen: list[tuple[float, int, float]] = []

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._progress.stop()

    def begin_chunk(self, fraction: float | None) -> None:
        self._known = fraction is not None
        self._from, self._to = self._to, fraction or 0.0
        if not self._seen:
            # Where an earlier run has ended is not known; its share must not count as this run's speed.
            self._from = self._to if self._rows else 0.0
            self._seen.append((time.monotonic(), self._rows, self._from))

    def within_chunk(self, done: int, total: int) -> None:
        part = done / total if total else 1.0
        self._show(self._rows + done, self._from + (self._to - self._from) * part)

    def end_chunk(self, rows: int) -> None:
        self._rows = rows
        self._show(rows, self._to)

    def say(self, what: str) -> None:
        self._progress.update(self._task, description=what, total=None)

    def _show(self, rows: int, fraction: float) -> None:
        now = time.monotonic()
        self._seen.append((now, rows, fraction))
        while len(self._seen) > 2 and now - self._seen[0][0] > RATE_SECONDS:
            self._seen.pop(0)
        then, old_rows, old_fraction = self._seen[0]
        seconds = max(now - then, 1e-6)
        fields: dict[str, Any] = {"rows": rows, "rate": short((rows - old_rows) / seconds)}
        if self._known:
            speed = (fraction - old_fraction) / seconds
            left = f"{clock((1 - fraction) / speed)} left" if speed > 0 else ""
            self._progress.update(self._task, completed=fraction * 100, total=100, left=left, **fields)
        else:
            self._progress.update(self._task, total=None, **fields)


def short(number: float) -> str:
    """A rate in few characters."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}"


def clock(seconds: float) -> str:
    """1:05, 2:03:04, 3 d 04 h."""
    whole = int(seconds)
    if whole >= 86400:
        return f"{whole // 86400} d {whole % 86400 // 3600:02} h"
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
