"""NDJSON: one JSON object on each line. What is kept of a row is kept to the byte: numbers are not printed anew.

A line that is no JSON object is broken. Empty lines are passed over.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

from lanecrypt.cli.failure import usage
from lanecrypt.cli.formats.base import (
    START,
    Cells,
    Layout,
    Mark,
    Problem,
    Row,
    Table,
    Value,
    column_is_there,
    missing_column,
    text_value,
)
from lanecrypt.cli.formats.source import Input, Source

LOOK_AHEAD = 100  # rows in which a wanted column must turn up once; it may be missing in any of them
LOOK_AHEAD_BYTES = 4 << 20
SPACE = re.compile(r"[ \t\r\n]*")
DECODER = json.JSONDecoder()


def members(text: str) -> Iterator[tuple[str, str]]:
    """The names of an object's members, and their text as it stands. The text is known to be a JSON object."""
    at = _over_space(text, text.index("{") + 1)
    while text[at] != "}":
        begin = at
        name, at = DECODER.raw_decode(text, at)
        at = _over_space(text, _over_space(text, at) + 1)  # the colon
        _, at = DECODER.raw_decode(text, at)
        yield name, text[begin:at]
        at = _over_space(text, at)
        if text[at] == ",":
            at = _over_space(text, at + 1)


def _over_space(text: str, at: int) -> int:
    match = SPACE.match(text, at)
    return match.end() if match else at


def _taken(name: str) -> Problem:
    return Problem("column_exists", f"the row already has a column '{name}'")


class Ndjson(Table):
    def __init__(self, path: str, layout: Layout, file: Input | None = None) -> None:
        if layout.binary:
            raise usage("JSON is text: --encoding binary is for plain lines and csv")
        self._source = Source(path, file)
        self._layout = layout

    def rows(self, start: Mark) -> Iterator[Row]:
        self._source.skip_to(start)
        rows = self._rows()
        if start == START:
            yield from self._checked(list(self._ahead(rows)))
        yield from rows

    def _ahead(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in itertools.islice(rows, LOOK_AHEAD):
            yield row
            if row.after.offset > LOOK_AHEAD_BYTES:
                return

    def _checked(self, ahead: list[Row]) -> list[Row]:
        """Refuses a file that is not the right one, which a row alone cannot tell."""
        objects = [row.rest[1] for row in ahead if row.broken is None]
        for name in self._layout.wanted if objects else ():
            if not any(name in found for found in objects):
                raise missing_column(name, list(objects[0]), self._source.name, self._layout)
        for name in self._layout.added if ahead else ():
            if all(row.broken == _taken(name) for row in ahead):
                raise column_is_there(name, self._layout, self._source.name)
        return ahead

    def _rows(self) -> Iterator[Row]:
        for after, data in self._source:
            if data is None:
                yield Row(after.line, after, (), None, Problem("line_too_long", "the line is too long"))
            elif data.strip():
                yield self._row(after, data.decode(self._layout.encoding, "surrogateescape"))

    def _row(self, after: Mark, text: str) -> Row:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            return Row(after.line, after, (), None, Problem("broken_json", "the line is not a JSON object"))
        for name in self._layout.added:
            if name in found and name not in self._layout.dropped:
                return Row(after.line, after, (), None, _taken(name))
        values = tuple(self._value(found, name) for name in self._layout.wanted)
        return Row(after.line, after, values, (text, found))

    def _value(self, found: dict[str, Any], name: str) -> Value:
        value = found.get(name)
        if isinstance(value, str):
            return text_value(value, self._layout)
        return None if value is None else Problem("not_text", "the value is not text")

    def render(self, row: Row, cells: Cells) -> bytes:
        text = row.rest[0]
        kept = [member for name, member in members(text) if name not in self._layout.dropped]
        new = [f"{json.dumps(name)}: {json.dumps(cell)}" for name, cell in zip(self._layout.added, cells)]
        line = "{" + ", ".join([*kept, *new]) + "}\n"
        return line.encode(self._layout.encoding, "surrogateescape")

    def fraction(self) -> float | None:
        return self._source.fraction()

    def close(self) -> None:
        self._source.close()
