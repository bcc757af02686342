"""The CSV file of `comprehensive`: one row for each invocation, written whole or not at all, so that a file cut short
by Ctrl-C or a crash is a shorter file and not a broken one.

`run` 0 is the first call, which is not counted. Times are milliseconds. What nobody tells is empty.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .configurations import Configuration
from .failure import WrongFile


@dataclass(frozen=True)
class Run:
    target: str  # aws or local
    function: str
    architecture: str
    memory_mb: int
    workers: int
    processors: float  # that the function's threads had between them
    items: int
    run: int
    started: str  # UTC
    duration_ms: int  # by the function's own clock, as the sample's published times are
    billed_ms: int | None  # Lambda's report
    round_trip_ms: float
    init_ms: float | None  # not empty: a cold start
    max_memory_mb: int | None
    threads_used: int
    ran_ms: float | None = None  # processor time of the threads that hashed, together; seen here only
    longest_ms: float | None = None  # and of the one that had most

    @property
    def configuration(self) -> Configuration:
        return Configuration(self.architecture, self.memory_mb, self.workers)

    @property
    def warm(self) -> bool:
        return self.run > 0 and self.init_ms is None


COLUMNS = [field.name for field in fields(Run)]
KINDS: dict[str, Any] = {"int": int, "float": float, "str": str}


def _line(values: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue().encode()


class RunsFile:
    """`with RunsFile(path) as file: file.write(run)`. Raises WrongFile if the path is there and `force` is not set."""

    def __init__(self, path: Path, force: bool = False) -> None:
        self.path = path
        self.written = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if force else os.O_EXCL)
        try:
            self._file = os.open(path, flags, 0o644)
        except FileExistsError as error:
            raise WrongFile(f"{path} is there already: name another file with --csv, or use --force") from error
        except OSError as error:
            raise WrongFile(f"cannot write {path}: {error.strerror}") from error
        os.write(self._file, _line(COLUMNS))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def write(self, run: Run) -> None:
        os.write(self._file, _line(["" if value is None else value for value in asdict(run).values()]))
        self.written += 1


def read(path: Path) -> list[Run]:
    """All rows. Raises WrongFile with the column or the line that is not as it must be."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            if missing := [name for name in COLUMNS if name not in (rows.fieldnames or [])]:
                raise WrongFile(f"{path} has no column {missing[0]}: it is not a CSV file of `bench.py comprehensive`")
            runs = [_run(path, rows.line_num, row) for row in rows]
    except OSError as error:
        hint = ": measure first with `bench.py comprehensive`" if isinstance(error, FileNotFoundError) else ""
        raise WrongFile(f"cannot read {path}: {error.strerror}{hint}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongFile(f"{path} is not a CSV file: {error}") from error
    if not any(run.warm for run in runs):
        raise WrongFile(f"{path} has no warm run")
    if len({run.target for run in runs}) > 1:
        raise WrongFile(f"{path} has runs of AWS and of this machine, which cannot be compared")
    if len({run.items for run in runs}) > 1:
        raise WrongFile(f"{path} has runs of different numbers of items, which cannot be compared")
    return runs


def _run(path: Path, line: int, row: dict[str, str]) -> Run:
    return Run(**dict(_values(path, line, row)))


def _values(path: Path, line: int, row: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for field in fields(Run):
        kind, _, optional = str(field.type).partition(" | ")
        text = row[field.name]
        if optional and text == "":
            yield field.name, None
            continue
        try:
            value = KINDS[kind](text)
        except (TypeError, ValueError) as error:
            what = "a whole number" if kind == "int" else "a number"
            raise WrongFile(f"{path}, line {line}: {field.name} is not {what}") from error
        if kind != "str" and value < 0:
            raise WrongFile(f"{path}, line {line}: {field.name} is negative")
        yield field.name, value
