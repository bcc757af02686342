"""Rows through the engine, chunk by chunk: what becomes of a row's values, whoever reads the rows and writes the lines.

hash and verify are a Work each. Nothing here knows files, command lines or buckets.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Union

import lanecrypt
from lanecrypt._stream import ChunkSize
from lanecrypt.cli.formats.base import Cell, Problem, Row, Table, Value

CHUNK_BYTES = 32 << 20  # of input; rows can be long
CHUNK_ROWS = 1 << 14


class Done(NamedTuple):
    """The new cells of a row, and what it counts as."""

    cells: tuple[Cell, ...]
    counts_as: str


# None: not finished when the run was interrupted.
Outcome = Union[Done, Problem, None]
Values = Sequence[tuple[Value, ...]]
Progress = Callable[[int, int], None]


class Work:
    """What a command does to the wanted values of rows."""

    doing = ""

    def compute(self, values: Values, progress: Progress, cancel: lanecrypt.Cancel) -> list[Outcome]:
        raise NotImplementedError

    def report(self, counts: Counter[str], seconds: float) -> tuple[str, int]:
        """One line for people, and the exit code."""
        raise NotImplementedError


class Chunks:
    """Takes chunks of about a second of work from rows, and answers lines in their order. For one thread at a time."""

    def __init__(
        self, work: Work, table: Table, added: int, size: ChunkSize, counts: Counter[str], most_bytes: int = CHUNK_BYTES
    ) -> None:
        self.counts = counts
        self._work, self._table, self._size, self._most_bytes = work, table, size, most_bytes
        self._empty: tuple[Cell, ...] = (None,) * added

    def take(self, rows: Iterator[Row]) -> list[Row]:
        """The next chunk; empty behind the last row."""
        return list(self._taken(rows))

    def _taken(self, rows: Iterator[Row]) -> Iterator[Row]:
        first = None
        for count, row in enumerate(rows, 1):
            first = row.after.offset if first is None else first
            yield row
            if count >= min(self._size.size, CHUNK_ROWS) or row.after.offset - first > self._most_bytes:
                return

    def compute(self, chunk: list[Row], progress: Progress, cancel: lanecrypt.Cancel) -> list[Outcome]:
        """An outcome for each row, up to the first that is not finished."""
        sound = [row.values for row in chunk if row.broken is None]
        began = time.monotonic()
        answers = iter(self._work.compute(sound, progress, cancel) if sound else [])
        self._size.took(len(chunk), time.monotonic() - began)
        outcomes: list[Outcome] = []
        for row in chunk:
            outcome = row.broken or next(answers)
            if outcome is None:
                break
            outcomes.append(outcome)
        return outcomes

    def line(self, row: Row, outcome: Outcome, failed: Callable[[int, Problem], None]) -> bytes:
        """The row as it is written. Of one that cannot be cut into columns nothing is."""
        self.counts["rows"] += 1
        if isinstance(outcome, Done):
            self.counts[outcome.counts_as] += 1
            return self._table.render(row, outcome.cells)
        assert outcome is not None
        self.counts["failed"] += 1
        failed(row.number, outcome)
        return b"" if row.broken else self._table.render(row, self._empty)


def problem_of_null(what: str) -> Problem:
    return Problem("null_" + what, f"there is no {what}")
