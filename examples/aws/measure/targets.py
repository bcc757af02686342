"""What can be measured: functions, and sessions in which one of them is called.

AWS is in aws.py, the emulator in local.py. A session is for one thread and one call at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from .configurations import MEMORY_MB, Configuration
from .failure import FunctionFailed
from .reports import Report

BOOTSTRAP, CROWBAR, OTHER = "bootstrap", "crowbar", "other"


@dataclass(frozen=True)
class Function:
    """`workers`: its WORKER_COUNT, None where it has none. `emulated`: on another processor, its times mean nothing."""

    name: str
    kind: str
    architecture: str
    memory_mb: int
    workers: int | None = None
    emulated: bool = False

    @property
    def configuration(self) -> Configuration | None:
        """The one of the twelve that this is, if any."""
        if self.kind != BOOTSTRAP or self.workers is None or MEMORY_MB.get(self.workers) != self.memory_mb:
            return None
        return Configuration(self.architecture, self.memory_mb, self.workers)


@dataclass(frozen=True)
class Invocation:
    """`error` is errorType and errorMessage where the function failed; `answer` is parsed JSON, None if it was none."""

    answer: Any
    error: str | None
    round_trip_ms: float
    report: Report | None

    @property
    def billed_ms(self) -> int | None:
        return self.report.billed_ms if self.report else None


def invocation(body: bytes, failed: bool, round_trip_ms: float, report: Report | None) -> Invocation:
    try:
        answer = json.loads(body)
    except ValueError:
        return Invocation(None, "an answer that is not JSON", round_trip_ms, report)
    if failed or (isinstance(answer, dict) and "errorType" in answer):
        error = answer if isinstance(answer, dict) else {}
        text = f"{error.get('errorType', 'an error without a type')}: {error.get('errorMessage', '(no message)')}"
        return Invocation(answer, text, round_trip_ms, report)
    return Invocation(answer, None, round_trip_ms, report)


class Session(Protocol):
    def invoke(self, event: bytes) -> Invocation:
        """Raises Unreachable where no answer can be had."""
        ...

    def thread_ms(self) -> dict[str, tuple[float, float]]:
        """How long each thread ran, and waited for a processor, so far; empty where it cannot be seen, as on AWS."""
        ...

    def peak_mb(self) -> float | None:
        """The most memory that the function has had; None where only its reports tell."""
        ...


class Target(Protocol):
    label: str  # "aws" or "local"; stands in every row and title
    left_out: list[tuple[str, str]]  # functions that cannot be called here, and why

    def functions(self) -> list[Function]: ...

    def open(self, function: Function) -> AbstractContextManager[Session]: ...

    def processors(self, function: Function) -> float:
        """How many processors the function's threads have between them."""
        ...


def counted(function: Function, result: Invocation, items: int) -> dict[str, Any]:
    """The answer to an event of that many items; FunctionFailed if it is an error or not about them."""
    if result.error is not None:
        raise FunctionFailed(f"{function.name} answered an error: {result.error}")
    answer = result.answer
    if not isinstance(answer, dict) or answer.get("processed") != items or answer.get("failed", 0) != 0:
        raise FunctionFailed(f"{function.name} did not process {items} items: is this a function of lanecrypt?")
    for name in ("duration_ms", "threads_used", "workers"):
        if type(answer.get(name)) is not int:
            raise FunctionFailed(f"{function.name} answered without {name}: is this a function of lanecrypt?")
    return answer


def hashing_threads(
    before: dict[str, tuple[float, float]], after: dict[str, tuple[float, float]], threads: int
) -> list[tuple[float, float]]:
    """How long each of so many threads ran and waited, from two `thread_ms`; empty where they were not seen.

    The busiest are taken, for there is one more that only waits for their end.
    """
    if not before or not after:
        return []
    taken = []
    for name, (ran, waited) in after.items():
        ran_before, waited_before = before.get(name, (0.0, 0.0))
        taken.append((ran - ran_before, waited - waited_before))
    return sorted(taken, reverse=True)[:threads]


def benchmarked(target: Target, keep: Callable[[str], bool]) -> tuple[list[Function], list[tuple[str, str]]]:
    """The functions to time, one for each configuration and in its order, and those left out, with the reason."""
    chosen: dict[Configuration, Function] = {}
    left_out = list(target.left_out)
    # The stack may have a second function of the same size for its traffic; the benchmark's have vcpu in their names.
    for function in sorted(target.functions(), key=lambda each: ("vcpu" not in each.name, each.name)):
        configuration = function.configuration
        if configuration is None or not keep(function.name):
            continue
        if function.emulated:
            left_out.append((function.name, "its processor is emulated here, and such times mean nothing"))
        elif configuration in chosen:
            left_out.append((function.name, f"{chosen[configuration].name} is of the same configuration"))
        else:
            chosen[configuration] = function
    return [chosen[configuration] for configuration in sorted(chosen)], left_out
