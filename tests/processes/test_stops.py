"""Processes that are stopped and continued, as Lambda freezes them and shells suspend them, and what idleness costs."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CYCLES = 200


def stop_and_continue(pid: int, chance: random.Random, pause: float) -> None:
    os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + 30
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < until, "it does not stop"
        time.sleep(0.0005)
    time.sleep(chance.uniform(0, pause))
    os.kill(pid, signal.SIGCONT)
    time.sleep(chance.uniform(0, pause))


def test_idle(start: Callable[..., Any]) -> None:
    chance = random.Random(4)
    with start() as subject:
        subject.batch(4)
        for cycle in range(CYCLES):
            stop_and_continue(subject.pid(), chance, 0.002)
            if cycle % 20 == 19:
                subject.batch(4)
        subject.batch(4)
        assert subject.finish() == 0


def test_in_the_middle_of_batches(start: Callable[..., Any]) -> None:
    chance = random.Random(5)
    with start() as subject:
        subject.batch(4)
        for _ in range(CYCLES // 20):
            subject.begin_long()
            for _ in range(20):
                stop_and_continue(subject.pid(), chance, 0.002)
            subject.end_long()
        subject.batch(4)
        assert subject.finish() == 0


def processor_time(pid: int) -> float:
    """Of all threads of another process, in seconds: its CPU clock, as clock_getcpuclockid(3) makes its number."""
    return time.clock_gettime((~pid << 3) | 2)


def wake_ups(pid: int) -> int:
    """How often all threads of a process have gone to sleep: it grows where somebody wakes to look at something."""
    count = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        count += int(status.read_text().partition("\nvoluntary_ctxt_switches:")[2].split()[0])
    return count


def idle_milliseconds(pid: int) -> float:
    before = processor_time(pid)
    time.sleep(0.5)
    return (processor_time(pid) - before) * 1000


def test_idleness_costs_nothing(start: Callable[..., Any], figure: Callable[..., None], soak: bool) -> None:
    """Nobody spins or wakes between batches. The bar of 1 ms in 500 is a soak run's: other work may not fail a test."""
    with start() as subject:
        worst = 0.0
        for _ in range(20 if soak else 2):
            subject.batch(4)
            time.sleep(0.1)  # libgomp's workers wait some milliseconds with open eyes where OMP_WAIT_POLICY is not set
            asleep = wake_ups(subject.pid())
            spent = idle_milliseconds(subject.pid())
            assert spent <= (1 if soak else 50)
            assert wake_ups(subject.pid()) - asleep <= 20
            worst = max(worst, spent)
        figure(f"{subject.name}: processor time in 500 ms after a batch", worst, 1, "ms")
        assert subject.finish() == 0
