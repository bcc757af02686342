"""The two objects that a run makes, rows and errors, and its checkpoint: saved in a thread while the next is computed.

The order makes it safe to be killed anywhere: parts first, then the checkpoint that knows them, and the objects appear
only when a checkpoint says that all rows are computed. What a checkpoint knows is never computed again; what none knows
was never seen by anybody.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from lanecrypt.aws._checkpoint import VERSION, Checkpoint, Kept
from lanecrypt.aws._errors import ObjectFailed
from lanecrypt.aws._growing import RUN, SIGNATURE, Growing
from lanecrypt.cli.errors_log import entry
from lanecrypt.cli.formats.base import START, Mark, Problem

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ERRORS, PROGRESS = ".errors.ndjson", ".progress"
NUMBERS_IN_FLIGHT = 2  # part numbers that a run may have used since its checkpoint: one of rows, one of errors


class Place(NamedTuple):
    bucket: str
    key: str
    content_type: str
    part_bytes: int
    save_seconds: float


class Moment(NamedTuple):
    """Everything up to a mark, as it is saved."""

    head: dict[str, Any]
    rows: bytes | bytearray
    errors: bytes | bytearray


class Output:
    """All methods are for one thread. Holds a part that is filled and one that is on its way, of rows and of errors."""

    def __init__(self, s3: S3Client, place: Place, signature: str) -> None:
        self.mark, self.counts, self.finished = START, dict[str, int](), False
        self._place, self._signature = place, signature
        self._run = uuid.uuid4().hex
        self._checkpoint = Checkpoint(s3, place.bucket, place.key + PROGRESS, uuid.uuid4().hex)
        self._next = 1
        kept = self._checkpoint.load()
        known = kept is not None and (kept.head.get("version"), kept.head.get("signature")) == (VERSION, signature)
        if kept is not None and known:
            self._run = kept.head["run"]
        metadata = {RUN: self._run, SIGNATURE: signature}
        self._rows = Growing(s3, place.bucket, place.key, place.content_type, metadata)
        self._errors = Growing(s3, place.bucket, place.key + ERRORS, "application/x-ndjson", metadata)
        self.complete = not known and self._rows.metadata().get(SIGNATURE) == signature
        self._saver = ThreadPoolExecutor(1, "lanecrypt-upload")
        self._saving: Future[None] | None = None
        self._saved_at = time.monotonic()
        if kept is not None and known:
            self._go_on(kept)
        elif kept is not None:
            self._replace(kept)

    def _go_on(self, kept: Kept) -> None:
        head = kept.head
        self.mark, self.counts, self.finished = Mark(*head["mark"]), head["counts"], head["finished"]
        self._rows.go_on(head["rows"], kept.rows)
        self._errors.go_on(head["errors"], kept.errors)
        self._next = head["next"] + NUMBERS_IN_FLIGHT
        self.save()  # from here on it is ours

    def _replace(self, kept: Kept) -> None:
        """A checkpoint of another content or other settings: its parts are of no use."""
        for growing, name in ((self._rows, "rows"), (self._errors, "errors")):
            growing.upload_id = kept.head.get(name, {}).get("upload_id")
            growing.give_up()
            growing.upload_id = None

    @property
    def begun(self) -> bool:
        """Whether anything is written, be it only a header."""
        return bool(self._rows.tail or self._rows.parts)

    @property
    def errors_key(self) -> str | None:
        return self._errors.key if self.counts.get("failed") else None

    # Its rows

    def fail(self, number: int, problem: Problem) -> None:
        self._errors.tail += entry("line", number, problem).encode()

    def write(self, lines: list[bytes], mark: Mark, counts: dict[str, int]) -> None:
        """Rows up to a mark. Waits where a part is full and the last one is still on its way."""
        for line in lines:
            self._rows.tail += line
        self.mark, self.counts = mark, dict(counts)
        full = max(len(self._rows.tail), len(self._errors.tail)) >= self._place.part_bytes
        if full or (time.monotonic() - self._saved_at > self._place.save_seconds and self._is_idle()):
            self._start_saving()

    def _is_idle(self) -> bool:
        return self._saving is None or self._saving.done()

    def _start_saving(self) -> None:
        self._wait()
        tails = self._rows.taken(self._place.part_bytes), self._errors.taken(self._place.part_bytes)
        self._saving = self._saver.submit(self._commit, self._moment(*tails))
        self._saved_at = time.monotonic()

    def _wait(self) -> None:
        saving, self._saving = self._saving, None
        if saving is not None:
            saving.result()

    def _moment(self, rows: bytes | bytearray, errors: bytes | bytearray) -> Moment:
        head = {
            "signature": self._signature,
            "run": self._run,
            "mark": list(self.mark),
            "counts": self.counts,
            "finished": self.finished,
        }
        return Moment(head, rows, errors)

    def _commit(self, moment: Moment) -> None:
        """Full tails become parts, and the checkpoint knows them; what is not full goes into it."""
        tails: list[bytes] = []
        for growing, tail in ((self._rows, moment.rows), (self._errors, moment.errors)):
            full = len(tail) >= self._place.part_bytes
            if full:
                growing.put_part(self._number(), tail)
            tails.append(b"" if full else bytes(tail))
        uploads = {"rows": self._rows.saved(), "errors": self._errors.saved(), "next": self._next}
        self._checkpoint.save({**moment.head, **uploads}, *tails)

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    # How it ends

    def save(self) -> None:
        """Everything up to the mark is safe when this returns."""
        self._start_saving()
        self._wait()

    def finish(self) -> None:
        """Makes the objects appear, errors first. It may be left anywhere, and begun again."""
        if not self.finished:
            self.finished = True
            self.save()
        if self._errors.tail or self._errors.parts:
            self._errors.finish(self._number(), bytes(self._errors.tail))
        else:
            self._errors.remove()
        self._rows.finish(self._number(), bytes(self._rows.tail))
        self._checkpoint.remove()

    def give_up(self) -> None:
        """Of this run nothing is left: the next begins anew."""
        self._wait_quietly()
        for growing in (self._rows, self._errors):
            growing.give_up()
        self._checkpoint.remove()

    def _wait_quietly(self) -> None:
        with contextlib.suppress(ObjectFailed):
            self._wait()

    def close(self) -> None:
        self._saver.shutdown()


def signature(*parts: Any) -> str:
    """A text that tells one content of one object, and one way to compute it, from all others."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
