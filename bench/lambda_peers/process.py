"""What /proc and inotify tell of a function's process: when it was started, its memory, which threads computed."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import threading
import time
from pathlib import Path
from types import TracebackType

IN_OPEN = 0x20
SAMPLE_SECONDS = 0.01
USED_SHARE = 0.05  # of the processor time of a call: a thread with less did not compute


class StartWatch:
    """Notes when a program's file is opened, which is when the kernel begins to execute it.

    The time is taken when this thread wakes up, some tens of microseconds later.
    """

    def __init__(self, program: Path) -> None:
        self.started: int | None = None  # nanoseconds of the wall clock
        libc = ctypes.CDLL(None, use_errno=True)
        self._inotify = libc.inotify_init1(os.O_CLOEXEC)
        if self._inotify < 0 or libc.inotify_add_watch(self._inotify, bytes(program.resolve()), IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), f"cannot watch {program.name}")
        self._thread = threading.Thread(target=self._wait, daemon=True)

    def __enter__(self) -> StartWatch:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._thread.join(timeout=5)
        os.close(self._inotify)
        if kind is None and self.started is None:
            raise TimeoutError("the program was not started")

    def _wait(self, seconds: float = 5.0) -> None:
        if select.select([self._inotify], [], [], seconds)[0]:
            self.started = time.time_ns()


def resident_kb(pids: list[int]) -> int:
    """VmRSS of all of them together."""
    total = 0
    for pid in pids:
        status = (Path("/proc") / str(pid) / "status").read_text()
        total += int(status.partition("VmRSS:")[2].split()[0])
    return total


def thread_nanoseconds(pids: list[int]) -> dict[int, int]:
    """What each thread has had of a processor so far."""
    found: dict[int, int] = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            for task in (Path("/proc") / str(pid) / "task").iterdir():
                with contextlib.suppress(OSError, ValueError, IndexError):
                    found[int(task.name)] = int((task / "schedstat").read_text().split()[0])
    return found


def computing(before: dict[int, int], after: dict[int, int]) -> int:
    """How many threads had a share of the processor time in between that is worth a name."""
    spent = [after[thread] - before.get(thread, 0) for thread in after]
    return sum(each >= USED_SHARE * sum(spent) > 0 for each in spent)


class ThreadWatch:
    """Looks at the threads again and again while a call runs: a pool may be gone at its end."""

    def __init__(self, pids: list[int]) -> None:
        self.count = 0
        self._pids = pids
        self._before = thread_nanoseconds(pids)
        self._after = dict(self._before)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> ThreadWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._after |= thread_nanoseconds(self._pids)
        self.count = computing(self._before, self._after)

    def _look(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self._after |= thread_nanoseconds(self._pids)
