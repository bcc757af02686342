"""One object through the engine: rows come from a thread that downloads, lines go to a thread that uploads.

In between everything is one after the other, each chunk over all cores. Memory holds a few blocks, one chunk and a few
parts, whatever the object's size.
"""

from __future__ import annotations

import io
import threading
import time
from collections import Counter
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

import lanecrypt
from lanecrypt._stream import ChunkSize
from lanecrypt.aws._clock import Deadline
from lanecrypt.aws._download import ObjectStream, Version
from lanecrypt.aws._errors import ObjectFailed
from lanecrypt.aws._output import Output, Place, signature
from lanecrypt.aws._plan import TYPES, Plan
from lanecrypt.cli.failure import Failure
from lanecrypt.cli.formats import Input, Table, find_format, open_table
from lanecrypt.cli.work import Chunks

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 4 << 20  # of input
READ_BYTES = 1 << 16
LONGEST_WAIT = 1e6  # seconds; what a Timer takes
ENDING = ("input_changed", "upload_gone", "too_large")  # what a checkpoint is of no use after


class Result(NamedTuple):
    done: bool
    counts: dict[str, int]  # of the whole object
    output: str
    errors: str | None
    here: int  # rows of this invocation
    seconds: float
    already: bool = False  # it was done before, and nothing is left of how


def transform(s3: S3Client, version: Version, plan: Plan, stop: Deadline) -> Result:
    """Computes an object until it is done or the time is over. Raises ObjectFailed and TakenOver."""
    format_name = plan.format_of(version.key)
    key = plan.output_key(version.key)
    sign = signature(list(version[:4]), {**plan.settings(), "format": format_name, "key": key})
    stream = io.BufferedReader(ObjectStream(s3, version), READ_BYTES)
    try:
        layout = plan.layout()
        # The base class' stub knows no peek(); a BufferedReader is an IO[bytes].
        given = Input(cast("IO[bytes]", stream), version.size)
        table = open_table(find_format(format_name, ""), version.key, layout, given)
        place = Place(plan.bucket, key, TYPES[format_name], plan.part_bytes, plan.save_seconds)
        output = Output(s3, place, sign)
        try:
            return _Run(plan, table, output, stop, len(layout.added)).run(key)
        finally:
            output.close()
    except Failure as failure:
        raise ObjectFailed("unusable_input", str(failure)) from None
    finally:
        stream.close()


class _Run:
    def __init__(self, plan: Plan, table: Table, output: Output, stop: Deadline, added: int) -> None:
        self._table, self._output, self._stop = table, output, stop
        self._began, self._rows_before = time.monotonic(), output.counts.get("rows", 0)
        size = ChunkSize(plan.threads, plan.engine)
        self._chunks = Chunks(plan.work(), table, added, size, Counter(output.counts), CHUNK_BYTES)
        self._cancel = lanecrypt.Cancel()

    def run(self, key: str) -> Result:
        if self._output.complete:
            return Result(True, {}, key, None, 0, 0.0, already=True)
        timer = threading.Timer(min(max(self._stop.left(), 0), LONGEST_WAIT), self._cancel.set)
        timer.daemon = True
        timer.start()
        try:
            done = self._rows()
        except Failure:
            self._output.give_up()  # what cannot be read will not be read the next time
            raise
        except ObjectFailed as failed:
            if failed.code in ENDING:
                self._output.give_up()
            raise
        finally:
            timer.cancel()
        counts, output = dict(self._chunks.counts), self._output
        here = counts.get("rows", 0) - self._rows_before
        return Result(done, counts, key, output.errors_key, here, time.monotonic() - self._began)

    def _rows(self) -> bool:
        """Whether all rows are computed and the output is there."""
        output = self._output
        if not output.finished:
            if not output.begun:
                output.write([self._table.header()], output.mark, {})
            rows = self._table.rows(output.mark)
            while not self._cancel.is_set() and (chunk := self._chunks.take(rows)):
                self._write(chunk)
            if self._cancel.is_set():
                output.save()
                return False
        output.finish()
        return True

    def _write(self, chunk: list[Any]) -> None:
        outcomes = self._chunks.compute(chunk, _no_progress, self._cancel)
        lines = [self._chunks.line(row, outcome, self._output.fail) for row, outcome in zip(chunk, outcomes)]
        if lines:
            self._output.write(lines, chunk[len(lines) - 1].after, self._chunks.counts)


def _no_progress(_done: int, _total: int) -> None:
    pass
