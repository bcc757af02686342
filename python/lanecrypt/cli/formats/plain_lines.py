"""Plain lines: each line is a password (or a stored hash), and each output line is what became of it.

An empty output line stands for a row that failed, so that line N of the output belongs to line N of the input.
"""

from __future__ import annotations

from collections.abc import Iterator

from lanecrypt.cli.failure import usage
from lanecrypt.cli.formats.base import Cells, Layout, Mark, Problem, Row, Table, Value, text_value
from lanecrypt.cli.formats.source import Input, Source


def without_end(data: bytes) -> bytes:
    if data.endswith(b"\r\n"):
        return data[:-2]
    return data[:-1] if data.endswith(b"\n") else data


class PlainLines(Table):
    def __init__(self, path: str, layout: Layout, file: Input | None = None) -> None:
        if len(layout.wanted) > 1:
            raise usage("plain lines have one column, and this command needs two: use csv, ndjson or parquet")
        self._source = Source(path, file, binary=layout.binary)
        self._layout = layout

    def rows(self, start: Mark) -> Iterator[Row]:
        self._source.skip_to(start)
        for after, data in self._source:
            yield Row(after.line, after, (self._value(data),), None)

    def _value(self, data: bytes | None) -> Value:
        if data is None:
            return Problem("line_too_long", "the line is too long")
        return text_value(without_end(data).decode(self._layout.encoding, "surrogateescape"), self._layout)

    def render(self, row: Row, cells: Cells) -> bytes:  # noqa: ARG002
        return "\t".join("" if cell is None else str(cell) for cell in cells).encode() + b"\n"

    def fraction(self) -> float | None:
        return self._source.fraction()

    def close(self) -> None:
        self._source.close()
