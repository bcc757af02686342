"""In environments that are made to disturb OpenMP: each variable is set before the process starts; right answers."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

VALUES = {
    "OMP_NUM_THREADS": ["1", "2", "1000000", "0", "-3", "4,3,2", "banana", ""],
    "OMP_DYNAMIC": ["true", "false"],
    "OMP_STACKSIZE": ["64k", "16k", "1", "0", "10m", "banana", "1000G", "100000000G", "99999999999999999999"],
    "OMP_PROC_BIND": ["true", "false", "master", "close", "spread", "spread,close", "banana"],
    "OMP_PLACES": ["{0}", "{0},{1}", "{1000}", "threads", "cores", "sockets", "banana"],
    "OMP_WAIT_POLICY": ["active", "passive", "banana"],
    "OMP_THREAD_LIMIT": ["1", "2", "0", "1000000"],
    "OMP_MAX_ACTIVE_LEVELS": ["0", "1", "7"],
    "OMP_NESTED": ["true", "false"],
    "OMP_SCHEDULE": ["static,1000", "guided,3", "banana"],
    "OMP_CANCELLATION": ["true"],
    "OMP_DISPLAY_ENV": ["verbose"],
    "OMP_TARGET_OFFLOAD": ["mandatory"],
    "GOMP_CPU_AFFINITY": ["0", "0-1000", "banana"],
    "GOMP_SPINCOUNT": ["0", "infinity"],
    "GOMP_STACKSIZE": ["64k", "1000G"],
}

ALL_AT_ONCE = {
    "OMP_NUM_THREADS": "1",
    "OMP_DYNAMIC": "true",
    "OMP_STACKSIZE": "64k",
    "OMP_PROC_BIND": "spread",
    "OMP_PLACES": "{0}",
    "OMP_WAIT_POLICY": "active",
    "OMP_THREAD_LIMIT": "2",
    "OMP_MAX_ACTIVE_LEVELS": "1",
    "OMP_NESTED": "true",
}

SINGLE = [{name: value} for name, values in VALUES.items() for value in values]


def name_of(environment: dict[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in environment.items()) if len(environment) == 1 else "all"


@pytest.mark.parametrize("environment", [*SINGLE, ALL_AT_ONCE], ids=name_of)
def test_right_answers(start: Callable[..., Any], environment: dict[str, str]) -> None:
    with start(env=environment) as subject:
        for threads in (6, 2):
            subject.batch(threads)
        assert subject.finish() == 0


# A gigabyte for each thread where there are two for all: OpenMP would end the process.
@pytest.mark.parametrize("name", ["OMP_STACKSIZE", "GOMP_STACKSIZE"])
@pytest.mark.parametrize("size", ["1G", " 1 g ", "1024M", "1048576", "1048576K", "1073741824b"])
def test_stacks_that_do_not_fit(start: Callable[..., Any], name: str, size: str) -> None:
    with start(["prlimit", f"--as={2 << 30}"], {name: size}) as subject:
        for threads in (6, 2, 6):
            subject.batch(threads)
        assert subject.finish() == 0


def test_affinity_to_one_core(start: Callable[..., Any]) -> None:
    core = min(os.sched_getaffinity(0))
    with start(["taskset", "-c", str(core)], {"OMP_PROC_BIND": "spread", "OMP_PLACES": "cores"}) as subject:
        subject.batch(6)
        assert subject.finish() == 0
