"""CSV: commas, or tabs in a .tsv; fields with line breaks in quotes; strict about quotes; with a header unless told.

A record that the header does not fit is broken as a whole, all its lines: with one comma too many nobody knows which
field is the password. Records keep their fields' text, not their quoting. A field has at most MAX_LINE characters; what
stands in one that is longer, and has line breaks, may be taken for records.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from lanecrypt.cli.failure import Failure, usage
from lanecrypt.cli.formats.base import (
    START,
    Cell,
    Cells,
    Layout,
    Mark,
    Problem,
    Row,
    Table,
    check_columns,
    text_value,
    without_gz,
)
from lanecrypt.cli.formats.source import MAX_LINE, Input, Line, Source

# Names that columns of passwords and hashes have. No other name is repeated in a message: without a header it would be
# a value of the first row, and perhaps a password.
USUAL = {
    "password": ("password", "passwd", "pass", "pw", "pwd"),
    "hash": ("hash", "password_hash", "passwordhash", "pw_hash", "bcrypt"),
}


def missing_in_header(name: str, columns: Sequence[str], source: str, layout: Layout) -> Failure:
    near = [column for column in columns if column.lower() in USUAL.get(name, (name.lower(),))]
    hint = (
        f"is it '{near[0]}'? ({layout.finding.split(',')[0]})"
        if len(near) == 1
        else f"is its first line a header? ({layout.finding})"
    )
    return usage(f"{source} has no column '{name}' among its {len(columns):,}; {hint}")


def missing_number(name: str, columns: Sequence[str], source: str, _layout: Layout) -> Failure:
    return usage(f"{source} has no column '{name}': without a header its columns are called 1 to {len(columns)}")


class _LongLine(Exception):
    pass


class _Through:
    """A file for csv.writer that hands the line back."""

    def write(self, line: str) -> str:
        return line


def _reason(error: Exception) -> Problem:
    if isinstance(error, _LongLine):
        return Problem("line_too_long", "the line is too long")
    if "field larger" in str(error):
        return Problem("field_too_long", "a field is too long; is a quote not closed?")
    return Problem("broken_quotes", "the quotes of the record are wrong")


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell or ""


class CsvRows(Table):
    def __init__(self, path: str, layout: Layout, file: Input | None = None) -> None:
        self._layout = layout
        self._delimiter = layout.delimiter or ("\t" if without_gz(path).endswith(".tsv") else ",")
        csv.field_size_limit(MAX_LINE)  # the module's own limit would cut good fields
        self._source = Source(path, file)
        try:
            self._columns, self._line_end = self._first_record()
            missing = missing_in_header if layout.header else missing_number
            check_columns(self._columns, layout, self._source.name, missing)
        except Failure:
            self.close()
            raise
        # writerow() answers what its file's write() answers: the line itself. It quotes the characters of its line end,
        # and a carriage return must be quoted whatever the file's lines end with.
        self._writer: Any = csv.writer(_Through(), delimiter=self._delimiter, lineterminator="\r\n")
        self._wanted = [self._columns.index(name) for name in layout.wanted]
        self._kept = [index for index, name in enumerate(self._columns) if name not in layout.dropped]

    def _first_record(self) -> tuple[list[str], str]:
        """The columns, and how lines end."""
        lines: list[Line] = []
        try:
            first = next(self._records(lines))
        except StopIteration:
            raise usage(f"{self._source.name} is empty: there is no header") from None
        except (csv.Error, _LongLine):
            raise usage(f"{self._source.name} does not begin with a CSV header") from None
        end = "\r\n" if (lines[-1].data or b"").endswith(b"\r\n") else "\n"
        if not self._layout.header:
            self._source.push_back(lines, START)
            first = [str(number) for number in range(1, len(first) + 1)]
        return first, end

    def _records(self, seen: list[Line] | None = None) -> Iterator[list[str]]:
        return csv.reader(self._texts(seen), delimiter=self._delimiter, strict=True)

    def _texts(self, seen: list[Line] | None) -> Iterator[str]:
        for line in self._source:
            if line.data is None:
                raise _LongLine
            if seen is not None:
                seen.append(line)
            yield line.data.decode(self._layout.encoding, "surrogateescape")

    def rows(self, start: Mark) -> Iterator[Row]:
        if start.offset > self._source.position.offset:
            self._source.skip_to(start)
        records = self._records()
        while True:
            first = self._source.position.line + 1
            try:
                record = next(records)
            except StopIteration:
                return
            except (csv.Error, _LongLine) as error:
                yield self._broken(first, _reason(error))
                records = self._records()  # a new reader begins with the next line, whatever state the old one was in
                continue
            if record:  # an empty line is no record
                yield self._row(first, record)

    def _row(self, first: int, record: list[str]) -> Row:
        if len(record) != len(self._columns):
            how = "few" if len(record) < len(self._columns) else "many"
            return self._broken(first, Problem(f"too_{how}_fields", f"the record has too {how} fields"))
        values = tuple(text_value(record[index], self._layout) for index in self._wanted)
        return Row(first, self._source.position, values, record)

    def _broken(self, first: int, problem: Problem) -> Row:
        last = self._source.position.line
        message = problem.message if last <= first else f"{problem.message} (it ends in line {last})"
        return Row(first, self._source.position, (), None, Problem(problem.code, message))

    def header(self) -> bytes:
        if not self._layout.header:
            return b""
        return self._line([*(self._columns[index] for index in self._kept), *self._layout.added])

    def render(self, row: Row, cells: Cells) -> bytes:
        return self._line([*(row.rest[index] for index in self._kept), *(_text(cell) for cell in cells)])

    def _line(self, fields: list[str]) -> bytes:
        text: str = self._writer.writerow(fields)[:-2] + self._line_end
        return text.encode(self._layout.encoding, "surrogateescape")

    def fraction(self) -> float | None:
        return self._source.fraction()

    def close(self) -> None:
        self._source.close()
