"""The formats of tables: one row and one file each. To add a format, write a Table and put its row into FORMATS."""

from __future__ import annotations

import codecs
import importlib
from typing import NamedTuple

from lanecrypt.cli.failure import usage
from lanecrypt.cli.formats.base import Layout, Table, without_gz
from lanecrypt.cli.formats.source import Input

__all__ = ["FORMATS", "Input", "Layout", "Table", "checked_encoding", "find_format", "open_table"]


class Format(NamedTuple):
    name: str
    extensions: tuple[str, ...]
    module: str  # loaded when it is used: a CSV file needs no pyarrow
    table: str


FORMATS = (
    Format("csv", (".csv", ".tsv"), "csv_rows", "CsvRows"),
    Format("ndjson", (".ndjson", ".jsonl"), "ndjson", "Ndjson"),
    Format("parquet", (".parquet", ".pq"), "parquet", "Parquet"),
    Format("lines", (".txt", ".lst"), "plain_lines", "PlainLines"),
)


def by_extension(path: str) -> Format | None:
    return next((one for one in FORMATS if without_gz(path).endswith(one.extensions)), None)


def find_format(name: str | None, path: str) -> Format:
    found = next((one for one in FORMATS if one.name == name), None) if name else by_extension(path)
    if found is None:
        what = "standard input has no extension" if path == "-" else f"the extension of {path} tells no format"
        raise usage(f"{what}: say --format {', '.join(one.name for one in FORMATS[:-1])} or {FORMATS[-1].name}")
    return found


def checked_encoding(name: str) -> str:
    """An encoding in which line ends, commas and quotes are the bytes of ASCII: others could not be cut into lines."""
    try:
        codecs.lookup(name)
        plain = all(mark.encode(name) == mark.encode() for mark in '\n\r\t,;"{}') and "aé".encode(name, "ignore") != b""
    except (LookupError, UnicodeError, TypeError):
        raise usage(f"there is no text encoding '{name}'") from None
    if not plain:
        raise usage(f"files in {name} cannot be cut into lines; make the file UTF-8 first, for example with iconv")
    return name


def open_table(chosen: Format, path: str, layout: Layout, file: Input | None = None) -> Table:
    """The table at a path; with file, of what is open already, and path is only its name."""
    module = importlib.import_module(f"lanecrypt.cli.formats.{chosen.module}")
    table: type[Table] = getattr(module, chosen.table)
    # A Table's own __init__ takes the path and the layout; the base class has none to check it against.
    return table(path, layout, *([] if file is None else [file]))  # type: ignore[call-arg]
