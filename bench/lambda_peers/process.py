"""What /proc tells of a function's processes: their memory, and which of their threads computed."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

SAMPLE_SECONDS = 0.01
USED_SHARE = 0.05  # of the processor time of a call: a thread with less did not compute


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
