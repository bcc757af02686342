"""Rows in, rows out between files: reads chunks, computes, writes in order, keeps a checkpoint.

hash and verify are this loop with a Work each (work.py). Memory holds one chunk, whatever the input's size.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import Any, NamedTuple

from lanecrypt._stream import ChunkSize
from lanecrypt.cli.checkpoint import Checkpoint, identity
from lanecrypt.cli.failure import OK, Failure, usage
from lanecrypt.cli.formats import Layout, Table, find_format, open_table
from lanecrypt.cli.formats.base import Row
from lanecrypt.cli.interrupts import Interrupted, Interrupts
from lanecrypt.cli.output import Output
from lanecrypt.cli.progress import Bar, NoBar, wanted
from lanecrypt.cli.streams import say
from lanecrypt.cli.targets import Target
from lanecrypt.cli.work import Chunks, Outcome, Work

SAVE_SECONDS = 1.0


class Task(NamedTuple):
    target: Target
    layout: Layout
    settings: dict[str, Any]  # what a resumed run must have in common with the interrupted one
    threads: int | None
    quiet: bool


def transform(task: Task, work: Work) -> int:
    """Runs a whole command and answers its exit code."""
    target = task.target
    chosen = find_format(target.format_name, target.source)
    source = identity(target.source)  # before anything is read of it
    table = open_table(chosen, target.source, task.layout)
    try:
        target.check(table.journaled)
        settings = {"format": chosen.name, "errors": target.errors_place(), **task.settings}
        checkpoint = None if target.is_stream else Checkpoint(target.output, source, settings)
        if checkpoint is not None and target.resume and _nothing_left(target.output, checkpoint):
            return OK
        output = Output(target, table, checkpoint)
        try:
            return _Run(task, work, table, output).run()
        finally:
            output.close()
    finally:
        table.close()


def _nothing_left(path: str, checkpoint: Checkpoint) -> bool:
    """Whether an output is finished already, so that `until lanecrypt hash ... --resume` comes to its end."""
    if checkpoint.exists() or not os.path.lexists(path):
        return False
    if not checkpoint.has_signed(path):
        raise usage(
            f"{path} is finished, or not ours, which cannot be told: there is no {checkpoint.path.name}, and no sign at"
            " it that it was made of this input with these settings"
        )
    say(f"lanecrypt: {path} is finished: nothing is left to do")
    return True


class _Run:
    def __init__(self, task: Task, work: Work, table: Table, output: Output) -> None:
        self._task, self._work, self._table, self._output = task, work, table, output
        self._counts = Counter(output.state.counts)
        self._chunks = Chunks(work, table, len(task.layout.added), ChunkSize(task.threads), self._counts)
        self._saved = -SAVE_SECONDS  # the first chunk is saved at once
        self._bar = NoBar()
        if wanted(task.quiet, task.target.output):
            self._bar = Bar(work.doing, self._counts["rows"])

    def run(self) -> int:
        began = time.monotonic()
        try:
            with Interrupts() as interrupts, self._bar:
                if not self._output.complete:
                    self._loop(interrupts)
                self._bar.say("writing the file")
                interrupts.waiting = True  # the file is made of what is saved: it may be left anywhere
                interrupts.check()
                self._output.complete_files()
                interrupts.hold()
                self._output.finish()
        except Interrupted as interrupted:
            return self._interrupted(interrupted)
        except Failure as failure:
            raise self._with_hint(failure) from None
        return self._report(time.monotonic() - began)

    def _loop(self, interrupts: Interrupts) -> None:
        rows = self._table.rows(self._output.state.mark)
        while True:
            interrupts.waiting = True
            interrupts.check()
            chunk = self._chunks.take(rows)
            interrupts.waiting = False
            if not chunk:
                return
            self._bar.begin_chunk(self._table.fraction())
            self._write(chunk, self._chunks.compute(chunk, self._bar.within_chunk, interrupts.cancel))
            self._bar.end_chunk(self._counts["rows"])

    def _write(self, chunk: list[Row], outcomes: list[Outcome]) -> None:
        failed = self._output.errors.add
        lines = [self._chunks.line(row, outcome, failed) for row, outcome in zip(chunk, outcomes)]
        if lines:
            self._output.write(lines, chunk[len(lines) - 1].after, self._counts)
        if time.monotonic() - self._saved >= SAVE_SECONDS or len(lines) < len(chunk):
            self._output.save()
            self._saved = time.monotonic()

    def _interrupted(self, interrupted: Interrupted) -> int:
        self._output.save()
        done = f"lanecrypt: interrupted after {self._counts['rows']:,} rows"
        more = "; the same command with --resume goes on from there" if self._output.resumable else ""
        say(done + more)
        return 128 + interrupted.number

    def _with_hint(self, failure: Failure) -> Failure:
        rows = self._output.state.counts.get("rows", 0)
        if not self._output.resumable or not rows:
            return failure
        try:
            self._output.save()
        except Failure:
            return Failure(failure.code, f"{failure}; --resume goes on with what is kept")
        return Failure(failure.code, f"{failure}; {rows:,} rows are kept, and --resume goes on with them")

    def _report(self, seconds: float) -> int:
        line, code = self._work.report(self._counts, seconds)
        # A pipe stays quiet, unless there is something to say.
        if code != OK or wanted(self._task.quiet, ""):
            for shown in (f"lanecrypt: {line}", *self._output.errors.summary()):
                say(shown)
        return code


def check_names(names: dict[str, str]) -> None:
    """Columns that are read and written must be told apart."""
    seen: dict[str, str] = {}
    for what, name in names.items():
        if name in seen.values():
            raise usage(f"two columns are called '{name}': {what} needs a name of its own")
        seen[what] = name
