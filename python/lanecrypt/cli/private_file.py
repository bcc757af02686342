"""Files that only their owner may read, created anew and never by accident in another's place; and standard output.

Both take whole chunks and have no buffer of their own: what was written is with the system, and an error is seen where
it happens.
"""

from __future__ import annotations

import fcntl
import gzip
import os
import stat

from lanecrypt.cli.failure import os_failure, usage


class Sink:
    """Bytes to a file descriptor."""

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor, self._name = descriptor, name
        self.position = 0

    def write(self, data: bytes) -> None:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise os_failure(f"cannot write {self._name}", error) from None
        self.position += len(data)

    def sync(self) -> None:
        pass

    def close(self) -> None:
        pass


def standard_output() -> Sink:
    return Sink(1, "standard output")


class PrivateFile(Sink):
    """A regular file of mode 0600, locked while it is written. One named .gz gets a gzip member for each chunk."""

    def __init__(self, descriptor: int, path: str) -> None:
        super().__init__(descriptor, path)
        self._gzip = path.endswith(".gz")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise usage(f"another lanecrypt is writing {path}") from None
        except OSError:
            pass  # a file system without locks

    def write(self, data: bytes) -> None:
        if data:
            super().write(gzip.compress(data, 6, mtime=0) if self._gzip else data)

    def sync(self) -> None:
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise os_failure(f"cannot write {self._name}", error) from None

    def cut(self, position: int) -> None:
        """Cuts what stands behind a position, such as a line that a crash tore, and goes on there."""
        if os.fstat(self._descriptor).st_size < position:
            raise usage(f"{self._name} is shorter than it was when it was interrupted; it cannot be gone on with")
        os.ftruncate(self._descriptor, position)
        self.position = os.lseek(self._descriptor, position, os.SEEK_SET)

    def close(self) -> None:
        os.close(self._descriptor)


def is_special(path: str) -> bool:
    """Whether there is something at the path that is no regular file: a device, a pipe."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def create(path: str, *, force: bool) -> Sink:
    """A new file. With force an old one is removed first, so that its owner and mode do not live on."""
    try:
        if is_special(path):
            return Sink(os.open(path, os.O_WRONLY | os.O_CLOEXEC), path)
        if force and os.path.lexists(path):
            os.unlink(path)  # noqa: PTH108
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        return PrivateFile(os.open(path, flags, 0o600), path)
    except FileExistsError:
        raise usage(f"{path} exists: --force replaces it") from None
    except OSError as error:
        raise os_failure(f"cannot create {path}", error) from None


def reopen(path: str, position: int) -> PrivateFile:
    """A file of an earlier run, cut at a position, to go on with."""
    try:
        file = PrivateFile(os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW), path)
    except OSError as error:
        raise os_failure(f"cannot go on with {path}", error) from None
    file.cut(position)
    return file
