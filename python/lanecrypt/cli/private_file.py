"""Files that only their owner may read, created anew and never by accident in another's place; and streams.

They take whole chunks and have no buffer of their own: what was written is with the system, and an error is seen where
it happens.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import os
import re
import stat
from collections.abc import Iterator

from lanecrypt.cli.failure import os_failure, usage


class Sink:
    """Bytes to a file descriptor that somebody else closes."""

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor, self.name = descriptor, name
        self.position = 0

    def write(self, data: bytes) -> None:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise os_failure(f"cannot write {self.name}", error) from None
        self.position += len(data)

    def finish(self) -> None:
        """Nothing more will be written."""

    def sync(self) -> None:
        pass

    def close(self) -> None:
        pass


class OpenedStream(Sink):
    """A device, a pipe, or one of this process's own descriptors."""

    def close(self) -> None:
        os.close(self._descriptor)


class PrivateFile(Sink):
    """A regular file of mode 0600, locked while it is written. One named .gz gets a gzip member for each chunk."""

    def __init__(self, descriptor: int, path: str) -> None:
        super().__init__(descriptor, path)
        self._gzip = path.lower().endswith(".gz")
        if not _locked(descriptor, path):
            os.close(descriptor)
            raise busy(path)

    def packed(self, data: bytes) -> bytes:
        """Bytes as they are on the disk."""
        return gzip.compress(data, 6, mtime=0) if self._gzip and data else data

    def write(self, data: bytes) -> None:
        super().write(self.packed(data))

    def finish(self) -> None:
        if self._gzip and self.position == 0:
            super().write(gzip.compress(b"", 6, mtime=0))  # no bytes at all are no gzip file

    def sync(self) -> None:
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise os_failure(f"cannot write {self.name}", error) from None

    def holds_no_more_than(self, data: bytes) -> bool:
        """Whether it is nothing but the beginning of these bytes."""
        whole = self.packed(data)
        return whole.startswith(os.pread(self._descriptor, len(whole) + 1, 0))

    def cut(self, position: int) -> None:
        """Cuts what stands behind a position, such as a line that a crash tore, and goes on there."""
        if os.fstat(self._descriptor).st_size < position:
            raise usage(f"{self.name} is shorter than it was when it was interrupted; it cannot be gone on with")
        os.ftruncate(self._descriptor, position)
        self.position = os.lseek(self._descriptor, position, os.SEEK_SET)

    def close(self) -> None:
        os.close(self._descriptor)


def busy(path: str) -> Exception:
    return usage(f"another lanecrypt is writing {path}")


def _locked(descriptor: int, path: str) -> bool:
    """Locks a file; not if another run has it, or put a new one in its place before it was locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def standard_output() -> Sink:
    return Sink(1, "standard output")


def descriptor_of(path: str) -> int | None:
    """Which of this process's descriptors a path such as /dev/stderr means, whatever that is open on.

    The system would follow /dev/stderr to the file that it is redirected to, where it is no file to be replaced.
    """
    for _ in range(40):  # as many links as Linux follows
        folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100
        path = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118
        if re.fullmatch(rf"/proc/{os.getpid()}/(task/\d+/)?fd/\d+", path):
            return int(name)
        if not os.path.islink(path):  # noqa: PTH114
            return None
        path = os.path.join(os.path.dirname(path), os.readlink(path))  # noqa: PTH115, PTH118, PTH120
    return None


def is_special(path: str) -> bool:
    """Whether there is something at the path that is no file to be made: a device, a pipe, an open descriptor."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116
    except OSError:
        return False
    if stat.S_ISREG(mode):
        return descriptor_of(path) is not None
    return not stat.S_ISDIR(mode)


def _special(path: str) -> Sink:
    number = descriptor_of(path)
    # Opened by its path, a file would be written from its beginning again.
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC) if number is None else os.dup(number)
    return OpenedStream(descriptor, path)


@contextlib.contextmanager
def held(path: str) -> Iterator[None]:
    """While it is entered no run can begin to write an old file; refused if one is writing it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        yield  # there is none, or it is a link, or not ours to read: no run of ours is writing it
        return
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode) and not _locked(descriptor, path):
            raise busy(path)
        yield
    finally:
        os.close(descriptor)


def remove(path: str) -> None:
    """Removes an old file, so that its owner and mode do not live on; not one that another run is writing."""
    with held(path):
        try:
            os.unlink(path)  # noqa: PTH108
        except FileNotFoundError:
            return
        except OSError as error:
            raise os_failure(f"cannot replace {path}", error) from None


def create(path: str, *, force: bool) -> Sink:
    """A new file; with force in the place of an old one."""
    try:
        if is_special(path):
            return _special(path)
        if force:
            remove(path)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        return PrivateFile(os.open(path, flags, 0o600), path)
    except FileExistsError:
        raise exists(path) from None
    except OSError as error:
        raise os_failure(f"cannot create {path}", error) from None


def exists(path: str) -> Exception:
    return usage(f"{path} exists: --force replaces it")


def reopen(path: str) -> PrivateFile:
    """A file of an earlier run, to be cut where it is gone on with."""
    try:
        return PrivateFile(os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW), path)
    except OSError as error:
        raise os_failure(f"cannot go on with {path}", error) from None
