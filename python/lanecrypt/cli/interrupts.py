"""Ctrl-C and SIGTERM: a batch ends soon, what is finished of it is written; a second signal ends everything at once.

Only for the main thread: others cannot have signal handlers.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

import lanecrypt

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """Like KeyboardInterrupt, no Exception: nothing that handles errors may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Interrupts:
    """While it is entered, a signal sets `cancel` and is remembered; where `waiting` is set it raises as well.

    Python goes on with a system call after a signal handler that returns, so a read that waits for input can only be
    left by an exception. A signal that this process was started to ignore (as a shell does for `command &`) stays
    ignored.
    """

    def __init__(self) -> None:
        self.cancel = lanecrypt.Cancel()
        self.number = 0
        self.waiting = False
        self._ending = False
        self._before: dict[int, Any] = {}

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        again = self.number != 0
        self.number = self.number or number
        self.cancel.set()
        if (self.waiting or again) and not self._ending:
            raise Interrupted(self.number)

    def check(self) -> None:
        if self.number:
            raise Interrupted(self.number)

    def hold(self) -> None:
        """The end is near and may not be left half-way: from now on signals come too late."""
        self._ending = True

    def __enter__(self) -> Interrupts:
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
