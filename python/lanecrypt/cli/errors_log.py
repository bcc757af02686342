"""The rows that failed: to a file of their own, and the first few to stderr. Line, code and message, never a value."""

from __future__ import annotations

import csv
import io
import json

from lanecrypt.cli.formats.base import Problem, without_gz
from lanecrypt.cli.private_file import Sink

SHOWN = 5


def head(path: str, word: str) -> bytes:
    """What such a file begins with."""
    return f"{word},code,message\n".encode() if without_gz(path).endswith(".csv") else b""


def entry(word: str, number: int, problem: Problem) -> str:
    """A line of such a file in NDJSON."""
    return json.dumps({word: number, "code": problem.code, "message": problem.message}) + "\n"


class ErrorsLog:
    def __init__(self, sink: Sink | None, path: str | None, word: str) -> None:
        self._sink, self._word = sink, word
        begins = head(path, word).decode() if path is not None else ""
        self._csv = begins != ""
        self._pending = io.StringIO()
        self._first: list[str] = []
        self.count = 0
        if sink is not None and sink.position == 0:
            self._pending.write(begins)

    @property
    def position(self) -> int:
        return self._sink.position if self._sink else 0

    def add(self, number: int, problem: Problem) -> None:
        self.count += 1
        if self._sink is None:
            if self.count <= SHOWN:
                self._first.append(f"  {self._word} {number}: {problem.message} ({problem.code})")
        elif self._csv:
            csv.writer(self._pending, lineterminator="\n").writerow([number, problem.code, problem.message])
        else:
            self._pending.write(entry(self._word, number, problem))

    def flush(self, *, sync: bool = False) -> None:
        if self._sink is None:
            return
        self._sink.write(self._pending.getvalue().encode())
        self._pending = io.StringIO()
        if sync:
            self._sink.sync()

    def finish(self) -> None:
        self.flush()
        if self._sink is not None:
            self._sink.finish()

    def close(self) -> None:
        if self._sink is not None:
            self._sink.close()

    def summary(self) -> list[str]:
        """Lines for stderr where there is no file."""
        more = self.count - len(self._first)
        if self._sink is not None or not self._first:
            return []
        return [*self._first, f"  and {more:,} more; --errors FILE lists all of them"] if more else self._first
