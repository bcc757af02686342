"""Batcher: right answers, shared lanes, errors call by call, a bounded queue."""

from __future__ import annotations

import asyncio
import pickle
import threading
import weakref
from collections.abc import Coroutine
from itertools import chain
from typing import Any

import bcrypt
import lanecrypt
import pytest
from lanecrypt import Error, ItemError, Verified
from lanecrypt.aio import Batcher, QueueFull
from lanecrypt.aio._lines import widest_group

WIDEST = widest_group(None)


def hash_of(password: bytes, rounds: int = 4) -> bytes:
    return bcrypt.hashpw(password, bcrypt.gensalt(rounds))


def bounded(main: Coroutine[Any, Any, None]) -> None:
    """Runs a test, which must not hang."""

    async def run() -> None:
        await asyncio.wait_for(main, 30)

    asyncio.run(run())


async def turns(count: int = 5) -> None:
    """Lets all other tasks go as far as they can."""
    for _ in range(count):
        await asyncio.sleep(0)


# ---- Answers


def test_hashes_and_verifies() -> None:
    async def run() -> None:
        async with Batcher(rounds=5, prefix=b"2y") as batcher:
            stored = await batcher.hash(b"pw")
            assert stored.startswith(b"$2y$05$")
            assert bcrypt.checkpw(b"pw", stored)
            assert await batcher.verify(b"pw", stored) is True
            assert await batcher.verify(b"no", stored) is False
            assert await batcher.verify(b"pw", None) is False

    bounded(run())


async def answer(batcher: Batcher, number: int, hashes: dict[int, bytes]) -> None:
    """One of many calls of all kinds, and whether its answer is right."""
    password, wrong = b"pw %d" % (number % 7), b"pw %d" % (number % 7 + 1)
    stored = hashes[number % 7]
    what = number % 9
    if what == 0:
        assert bcrypt.checkpw(b"new %d" % number, await batcher.hash(b"new %d" % number))
    elif what == 1:
        assert await batcher.verify(wrong, stored) is False
    elif what == 2:
        assert await batcher.verify(password, None) is False
    elif what == 3:
        verified = await batcher.verify(password, stored, upgrade_to=5)
        assert verified.match
        assert (verified.new_hash is None) == (stored[4:6] >= b"05")
        assert verified.new_hash is None or bcrypt.checkpw(password, verified.new_hash)
    elif what == 4:
        assert await batcher.verify(wrong, stored, upgrade_to=6) == Verified(False, None, None)
    elif what == 5:
        with pytest.raises(ItemError, match=r"72.*password_too_long"):
            await batcher.verify(b"x" * 73, stored)
    elif what == 6:
        with pytest.raises(ItemError, match="invalid_hash"):
            await batcher.verify(password, stored[:-1])
    else:
        assert await batcher.verify(password, stored) is True


def test_500_calls_of_all_kinds_at_once() -> None:
    hashes = {i: hash_of(b"pw %d" % i, 4 + i % 3) for i in range(7)}

    async def run() -> None:
        async with Batcher(rounds=4) as batcher:
            await asyncio.gather(*(answer(batcher, number, hashes) for number in range(500)))
            assert batcher.stats.calls == 500
            assert batcher.stats.waiting == batcher.stats.running == 0

    bounded(run())


def test_bytes_like_arguments() -> None:
    async def run() -> None:
        async with Batcher(rounds=4) as batcher:
            stored = await batcher.hash(bytearray(b"pw"))
            assert await batcher.verify(memoryview(b"pw"), bytearray(stored)) is True

    bounded(run())


def test_truncates_only_if_told() -> None:
    async def run() -> None:
        async with Batcher(rounds=4, long_passwords="truncate") as batcher:
            assert bcrypt.checkpw(b"x" * 72, await batcher.hash(b"x" * 100))

    bounded(run())


# ---- Lanes


def test_calls_that_wait_share_lanes(groups: Any) -> None:
    async def run() -> None:
        async with Batcher(rounds=4, threads=1) as batcher:
            groups.gate.clear()
            first = asyncio.create_task(batcher.hash(b"first"))
            await groups.began(1)
            calls = [asyncio.create_task(batcher.hash(b"%d" % i)) for i in range(5 * WIDEST)]
            await turns()
            assert batcher.stats == (5 * WIDEST, 1, 0, 0)
            groups.gate.set()
            await asyncio.gather(first, *calls)
            assert batcher.stats == (0, 0, 6, 5 * WIDEST + 1)

    bounded(run())
    assert groups.sizes == [1] + [WIDEST] * 5
    assert list(chain(*groups.seen)) == [b"first", *(b"%d" % i for i in range(5 * WIDEST))]
    assert all(each["threads"] == 1 for each in groups.options)


