"""An object of S3 as a file: the next blocks are downloaded in a thread while the last one is read.

Every request is for a block of the one version that the run began with (If-Match): an object that was replaced in
between is refused, and never mixed with what was there before.
"""

from __future__ import annotations

import io
import random
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from lanecrypt.aws._errors import ObjectFailed, status_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BLOCK_BYTES = 4 << 20
AHEAD = 2  # blocks that are there, or on their way, beside the one that is read
TRIES = 5  # of a block whose body was cut off; refused requests are botocore's to try again
CHANGED = "the object is not the one that the event was about any more"


class Version(NamedTuple):
    """One object, and one of its contents."""

    bucket: str
    key: str
    etag: str
    version_id: str | None
    size: int


def look(s3: S3Client, bucket: str, key: str, etag: str | None, version_id: str | None) -> Version:
    """What stands there now, if it is what was asked for."""
    given: dict[str, Any] = {"VersionId": version_id} if version_id else {}
    try:
        found = s3.head_object(Bucket=bucket, Key=key, **given)
    except Exception as error:
        raise _refused(error) from None
    found_etag = found["ETag"].strip('"')
    if etag is not None and etag.strip('"') != found_etag:
        raise ObjectFailed("input_changed", CHANGED)
    return Version(bucket, key, found_etag, version_id, found["ContentLength"])


def _refused(error: Exception) -> Exception:
    status = status_of(error)
    if status == 404:
        return ObjectFailed("input_missing", "there is no such object")
    if status == 403:
        return ObjectFailed("forbidden", "the object may not be read: s3:GetObject, s3:ListBucket, and its key's use")
    return ObjectFailed("input_changed", CHANGED) if status == 412 else error


def read_whole(s3: S3Client, **asked: Any) -> tuple[bytes, str]:
    """What get_object answers to be read, and its ETag. A body that was cut off is asked for again."""
    for attempt in range(TRIES):
        try:
            answer = s3.get_object(**asked)
            return answer["Body"].read(), answer["ETag"]
        except Exception as error:
            if status_of(error) or attempt == TRIES - 1:
                raise
        time.sleep(random.uniform(0, 0.1 * 2**attempt))
    raise AssertionError


class ObjectStream(io.RawIOBase):
    """For one thread. Holds AHEAD + 1 blocks at most."""

    def __init__(self, s3: S3Client, version: Version) -> None:
        self._s3, self._version = s3, version
        self._pool = ThreadPoolExecutor(1, "lanecrypt-download")
        self._coming: deque[Future[bytes]] = deque()
        self._asked = self._at = 0  # up to where blocks were asked for; what is read next
        self._block = memoryview(b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._block:
            self._block = memoryview(self._next_block())
        count = min(len(buffer), len(self._block))
        buffer[:count] = self._block[:count]
        self._block = self._block[count:]
        self._at += count
        return count

    def _next_block(self) -> bytes:
        while len(self._coming) < AHEAD and self._asked < self._version.size:
            end = min(self._asked + BLOCK_BYTES, self._version.size)
            self._coming.append(self._pool.submit(self._fetch, self._asked, end))
            self._asked = end
        return self._coming.popleft().result() if self._coming else b""

    def _fetch(self, begin: int, end: int) -> bytes:
        version = self._version
        given: dict[str, Any] = {"VersionId": version.version_id} if version.version_id else {}
        asked = {"Bucket": version.bucket, "Key": version.key, "Range": f"bytes={begin}-{end - 1}", **given}
        try:
            data, _ = read_whole(self._s3, **asked, IfMatch=version.etag)
        except Exception as error:
            raise _refused(error) from None
        if len(data) != end - begin:
            raise ObjectFailed("input_changed", CHANGED)
        return data

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._version.size}[whence]
        self._drop()
        self._at = self._asked = base + offset
        return self._at

    def _drop(self) -> None:
        for block in self._coming:
            block.cancel()
        self._coming.clear()
        self._block = memoryview(b"")

    def close(self) -> None:
        if not self.closed:
            self._drop()
            self._pool.shutdown()
        super().close()
