"""The bytes of a file, of standard input or of an Input, line by line with the place behind each line.

gzip is known by its first bytes. A line is at most MAX_LINE bytes: one that is longer is passed over and said to be so,
and memory stays bounded whatever the input is.
"""

from __future__ import annotations

import gzip
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from lanecrypt.cli.failure import Failure, os_failure, unreadable
from lanecrypt.cli.formats.base import START, Mark

MAX_LINE = 16 << 20
SAMPLE = 4096
DAMAGED = (OSError, EOFError, zlib.error)  # what reading a file or gzip data may end in


class Line(NamedTuple):
    after: Mark
    data: bytes | None  # None: longer than MAX_LINE


class Input(NamedTuple):
    """Bytes that are open already, and come from wherever they come."""

    file: IO[bytes]  # buffered: it has peek()
    size: int  # 0: it cannot seek


class Source:
    """A cursor over lines: `position` is the place behind the last line that was handed out."""

    def __init__(self, path: str, file: Input | None = None, *, binary: bool = False) -> None:
        self.name = "standard input" if path == "-" else path
        self.position = START
        self._stream_at = START  # lines that were pushed back lie between position and here
        self._pushed: list[Line] = []
        self._begin = 0  # where standard input begins for us: somebody may have read of it before
        try:
            self._file: IO[bytes] = file.file if file else _opened(path)
        except OSError as error:
            raise self._failure(error) from None
        try:
            self._look(binary, file.size if file else None)
        except DAMAGED as error:
            self.close()
            raise self._failure(error) from None
        except Failure:
            self.close()
            raise

    def _look(self, binary: bool, size: int | None) -> None:
        self._size = _size_of(self._file) if size is None else size
        self._begin = self._file.tell() if self._size else 0
        self._stream = self._unpacked()
        self._check(self._stream.peek(SAMPLE)[:SAMPLE], binary)  # type: ignore[attr-defined]

    def _unpacked(self) -> IO[bytes]:
        if self._file.peek(2)[:2] == b"\x1f\x8b":  # type: ignore[attr-defined]
            return gzip.GzipFile(fileobj=self._file)  # type: ignore[return-value]
        return self._file

    def _check(self, sample: bytes, binary: bool) -> None:
        if sample.startswith(b"PAR1"):
            raise unreadable(f"{self.name} is a Parquet file: name it as a file, with --format parquet")
        if sample.startswith((b"\xff\xfe", b"\xfe\xff")) and not binary:
            raise unreadable(f"{self.name} is UTF-16; make it UTF-8 first, for example with iconv")
        if b"\0" in sample and not binary:
            raise unreadable(f"{self.name} is not text: there are NUL bytes at its beginning")

    def _failure(self, error: Exception) -> Failure:
        if isinstance(error, OSError) and error.errno is not None:
            return os_failure(f"cannot read {self.name}", error)
        return unreadable(f"cannot read {self.name}: its gzip data is damaged or ends too early")

    def read(self) -> Line | None:
        """The next line with its end; None behind the last. A byte order mark at the beginning is left out."""
        line = self._pushed.pop(0) if self._pushed else self._read()
        if line is not None:
            self.position = line.after
        return line

    def _read(self) -> Line | None:
        try:
            data: bytes | None = self._stream.readline(MAX_LINE + 1)
            if not data:
                return None
            after = Mark(self.position.offset + len(data), self.position.line + 1)
            if len(data) > MAX_LINE and not data.endswith(b"\n"):
                data, after = None, Mark(after.offset + self._pass_line(), after.line)
        except DAMAGED as error:
            raise self._failure(error) from None
        self._stream_at = after
        return Line(after, data[3:] if data and after.line == 1 and data[:3] == b"\xef\xbb\xbf" else data)

    def _pass_line(self) -> int:
        """Reads what is left of a line that is too long, and answers how much that was."""
        length = 0
        while data := self._stream.readline(MAX_LINE):
            length += len(data)
            if data.endswith(b"\n"):
                break
        return length

    def __iter__(self) -> Iterator[Line]:
        while line := self.read():
            yield line

    def push_back(self, lines: list[Line], position: Mark) -> None:
        """Lines that were read to look at them, to be read again."""
        self._pushed, self.position = lines, position

    def skip_to(self, mark: Mark) -> None:
        """Goes on behind a mark of an earlier run. Pipes and gzip are read up to there."""
        if mark == self.position == self._stream_at:
            return
        self._pushed = []
        if mark.offset < self._stream_at.offset and not self._can_seek():
            raise unreadable(f"{self.name} cannot be read again from its beginning")
        try:
            if self._can_seek():
                self._file.seek(self._begin + mark.offset)
            else:
                self._read_over(mark.offset - self._stream_at.offset)
        except DAMAGED as error:
            raise self._failure(error) from None
        self.position = self._stream_at = mark

    def _can_seek(self) -> bool:
        return self._stream is self._file and self._size > 0

    def _read_over(self, count: int) -> None:
        while count > 0:
            data = self._stream.read(min(count, 1 << 20))
            if not data:
                raise unreadable(f"{self.name} ends before the place to go on from")
            count -= len(data)

    def fraction(self) -> float | None:
        # In the file as it lies on disk, so that gzip counts too.
        return min(1.0, self._file.tell() / self._size) if self._size else None

    def close(self) -> None:
        if self._file is not sys.stdin.buffer:
            self._file.close()


def _opened(path: str) -> IO[bytes]:
    return sys.stdin.buffer if path == "-" else open(path, "rb")  # noqa: PTH123


def _size_of(file: IO[bytes]) -> int:
    information = os.fstat(file.fileno())
    return information.st_size if stat.S_ISREG(information.st_mode) else 0