@pytest.mark.parametrize("threads", [1, 2])
def test_calls_of_one_turn_of_the_loop_are_spread_over_idle_threads(groups: Any, threads: int) -> None:

    async def run() -> None:
        async with Batcher(rounds=4, threads=threads) as batcher:
            groups.gate.clear()
            warm = []
            for each in range(threads):
                warm.append(asyncio.create_task(batcher.hash(b"")))
                await groups.began(each + 1)
            groups.gate.set()
            await asyncio.gather(*warm)
            while batcher._workers._idle < threads:
                await asyncio.sleep(0.001)
            groups.seen.clear()
            groups.gate.clear()
            calls = asyncio.gather(*(batcher.hash(b"pw") for _ in range(threads * WIDEST)))
            await groups.began(threads)
            groups.gate.set()
            await calls

    bounded(run())
    assert groups.sizes == [WIDEST] * threads


def test_threads_are_woken_after_all_calls_of_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    async def run() -> None:
        async with Batcher(rounds=4) as batcher:
            for name in ("submit", "wake"):
                monkeypatch.setattr(batcher._workers, name, noted(name, getattr(batcher._workers, name)))
            await asyncio.gather(*(batcher.hash(b"pw") for _ in range(5)))

    def noted(name: str, function: Any) -> Any:
        def note(*arguments: Any) -> None:
            done.append(name)
            function(*arguments)

        return note

    bounded(run())
    assert done == ["submit"] * 5 + ["wake"] * 5


