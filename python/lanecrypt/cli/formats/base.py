"""What every file format is made of: rows with the wanted columns in bytes, and a way to write a row back.

A row that cannot be cut into columns is *broken*: nobody knows where its password is, so nothing of it is written. A
value that cannot be used is a Problem in that value's place; the rest of its row is sound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Union

from lanecrypt.cli.failure import Failure, usage


class Mark(NamedTuple):
    """A place between two rows, to go on from: bytes (Parquet: rows) before it, and the lines before it."""

    offset: int
    line: int


START = Mark(0, 0)


class Problem(NamedTuple):
    """Why a row or a value cannot be used. The message never holds what stood there."""

    code: str
    message: str


Value = Union[bytes, None, Problem]
Cell = Union[str, bool, None]
Cells = Sequence[Cell]


class Row(NamedTuple):
    number: int  # its line, from 1, or its row in formats without lines
    after: Mark
    values: tuple[Value, ...]  # as Layout.wanted has them
    rest: Any  # what its own format needs to write it
    broken: Problem | None = None


class Layout(NamedTuple):
    """What a command wants of a table."""

    wanted: tuple[str, ...]  # columns to read
    dropped: tuple[str, ...] = ()  # columns that are not written
    added: tuple[str, ...] = ()  # columns to write behind the others
    encoding: str = "utf-8"
    binary: bool = False  # bytes as they stand, whether they are text or not
    delimiter: str | None = None
    header: bool = True
    flags: tuple[str, ...] = ()  # added columns that are true or false; all others are text
    naming: str | None = None  # the option that gives the added column its name
    finding: str = "--column, --no-header"  # the options that say where the wanted columns are


class Table:
    """One input, and its rows as they are written. A format is a subclass and a row in FORMATS."""

    word = "line"  # what a row's number counts

    def rows(self, start: Mark) -> Iterator[Row]:
        raise NotImplementedError

    def header(self) -> bytes:
        """What stands before the first row of the output."""
        return b""

    def render(self, row: Row, cells: Cells) -> bytes:
        """The row as it is written: without the dropped columns, with a cell for each added one."""
        raise NotImplementedError

    def assemble(self, journal: Path, target: Path) -> None:
        """Only where rows cannot be appended to a file (`journaled`): makes target of what render() answered."""
        raise NotImplementedError

    journaled = False

    def fraction(self) -> float | None:
        """How much of the input has been read, 0 to 1; None where nobody knows."""
        return None

    def close(self) -> None:
        pass


def text_value(text: str, layout: Layout) -> Value:
    """The bytes of a password or hash that stands in a file as text: UTF-8, whatever the file's encoding is.

    Text was decoded with surrogateescape, so that columns nobody asked for come through unharmed.
    """
    if layout.binary:
        return text.encode("utf-8", "surrogateescape")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return Problem("invalid_encoding", f"the value is not valid {layout.encoding}")


def without_gz(path: str) -> str:
    """A file's name in small letters, for its extension."""
    name = path.lower()
    return name[:-3] if name.endswith(".gz") else name


def missing_column(name: str, columns: Sequence[str], source: str, _layout: Layout) -> Failure:
    """Names the columns that there are. Only for formats whose names of columns cannot be values."""
    shown = [column for column in columns if column.isprintable()]
    return usage(f"{source} has no column '{name}'; its columns are: {', '.join(shown)}")


def check_columns(
    columns: Sequence[str],
    layout: Layout,
    source: str,
    missing: Callable[[str, Sequence[str], str, Layout], Failure] = missing_column,
) -> None:
    for name in layout.wanted:
        if name not in columns:
            raise missing(name, columns, source, layout)
        if list(columns).count(name) > 1:
            raise usage(f"{source} has more than one column '{name}'")
    for name in layout.added:
        if name in columns and name not in layout.dropped:
            raise column_is_there(name, layout, source)


def column_is_there(name: str, layout: Layout, source: str) -> Failure:
    todo = f"choose another name for the new one with {layout.naming}" if layout.naming else "rename or remove it first"
    return usage(f"{source} already has a column '{name}'; {todo}")
