"""Where a command's rows go: files begun anew or gone on with, the checkpoint beside them, and their end.

A format whose rows cannot be appended writes a journal, PATH.partial; PATH.assembled is made of it, and becomes PATH
when it is whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from lanecrypt.cli import private_file
from lanecrypt.cli.checkpoint import Checkpoint, State, what_it_is
from lanecrypt.cli.errors_log import ErrorsLog, head
from lanecrypt.cli.failure import Failure, os_failure, usage
from lanecrypt.cli.formats import Table
from lanecrypt.cli.formats.base import START, Mark
from lanecrypt.cli.targets import Target


class Output:
    """The open files of a run. `state` is the last moment that may be gone on from.

    With `complete` everything was done before, and the run ended while it removed what was beside its output.
    """

    def __init__(self, target: Target, table: Table, checkpoint: Checkpoint | None) -> None:
        self._target, self._table, self._checkpoint = target, table, checkpoint
        self._path = target.output + ".partial" if table.journaled else target.output
        self._assembled = target.output + ".assembled"
        self._finished = False
        self._open: list[private_file.Sink] = []
        self.state = State()
        self._resumed = target.resume and checkpoint is not None and checkpoint.exists()
        if checkpoint is not None and self._resumed:
            self.state = checkpoint.load()
        else:
            self._make_room()
        self.complete = self.state.made is not None and what_it_is(target.output) == self.state.made
        try:
            self._open_files()
        except Failure:
            self._take_back()
            raise

    # How it begins

    def _make_room(self) -> None:
        """Looks for what could be in the way now, and not after hours of work."""
        paths = [path for path in self._files() if not private_file.is_special(path)]
        if not self._target.force:
            if self._checkpoint and self._checkpoint.exists():
                raise usage(f"{self._target.output} was interrupted: --resume goes on with it, --force begins anew")
            for path in paths:
                if os.path.lexists(path):
                    raise private_file.exists(path)
        elif self._checkpoint:
            with private_file.held(self._path):
                self._checkpoint.remove()  # it speaks of files that go now
        for path in paths if self._target.force else ():
            private_file.remove(path)
        if self._checkpoint:
            # Before the files: whatever ends this process from now on, they are known to be ours.
            self._checkpoint.save(self.state)

    def _files(self) -> list[str]:
        files = [] if self._target.output == "-" else [self._path]
        if self._table.journaled:
            files += [self._target.output, self._assembled]
        return files if self._target.errors is None else [*files, self._target.errors]

    def _open_files(self) -> None:
        target, state = self._target, self.state
        header = self._table.header()
        self._sink: private_file.Sink = private_file.Sink(-1, self._path)
        sink: private_file.Sink | None = None
        if not self.complete:
            self._sink = self._opened(self._path, header)
            sink = self._opened(target.errors, head(target.errors, self._table.word)) if target.errors else None
        if self._resumed and self._checkpoint and not self.complete:
            # Only now are they locked: until then another run may have gone on with them.
            if not self._checkpoint.exists() or self._checkpoint.load() != state:
                raise private_file.busy(target.output)
            _cut(self._sink, state.output_bytes)
            _cut(sink, state.errors_bytes)
        self.errors = ErrorsLog(sink, target.errors, self._table.word)
        if not state.begun:
            self._sink.write(header)
            self.errors.flush()
            self.note(START, {})
            self.save()

    def _opened(self, path: str, begins: bytes) -> private_file.Sink:
        sink = self._found_or_new(path, begins)
        self._open.append(sink)
        return sink

    def _found_or_new(self, path: str, begins: bytes) -> private_file.Sink:
        if path == "-":
            return private_file.standard_output()
        if not self._resumed or private_file.is_special(path) or not (self.state.begun or os.path.lexists(path)):
            return private_file.create(path, force=False)
        file = private_file.reopen(path)
        if not self.state.begun and not file.holds_no_more_than(begins):
            raise usage(f"{path} came into the place of the interrupted run's file; begin anew with --force")
        return file

    def _take_back(self) -> None:
        """A run that could not begin must not be in the way of the next try."""
        self.close()
        if self._resumed:
            return
        for sink in self._open:
            if isinstance(sink, private_file.PrivateFile):
                Path(sink.name).unlink(missing_ok=True)
        if self._checkpoint:
            self._checkpoint.remove()

    # Its rows

    def write(self, lines: Iterable[bytes], mark: Mark, counts: dict[str, int]) -> None:
        """Rows up to a mark. Only whole calls count: what a failure in here leaves behind is cut by --resume."""
        self._sink.write(b"".join(lines))
        self.errors.flush()
        self.note(mark, counts)

    def note(self, mark: Mark, counts: dict[str, int]) -> None:
        self.state = State(mark, self._sink.position, self.errors.position, dict(counts), True, self.state.made)

    def save(self) -> None:
        """Makes the state one from which --resume goes on."""
        if self._checkpoint is None or self.complete or self._finished:
            return
        self._sink.sync()
        self.errors.flush(sync=True)
        self._checkpoint.save(self.state)

    @property
    def resumable(self) -> bool:
        return self._checkpoint is not None

    # How it ends

    def complete_files(self) -> None:
        """Everything is computed: makes whole files of it, beside their places. It may be left anywhere."""
        if self.complete:
            return
        self._sink.finish()
        self.errors.finish()
        self.note(self.state.mark, self.state.counts)
        self.save()
        if self._table.journaled and (self.state.made is None or what_it_is(self._assembled) != self.state.made):
            self._assemble()

    def _assemble(self) -> None:
        try:
            private_file.create(self._assembled, force=True).close()
            self._table.assemble(Path(self._path), Path(self._assembled))
            _sync(self._assembled)
        except OSError as error:
            raise os_failure(f"cannot write {self._assembled}", error) from None
        # From here on the finished file is known for ours by whatever name it has.
        self.state = self.state._replace(made=what_it_is(self._assembled))
        self.save()

    def finish(self) -> None:
        """A few calls to the system, which no signal may part. The checkpoint goes last, and with it what to resume."""
        if self._checkpoint is None:
            return
        if self._table.journaled:
            if not self.complete:
                self._appear()
            for path in (self._assembled, self._path):
                Path(path).unlink(missing_ok=True)
        self._checkpoint.sign(self._target.output)
        self._checkpoint.remove()
        self._finished = True

    def _appear(self) -> None:
        path = self._target.output
        taken = usage(f"{path} has appeared in the meantime; the new file is {self._assembled}")
        try:
            os.link(self._assembled, path)  # unlike a rename, never over a file that came in the meantime
        except FileExistsError:
            raise taken from None
        except OSError:
            # There are file systems without hard links.
            if os.path.lexists(path):
                raise taken from None
            self._rename(path)

    def _rename(self, path: str) -> None:
        try:
            os.rename(self._assembled, path)  # noqa: PTH104
        except OSError as error:
            raise os_failure(f"cannot write {path}", error) from None

    def close(self) -> None:
        for sink in self._open:
            sink.close()


def _cut(sink: private_file.Sink | None, position: int) -> None:
    if isinstance(sink, private_file.PrivateFile):
        sink.cut(position)
    elif sink is not None:
        sink.position = position  # of a stream nothing can be taken back


def _sync(path: str) -> None:
    with open(path, "rb") as file:  # noqa: PTH123
        os.fsync(file.fileno())
