"""What the library says of the machine, of plans, and of stored hashes."""

from __future__ import annotations

from . import _core
from ._errors import Error
from ._options import COST_MAX, COST_MIN, THREADS_MAX, checked_engine, checked_prefix, whole_number
from ._types import Budget, Engine, HashInfo, Plan

_PLAN_MAX = 100_000_000


def engines() -> list[Engine]:
    """The engines of this library, best first. Runs their self-tests, which takes 2 ms once in a process."""
    return [Engine(*row) for row in _core.engines()]


def cpu_budget() -> Budget:
    """How many threads a batch may use, and why. Read anew at each call."""
    threads, visible, *bounds = _core.cpu_budget()
    affinity, cgroup, memory = (bound or None for bound in bounds)
    return Budget(threads, visible, affinity, cgroup, memory)


def plan(n: int, *, threads: int | None = None, engine: str | None = None) -> Plan:
    """How a batch of n passwords (0 to 100,000,000) would be cut, without computing anything."""
    count = whole_number("n", n, 0, _PLAN_MAX)
    most = 0 if threads is None else whole_number("threads", threads, 1, THREADS_MAX)
    status, name, used, widths, time, limit, reason, l1d, sharing = _core.plan(count, most, checked_engine(engine))
    if status != "ok":
        raise Error(status)
    return Plan(name, used, widths, time, limit, reason, l1d or None, sharing)


def identify(hash: bytes) -> HashInfo | None:
    """Variant, cost and setting of a stored hash; None for what is no canonical bcrypt hash of 60 bytes."""
    if not isinstance(hash, bytes):
        raise TypeError(f"hash must be bytes, not {type(hash).__name__}")
    parsed = _core.parse_hash(hash)
    return None if parsed is None else HashInfo(*parsed)


def needs_rehash(hash: bytes, rounds: int = 12, prefix: bytes = b"2b") -> bool:
    """Whether a stored hash is below this cost or variant (2x < 2a < 2b = 2y). ValueError for what is none."""
    if not isinstance(hash, bytes):
        raise TypeError(f"hash must be bytes, not {type(hash).__name__}")
    status, needs = _core.needs_rehash(hash, whole_number("rounds", rounds, COST_MIN, COST_MAX), checked_prefix(prefix))
    if status != "ok":
        raise ValueError("hash is not a canonical bcrypt hash of 60 bytes")
    return needs
