"""As a user who may have few processes: right answers, and no exit.

libgomp calls exit(1) where a thread that it needs cannot be had; what is tested is the trial before each region.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

# No two of these tests, and no two runs side by side, share a user: the limit counts all that is a user's.
USER = 20_000 + os.getpid() % 40_000

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user who has no other processes")


def as_user(processes: int) -> list[str]:
    """The words that start a program as a user who may have so many processes and threads."""
    become = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]
    return [*become, "prlimit", f"--nproc={processes}:{processes}"]


@pytest.mark.parametrize("processes", range(5, 51))
def test_right_answers_and_no_exit(start: Callable[..., Any], soak: bool, processes: int) -> None:
    with start(as_user(processes)) as subject:
        for _ in range(20 if soak else 1):
            subject.batch(processes + 2)  # more than there can be: the team shrinks
            subject.batch(2)
            if soak:
                subject.batch(processes)  # its own thread and the owner count too
        assert subject.finish() == 0
