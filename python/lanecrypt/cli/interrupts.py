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
    left by an exception.
    """

    def __init__(self) -> None:
        self.cancel = lanecrypt.Cancel()
        self.number = 0
        self.waiting = False
        self._before: list[Any] = []

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        again = self.number != 0
        self.number = self.number or number
        self.cancel.set()
        if self.waiting or again:
            raise Interrupted(self.number)

    def check(self) -> None:
        if self.number:
            raise Interrupted(self.number)

    def __enter__(self) -> Interrupts:
        self._before = [signal.signal(number, self._handle) for number in SIGNALS]
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        for number, handler in zip(SIGNALS, self._before):
            signal.signal(number, handler)
