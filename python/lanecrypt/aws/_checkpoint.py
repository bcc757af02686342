"""OUTPUT.progress: one object that says how far an output has come, and holds what no part has yet.

Its first line is JSON, then come the rows and the error lines that are computed and in no uploaded part. It is replaced
as a whole and only by whoever read or wrote it last (If-Match), so that of two invocations one goes on and the other
ends. It has no password.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from lanecrypt.aws._download import read_whole
from lanecrypt.aws._errors import ObjectFailed, TakenOver, status_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

VERSION = 1


class Kept(NamedTuple):
    """What a checkpoint says, and the bytes behind its first line."""

    head: dict[str, Any]
    rows: bytes
    errors: bytes


class Checkpoint:
    """For one thread at a time."""

    def __init__(self, s3: S3Client, bucket: str, key: str, owner: str) -> None:
        self._s3, self._owner = s3, owner
        self._place: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._etag: str | None = None
        self._serial = 0

    def load(self) -> Kept | None:
        """What was saved last, by whomever; from now on it is this one's to replace."""
        try:
            body, etag = read_whole(self._s3, **self._place)
        except Exception as error:
            if status_of(error) == 404:
                return None
            if status_of(error) == 403:
                raise ObjectFailed("forbidden", "the checkpoint may not be read: s3:GetObject, s3:ListBucket") from None
            raise
        self._etag = etag
        kept = _parsed(body)
        self._serial = kept.head.get("serial", 0)
        return kept

    def save(self, head: dict[str, Any], rows: bytes, errors: bytes) -> None:
        """Replaces what this one saved or loaded last. TakenOver, if it is another's now."""
        self._serial += 1
        head = {**head, "version": VERSION, "owner": self._owner, "serial": self._serial, "rows_tail": len(rows)}
        body = json.dumps(head).encode() + b"\n" + rows + errors
        condition: dict[str, Any] = {"IfMatch": self._etag} if self._etag else {"IfNoneMatch": "*"}
        try:
            saved = self._s3.put_object(**self._place, Body=body, **condition)
        except Exception as error:
            if status_of(error) not in (404, 409, 412):
                raise
            self._settle()
            return
        self._etag = saved["ETag"]

    def _settle(self) -> None:
        """A refusal may follow a request that went through and whose answer was lost."""
        serial, self._etag = self._serial, None
        kept = self.load()
        if kept is None or (kept.head.get("owner"), kept.head.get("serial")) != (self._owner, serial):
            raise TakenOver("taken_over", "another invocation has gone on with this object")

    def remove(self) -> None:
        self._s3.delete_object(**self._place)


def _parsed(body: bytes) -> Kept:
    first, _, rest = body.partition(b"\n")
    try:
        head = json.loads(first)
        cut = head["rows_tail"]
    except (ValueError, KeyError, TypeError):
        return Kept({}, b"", b"")
    return Kept(head, rest[:cut], rest[cut:])
