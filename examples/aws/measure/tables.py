"""The console, the progress bar and what the subcommands' tables have in common."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

NOTHING = "-"
TITLES = {"aws": "AWS Lambda", "local": "LOCAL: this machine behind the Runtime Interface Emulator, not AWS Lambda"}


def console() -> Console:
    made = Console(highlight=False, soft_wrap=True)
    made.width = max(made.width, 200)  # a table takes what it needs; cut columns would be worth nothing
    return made


def progress() -> Progress:
    """On stderr, and only where that is a terminal."""
    shown = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal)


def table(title: str, texts: Iterable[str] = (), numbers: Iterable[str] = (), remarks: Iterable[str] = ()) -> Table:
    """`texts` stand left, `numbers` right, `remarks` left behind them."""
    made = Table(title=escape(title), title_justify="left")
    for name in texts:
        made.add_column(name, no_wrap=True)
    for name in numbers:
        made.add_column(name, justify="right", no_wrap=True)
    for name in remarks:
        made.add_column(name)
    return made


def number(value: float | None, places: int = 0) -> str:
    return NOTHING if value is None else f"{value:,.{places}f}"


def say_left_out(out: Console, left_out: list[tuple[str, str]]) -> None:
    for name, reason in left_out:
        out.print(f"left out: {escape(name)}: {escape(reason)}")
