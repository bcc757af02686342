"""Checks the options that batches share and makes the C library's of them. Every error names its argument."""

from __future__ import annotations

import time
from operator import index

from . import _core
from ._core import Cancel, Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COST_MIN = 4
COST_MAX = 31
THREADS_MAX = 1024
PREFIXES = (b"2a", b"2b", b"2y")
_DECADES = 1e9  # seconds: further away is no deadline, and further back is as late


def whole_number(name: str, value: Any, low: int, high: int) -> int:
    """The value as an int from low to high."""
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, not {type(value).__name__}") from None
    if not low <= number <= high:
        raise ValueError(f"{name} must be from {low} to {high}")
    return number


def one_of(name: str, value: Any, *allowed: str) -> str:
    """The value, if it is one of these texts."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} must be {' or '.join(map(repr, allowed))}")
    return str(value)


def checked_flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {type(value).__name__}")
    return value


def checked_prefix(prefix: Any) -> str:
    if not isinstance(prefix, bytes):
        raise TypeError(f"prefix must be bytes, not {type(prefix).__name__}")
    if prefix not in PREFIXES:
        raise ValueError("prefix must be b'2a', b'2b' or b'2y'")
    return prefix.decode("ascii")


def deadline_ns(seconds: Any) -> int:
    """Seconds from now as the wall clock's nanoseconds; 0, which is none, for None."""
    if seconds is None:
        return 0
    try:
        if seconds != seconds:
            raise ValueError("deadline must be a number of seconds")
        left = float(max(-_DECADES, min(seconds, _DECADES)))  # compared first: an int may be too large for a float
    except TypeError:
        raise TypeError(f"deadline must be a number of seconds, not {type(seconds).__name__}") from None
    return int((time.time() + left) * 1e9)


def checked_progress(progress: Any) -> Any:
    if progress is not None and not callable(progress):
        raise TypeError("progress must be callable as progress(done, total), or None")
    return progress


def checked_cancel(cancel: Any) -> Any:
    if cancel is not None and not isinstance(cancel, Cancel):
        raise TypeError(f"cancel must be a lanecrypt.Cancel or None, not {type(cancel).__name__}")
    return cancel


def checked_engine(engine: Any) -> str | None:
    if engine is not None and not isinstance(engine, str):
        raise TypeError(f"engine must be a str or None, not {type(engine).__name__}")
    if engine is not None and not (engine.isascii() and engine.isprintable()):
        raise ValueError("engine must be the name of an engine")
    return engine


def make_options(
    rounds: int,
    prefix: bytes,
    long_passwords: str,
    max_cost: int,
    threads: int | None,
    engine: str | None,
    upgrade_to: int | None = None,
    equal_time: bool = False,
) -> Options:
    """The options of a batch. Raises TypeError and ValueError that name the argument."""
    ceiling = whole_number("max_cost", max_cost, COST_MIN, COST_MAX)
    return _core.make_options(
        cost=_below("rounds", rounds, ceiling),
        prefix=checked_prefix(prefix),
        truncate=one_of("long_passwords", long_passwords, "refuse", "truncate") == "truncate",
        max_cost=ceiling,
        threads=0 if threads is None else whole_number("threads", threads, 1, THREADS_MAX),
        upgrade_cost=0 if upgrade_to is None else _below("upgrade_to", upgrade_to, ceiling),
        equal_time=checked_flag("equal_time", equal_time),
        engine=checked_engine(engine),
    )


def _below(name: str, cost: Any, ceiling: int) -> int:
    number = whole_number(name, cost, COST_MIN, COST_MAX)
    if number > ceiling:
        raise ValueError(f"{name} is {number}, over max_cost, which is {ceiling}")
    return number
