"""Where a command's rows go: files begun anew or gone on with, the checkpoint beside them, and their end.

A format whose rows cannot be appended writes a journal, PATH.partial, and PATH appears when it is whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from lanecrypt.cli import private_file
from lanecrypt.cli.checkpoint import Checkpoint, State
from lanecrypt.cli.errors_log import ErrorsLog
from lanecrypt.cli.failure import Failure, os_failure, usage
from lanecrypt.cli.formats import Table, by_extension, find_format
from lanecrypt.cli.formats.base import Mark


class Target(NamedTuple):
    """What the command line says of files."""

    source: str
    format_name: str | None
    output: str
    errors: str | None
    force: bool
    resume: bool

    def check(self, journaled: bool) -> None:
        """Refuses what would destroy the input or cannot be done, before anything is written."""
        chosen = find_format(self.format_name, self.source)
        written = None if self.output == "-" else by_extension(self.output)
        if written is not None and written is not chosen:
            raise usage(f"the output is {chosen.name} as the input is, and {self.output} says {written.name}")
        if self.output == "-" and journaled:
            raise usage(f"{chosen.name} cannot be written to standard output: name a file with -o")
        if self.resume and (self.output == "-" or private_file.is_special(self.output)):
            raise usage("--resume needs an output file: name it with -o")
        if self.errors == "-":
            raise usage("--errors is a file, for example /dev/stderr")
        if self.resume and self.force:
            raise usage("--resume goes on with what there is, --force throws it away: choose one")
        check_distinct({"input": self.source, "output": self.output, "errors file": self.errors})


def check_distinct(named: dict[str, str | None]) -> None:
    """Refuses to write over the input, or two things into one file; with --force too."""
    files = [
        (what, path)
        for what, path in named.items()
        if path is not None and path != "-" and not private_file.is_special(path)
    ]
    for index, (what, path) in enumerate(files):
        for other, other_path in files[:index]:
            if _same(path, other_path):
                raise usage(f"the {what} and the {other} are the same file, {path}")


def _same(left: str, right: str) -> bool:
    if os.path.realpath(left) == os.path.realpath(right):
        return True
    try:
        return os.path.samefile(left, right)  # noqa: PTH121 - hard links too
    except OSError:
        return False


class Output:
    """The open files of a run. `state` is the last moment that may be gone on from."""

    def __init__(self, target: Target, table: Table, settings: dict[str, Any]) -> None:
        self._target, self._table = target, table
        self.state = State()
        plain = target.output == "-" or private_file.is_special(target.output)
        self._path = target.output + ".partial" if table.journaled else target.output
        self._checkpoint = None if plain else Checkpoint(target.output, target.source, settings)
        self.resumed = self._checkpoint is not None and target.resume and self._resume(self._checkpoint)
        if not self.resumed:
            self._begin(table)

    def _resume(self, checkpoint: Checkpoint) -> bool:
        """Whether there was something to go on with."""
        if not checkpoint.exists():
            if os.path.lexists(self._target.output):
                raise usage(f"{self._target.output} is finished, or not ours: there is no {checkpoint.path.name}")
            return False
        self.state = checkpoint.load()
        self._sink: private_file.Sink = private_file.reopen(self._path, self.state.output_bytes)
        errors = self._target.errors
        sink = private_file.reopen(errors, self.state.errors_bytes) if errors else None
        self.errors = ErrorsLog(sink, errors, self._table.word)
        return True

    def _begin(self, table: Table) -> None:
        target = self._target
        if self._checkpoint and self._checkpoint.exists() and not target.force:
            raise usage(f"{target.output} was interrupted: --resume goes on with it, --force begins anew")
        if table.journaled:
            self._make_room()
        if target.output == "-":
            self._sink = private_file.standard_output()
        else:
            self._sink = private_file.create(self._path, force=target.force or table.journaled)
        self.errors = ErrorsLog(self._create_errors(), target.errors, table.word)
        self._sink.write(table.header())
        self.errors.flush()
        self.note(self.state.mark, {})
        self.save()

    def _make_room(self) -> None:
        """The file appears at the end, and must not find another one there after hours of work."""
        path = Path(self._target.output)
        if os.path.lexists(path):
            if not self._target.force:
                raise usage(f"{path} exists: --force replaces it")
            path.unlink()

    def _create_errors(self) -> private_file.Sink | None:
        if self._target.errors is None:
            return None
        try:
            return private_file.create(self._target.errors, force=self._target.force)
        except Failure:
            # An output without a row in it must not be in the way of the next try.
            if isinstance(self._sink, private_file.PrivateFile):
                Path(self._path).unlink()
            raise

    def write(self, lines: Iterable[bytes], mark: Mark, counts: dict[str, int]) -> None:
        """Rows up to a mark. Only whole calls count: what a failure in here leaves behind is cut by --resume."""
        self._sink.write(b"".join(lines))
        self.errors.flush()
        self.note(mark, counts)

    def note(self, mark: Mark, counts: dict[str, int]) -> None:
        self.state = State(mark, self._sink.position, self.errors.position, dict(counts))

    def save(self) -> None:
        """Makes the state one from which --resume goes on."""
        if self._checkpoint is None:
            return
        self._sink.sync()
        self.errors.flush(sync=True)
        self._checkpoint.save(self.state)

    @property
    def resumable(self) -> bool:
        return self._checkpoint is not None

    def finish(self) -> None:
        """Everything is written: a journal becomes its file, and the checkpoint goes."""
        self.save()
        if self._table.journaled:
            self._assemble()
        if self._checkpoint is not None:
            self._checkpoint.remove()
        if self._table.journaled:
            Path(self._path).unlink()

    def _assemble(self) -> None:
        whole, path = Path(self._target.output + ".assembled"), Path(self._target.output)
        try:
            private_file.create(str(whole), force=True).close()
            self._table.assemble(Path(self._path), whole)
            _sync(whole)
            os.link(whole, path)  # unlike a rename, never over a file that came in the meantime
            whole.unlink()
        except FileExistsError:
            raise usage(f"{path} has appeared in the meantime; the new file is {whole}") from None
        except OSError as error:
            raise os_failure(f"cannot write {path}", error) from None

    def close(self) -> None:
        self._sink.close()
        self.errors.close()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