def test_a_lone_call_waits_for_nothing(groups: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no timer: not in the loop, and not in the threads."""
    wait = threading.Condition.wait

    def endless_wait(self: threading.Condition, timeout: float | None = None) -> bool:
        assert timeout is None or not threading.current_thread().name.startswith("lanecrypt")
        return wait(self, timeout)

    def no_timer(*_arguments: Any, **_more: Any) -> Any:
        raise AssertionError("a timer")

    async def run() -> None:
        async with Batcher(rounds=4) as batcher:
            loop = asyncio.get_running_loop()
            monkeypatch.setattr(threading.Condition, "wait", endless_wait)
            monkeypatch.setattr(loop, "call_at", no_timer)
            monkeypatch.setattr(loop, "call_later", no_timer)
            for _ in range(5):
                await batcher.hash(b"alone")

    bounded(run())
    assert groups.sizes == [1] * 5


def test_kinds_take_turns(groups: Any) -> None:
    dear, cheap = hash_of(b"dear", 6), hash_of(b"cheap", 4)

    async def run() -> None:
        async with Batcher(rounds=5, threads=1) as batcher:
            groups.gate.clear()
            calls = [asyncio.create_task(batcher.verify(b"dear", dear))]
            await groups.began(1)
            calls += [asyncio.create_task(batcher.verify(b"dear", dear)) for _ in range(3 * WIDEST)]
            await turns()
            calls += [asyncio.create_task(batcher.verify(b"cheap", cheap))]
            calls += [asyncio.create_task(batcher.verify(b"invalid", b"no hash"))]
            hashing = asyncio.create_task(batcher.hash(b"hash"))
            await turns()
            groups.gate.set()
            answers = await asyncio.gather(*calls, return_exceptions=True)
            assert isinstance(answers.pop(), ItemError)
            assert all(each is True for each in answers)
            await hashing

    bounded(run())
    assert [each[0] for each in groups.seen] == [b"dear", b"dear", b"cheap", b"invalid", b"hash", b"dear", b"dear"]


def test_unknown_users_are_computed_among_known_ones(groups: Any) -> None:
    known = hash_of(b"known", 5)

    async def run() -> None:
        async with Batcher(rounds=5, threads=1) as batcher:
            groups.gate.clear()
            first = asyncio.create_task(batcher.hash(b"first"))
            await groups.began(1)
            calls = asyncio.gather(batcher.verify(b"known", known), batcher.verify(b"unknown", None))
            await turns()
            groups.gate.set()
            assert list(await calls) == [True, False]
            await first

    bounded(run())
    assert groups.seen == [[b"first"], [b"known", b"unknown"]]
    assert groups.options[1]["rounds"] == 5


@pytest.mark.parametrize("equal_time", [False, True])
def test_equal_time_computes_what_cannot_be_verified_among_the_unknown_users(groups: Any, equal_time: bool) -> None:
    dear = hash_of(b"dear").replace(b"$04$", b"$31$")

    async def run() -> None:
        async with Batcher(rounds=5, threads=1, equal_time=equal_time) as batcher:
            groups.gate.clear()
            first = asyncio.create_task(batcher.hash(b"first"))
            await groups.began(1)
            kinds = [(b"unknown", None), (b"malformed", b"no hash"), (b"dear", dear)]
            calls = asyncio.gather(*(batcher.verify(*each) for each in kinds), return_exceptions=True)
            await turns()
            groups.gate.set()
            unknown, *failed = await calls
            assert unknown is False
            codes = [each.code for each in failed if isinstance(each, ItemError)]
            assert codes == ["invalid_hash", "cost_too_high"]
            await first

    bounded(run())
    assert groups.options[1]["equal_time"] is equal_time
    assert ([b"unknown", b"malformed", b"dear"] in groups.seen) is equal_time


# ---- Errors


def test_an_error_is_its_own_calls_alone(groups: Any) -> None:
    stored = hash_of(b"pw")

    async def run() -> None:
        async with Batcher(rounds=4, threads=1) as batcher:
            groups.gate.clear()
            first = asyncio.create_task(batcher.hash(b"first"))
            await groups.began(1)
            passwords = [b"pw", b"x" * 73, b"pw", b"x" * 73]
            calls = [asyncio.create_task(batcher.verify(each, stored)) for each in passwords]
            await turns()
            groups.gate.set()
            answers: list[Any] = await asyncio.gather(*calls, return_exceptions=True)
            await first
        assert answers[0] is answers[2] is True
        assert answers[1] is not answers[3]
        assert [(type(each), each.index, each.code) for each in (answers[1], answers[3])] == [
            (ItemError, 0, "password_too_long")
        ] * 2

    bounded(run())


def test_costs_above_the_ceiling_are_errors() -> None:
    async def run() -> None:
        async with Batcher(rounds=4, max_cost=5) as batcher:
            with pytest.raises(ItemError, match="cost_too_high"):
                await batcher.verify(b"pw", hash_of(b"pw", 6))
            with pytest.raises(ValueError, match="upgrade_to is 6, over max_cost"):
                await batcher.verify(b"pw", None, upgrade_to=6)

    bounded(run())


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"rounds": 3}, ValueError, "rounds"),
        ({"rounds": 15}, ValueError, "max_cost"),
        ({"prefix": "2b"}, TypeError, "prefix"),
        ({"long_passwords": "cut"}, ValueError, "long_passwords"),
        ({"threads": 0}, ValueError, "threads"),
        ({"max_queue": 0}, ValueError, "max_queue"),
        ({"engine": "none"}, Error, "unsupported"),
    ],
)
def test_bad_options_are_refused_at_once(arguments: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        Batcher(**arguments)


def test_text_is_refused() -> None:
    text: Any = "text"

    async def run() -> None:
        async with Batcher(rounds=4) as batcher:
            with pytest.raises(TypeError, match="password must be bytes, not str"):
                await batcher.hash(text)
            with pytest.raises(TypeError, match="password must be bytes, not str"):
                await batcher.verify(text, None)
            with pytest.raises(TypeError, match="hash must be bytes, not str"):
                await batcher.verify(b"pw", text)
            with pytest.raises(TypeError, match="upgrade_to must be an int"):
                await batcher.verify(b"pw", None, upgrade_to=text)
            assert batcher.stats.calls == 0

    bounded(run())


# ---- The queue


def test_a_full_queue_refuses_and_goes_on(groups: Any) -> None:
    async def run() -> None:
        async with Batcher(rounds=4, threads=1, max_queue=3) as batcher:
            groups.gate.clear()
            running = asyncio.create_task(batcher.hash(b"running"))
            await groups.began(1)
            waiting = [asyncio.create_task(batcher.hash(b"waiting")) for _ in range(3)]
            await turns()
            with pytest.raises(QueueFull, match=r"3 calls wait already \(queue_full\)") as caught:
                await batcher.hash(b"refused")
            assert isinstance(caught.value, lanecrypt.Error)
            assert caught.value.code == pickle.loads(pickle.dumps(caught.value)).code == "queue_full"
            groups.gate.set()
            await asyncio.gather(running, *waiting)
            assert len(await batcher.hash(b"again")) == 60

    bounded(run())
    assert b"refused" not in chain(*groups.seen)


@pytest.mark.parametrize("ends", ["answered", "failed", "cancelled"])
def test_passwords_are_not_kept(groups: Any, ends: str) -> None:
    """A memoryview stands for the password, for it can be watched."""

    async def run() -> None:
        async with Batcher(rounds=4, threads=1) as batcher:
            groups.gate.clear()
            first = asyncio.create_task(batcher.hash(b"first"))
            await groups.began(1)
            password = memoryview(bytearray(b"pw" if ends != "failed" else b"x" * 73))
            watch = weakref.ref(password)
            task = asyncio.create_task(batcher.hash(password))
            del password
            await turns()
            if ends == "cancelled":
                task.cancel()
                await turns()
            else:
                groups.gate.set()
                await asyncio.wait([task])
            error = None if task.cancelled() else task.exception()
            assert (error is not None) == (ends == "failed")
            assert watch() is None
            del task
            groups.gate.set()
            await first

    bounded(run())
