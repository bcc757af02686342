"""The order in which calls that wait are computed: kinds in turns, groups of bounded size, idle cores alike."""

from __future__ import annotations

import asyncio

import lanecrypt
import pytest
from lanecrypt.aio._lines import Call, Kind, Lines, widest_group

CHEAP = Kind(True, 4, None)
DEAR = Kind(True, 14, None)
HASH = Kind(False, 12, None)


def taken(kinds: list[Kind], widest: int, takers: int = 1) -> list[tuple[Kind, int]]:
    """The groups that so many calls are taken in."""

    async def run() -> list[tuple[Kind, int]]:
        lines = Lines(widest)
        for kind in kinds:
            lines.add(Call(kind, b"", None))
        groups = []
        while lines.count:
            group = lines.take(takers)
            assert len({call.kind for call in group.calls}) == 1
            groups.append((group.calls[0].kind, len(group.calls)))
        return groups

    return asyncio.run(run())


def test_a_group_is_no_wider_than_asked() -> None:
    assert taken([DEAR] * 14, widest=6) == [(DEAR, 6), (DEAR, 6), (DEAR, 2)]


def test_kinds_take_turns() -> None:
    assert taken([DEAR] * 9 + [CHEAP] + [HASH] * 5, widest=4) == [
        (DEAR, 4),
        (CHEAP, 1),
        (HASH, 4),
        (DEAR, 4),
        (HASH, 1),
        (DEAR, 1),
    ]


def test_takers_share_what_waits() -> None:
    assert taken([DEAR] * 8, widest=6, takers=2)[0] == (DEAR, 4)
    assert taken([DEAR] * 7, widest=6, takers=2)[0] == (DEAR, 4)
    assert taken([DEAR] * 3, widest=6, takers=8)[0] == (DEAR, 1)


def test_calls_keep_their_order_and_can_be_removed() -> None:
    async def run() -> None:
        lines = Lines(8)
        calls = [Call(DEAR, b"%d" % i, None) for i in range(5)]
        for call in calls:
            lines.add(call)
        assert lines.remove(calls[1])
        assert not lines.remove(calls[1])
        assert not lines.remove(Call(CHEAP, b"", None))
        assert lines.count == 4
        assert lines.take(1).calls == [calls[0], *calls[2:]]
        assert lines.count == 0
        lines.add(calls[0])
        assert lines.remove(calls[0])
        assert lines.count == 0
        assert lines.clear() == []

    asyncio.run(run())


@pytest.mark.parametrize("engine", [row.name for row in lanecrypt.engines() if row.state == "ready"])
def test_the_widest_group_has_nearly_the_best_throughput(engine: str) -> None:
    times = next(row.relative_time for row in lanecrypt.engines() if row.name == engine)
    width = widest_group(engine)
    best = max(lanes / time for lanes, time in enumerate(times, start=1))
    assert width / times[width - 1] >= 0.98 * best
    assert all(narrower / times[narrower - 1] < 0.98 * best for narrower in range(1, width))
