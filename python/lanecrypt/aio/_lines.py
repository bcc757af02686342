"""The calls that wait in a Batcher: one line for each kind, served in turns. Not for several threads at once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any, NamedTuple

from .._core import Cancel
from .._machine import engines, plan

_AS_GOOD = 0.98  # of the best throughput: worth giving up for a group that ends earlier


class Kind(NamedTuple):
    """What calls must have in common to share lanes: equal kinds take equal time and are computed by one function."""

    verifies: bool
    cost: int
    upgrade_to: int | None


class Call:
    """One password that a task waits for."""

    __slots__ = ("future", "group", "hash", "kind", "loop", "password")

    def __init__(self, kind: Kind, password: Any, hash: bytes | None) -> None:
        self.kind = kind
        self.password = password
        self.hash = hash
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.group: Group | None = None


class Group:
    """Calls of one kind that are computed side by side."""

    def __init__(self, calls: list[Call]) -> None:
        self.calls = calls
        self.cancel = Cancel()
        self.wanted = len(calls)
        """Calls whose tasks still wait."""
        self.refused = False
        """Whether the Batcher was closed without finishing."""
        for call in calls:
            call.group = self


def widest_group(engine: str | None) -> int:
    """How many lanes a group of one core may have.

    The narrowest width whose throughput is within 2 % of the engine's best: more lanes would make every member wait
    longer, for nothing.
    """
    name = plan(1, threads=1, engine=engine).engine
    times = next(row.relative_time for row in engines() if row.name == name)
    rates = [width / time for width, time in enumerate(times, start=1)]
    return next(width for width, rate in enumerate(rates, start=1) if rate >= _AS_GOOD * max(rates))


class Lines:
    """Calls in the order of their coming, each kind in a line of its own; the lines take turns, a group at a time.

    So no kind starves, and a cheap call waits for one group at most of each dearer kind.
    """

    def __init__(self, widest: int) -> None:
        self.count = 0
        self._widest = widest
        self._lines: OrderedDict[Kind, OrderedDict[Call, None]] = OrderedDict()

    def add(self, call: Call) -> None:
        self._lines.setdefault(call.kind, OrderedDict())[call] = None
        self.count += 1

    def remove(self, call: Call) -> bool:
        """Whether it was there."""
        line = self._lines.get(call.kind)
        if line is None or call not in line:
            return False
        del line[call]
        if not line:
            del self._lines[call.kind]
        self.count -= 1
        return True

    def take(self, takers: int) -> Group:
        """The next group, for one of so many takers: what waits is spread over them. There must be a call."""
        kind, line = self._lines.popitem(last=False)
        size = min(len(line), self._widest, -(-self.count // takers))
        calls = [line.popitem(last=False)[0] for _ in range(size)]
        if line:
            self._lines[kind] = line  # behind all others
        self.count -= size
        return Group(calls)

    def clear(self) -> list[Call]:
        """Takes all calls out."""
        calls = [call for line in self._lines.values() for call in line]
        self._lines.clear()
        self.count = 0
        return calls
