"""Batcher: cancelled calls, closing, threads that fail. Whatever happens, no caller waits for ever."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Coroutine
from itertools import chain
from typing import Any

import lanecrypt
import lanecrypt._batch
import pytest
from lanecrypt import Error
from lanecrypt.aio import Batcher, _workers

NAME = "lanecrypt.aio worker"


def run(main: Coroutine[Any, Any, None]) -> None:
    """Runs a test, which must not hang."""

    async def bounded() -> None:
        await asyncio.wait_for(main, 30)

    asyncio.run(bounded())


async def held(batcher: Batcher, groups: Any, count: int, first: bytes = b"first") -> list[asyncio.Task[bytes]]:
    """One call whose group is held up, and so many that wait behind it."""
    groups.gate.clear()
    tasks = [asyncio.create_task(batcher.hash(first))]
    await groups.began(1)
    tasks += [asyncio.create_task(batcher.hash(b"%d" % i)) for i in range(count)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert batcher.stats.waiting == count
    return tasks


async def codes(tasks: list[asyncio.Task[bytes]]) -> list[Any]:
    answers: list[Any] = await asyncio.gather(*tasks, return_exceptions=True)
    return ["ok" if isinstance(each, bytes) else getattr(each, "code", type(each)) for each in answers]


# ---- Cancelling


def test_a_cancelled_call_that_waits_is_not_computed(groups: Any) -> None:
    async def main() -> None:
        async with Batcher(rounds=4, threads=1) as batcher:
            tasks = await held(batcher, groups, 3)
            tasks[2].cancel()
            await asyncio.wait([tasks[2]])
            assert batcher.stats.waiting == 2  # its place is free
            groups.gate.set()
            assert await codes(tasks) == ["ok", "ok", asyncio.CancelledError, "ok"]

    run(main())
    assert sorted(chain(*groups.seen)) == [b"0", b"2", b"first"]


def test_a_cancelled_call_leaves_its_group_alone(groups: Any) -> None:
    async def main() -> None:
        async with Batcher(rounds=4, threads=1) as batcher:
            tasks = await held(batcher, groups, 0)
            groups.gate.set()
            await tasks[0]
            groups.gate.clear()
            tasks = [asyncio.create_task(batcher.hash(b"%d" % i)) for i in range(2)]
            await groups.began(2)
            tasks[0].cancel()
            await asyncio.wait([tasks[0]])
            assert not groups.options[-1]["cancel"].is_set()
            groups.gate.set()
            assert await codes(tasks) == [asyncio.CancelledError, "ok"]

    run(main())
    assert groups.seen[1] == [b"0", b"1"]


def test_a_group_whose_calls_are_all_cancelled_ends(groups: Any) -> None:
    async def main() -> None:
        async with Batcher(rounds=14, threads=1) as batcher:
            tasks = await held(batcher, groups, 0)
            groups.gate.set()
            tasks[0].cancel()
            assert await codes(tasks) == [asyncio.CancelledError]
            assert groups.options[0]["cancel"].is_set()

    run(main())


def test_a_timeout_of_one_call() -> None:
    async def main() -> None:
        async with Batcher(rounds=14, threads=1) as batcher:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(batcher.hash(b"pw"), 0.01)
            assert await batcher.verify(b"pw", lanecrypt.hashpw(b"pw", lanecrypt.gensalt(4)))

    run(main())


# ---- Closing


def test_closing_finishes_what_waits(groups: Any) -> None:
    async def main() -> None:
        batcher = Batcher(rounds=4, threads=1)
        tasks = await held(batcher, groups, 20)
        closing = asyncio.create_task(batcher.aclose())
        await asyncio.sleep(0)
        with pytest.raises(Error, match=r"closed \(closed\)"):
            await batcher.hash(b"late")
        groups.gate.set()
        await closing
        assert await codes(tasks) == ["ok"] * 21
        await batcher.aclose()

    run(main())


def test_closing_without_finishing_fails_what_waits_and_runs() -> None:
    async def main() -> None:
        batcher = Batcher(rounds=14, threads=1)
        tasks = [asyncio.create_task(batcher.hash(b"pw")) for _ in range(40)]
        while not batcher.stats.running:
            await asyncio.sleep(0.001)
        await batcher.aclose(finish=False)
        assert await codes(tasks) == ["closed"] * 40

    run(main())


def test_cancelling_aclose_fails_what_waits(groups: Any) -> None:
    async def main() -> None:
        batcher = Batcher(rounds=4, threads=1)
        tasks = await held(batcher, groups, 3)
        closing = asyncio.create_task(batcher.aclose())
        await asyncio.sleep(0)
        closing.cancel()
        assert await codes(tasks[1:]) == ["closed"] * 3
        assert not closing.done()  # a group still runs
        groups.gate.set()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert (await codes(tasks))[0] == "closed"

    run(main())


def test_a_block_that_is_left_by_an_exception_does_not_finish() -> None:
    tasks: list[asyncio.Task[bytes]] = []

    async def left() -> None:
        async with Batcher(rounds=14) as batcher:
            tasks.extend(asyncio.create_task(batcher.hash(b"pw")) for _ in range(40))
            await asyncio.sleep(0)
            raise KeyError

    async def main() -> None:
        with pytest.raises(KeyError):
            await left()
        assert await codes(tasks) == ["closed"] * 40

    run(main())


def test_closing_before_any_call() -> None:
    async def main() -> None:
        async with Batcher() as batcher:
            pass
        with pytest.raises(Error, match="closed"):
            await batcher.hash(b"pw")

    run(main())


def test_threads_end_with_the_batcher() -> None:
    before = set(threading.enumerate())

    async def main(batcher: Batcher) -> None:
        await asyncio.gather(*(batcher.hash(b"pw") for _ in range(10)))

    batcher = Batcher(rounds=4, threads=2)
    run(main(batcher))
    threads = [each for each in set(threading.enumerate()) - before if each.name == NAME]
    assert threads
    del batcher
    gc.collect()
    for each in threads:
        each.join(30)
    assert not any(each.is_alive() for each in threads)


# ---- Threads that fail


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (Error("out_of_memory"), "out_of_memory"),
        (MemoryError(), "internal"),
        (RuntimeError("secret"), "internal"),
        (SystemExit(), "internal"),
        (KeyboardInterrupt(), "internal"),
    ],
)
def test_what_a_group_raises_is_told_to_every_caller(
    groups: Any, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: str
) -> None:
    def fail(*_arguments: Any, **_options: Any) -> Any:
        raise raised

    async def main() -> None:
        async with Batcher(rounds=4, threads=1) as batcher:
            tasks = await held(batcher, groups, 5)
            with monkeypatch.context() as patched:
                patched.setattr(lanecrypt._batch, "hash_many", fail)
                groups.gate.set()
                assert await codes(tasks) == ["ok"] + [code] * 5
            errors = {id(each.exception()) for each in tasks[1:]}
            assert len(errors) == 5
            assert "secret" not in str(tasks[1].exception())
            assert len(await batcher.hash(b"goes on")) == 60

    run(main())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_takes_no_caller_along(groups: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver = _workers.deliver
    died: list[threading.Thread] = []

    def die_once(calls: Any, answers: Any) -> None:
        if not died:
            died.append(threading.current_thread())
            raise OSError("planted")
        deliver(calls, answers)

    async def main() -> None:
        async with Batcher(rounds=4, threads=1) as batcher:
            tasks = await held(batcher, groups, 5)
            monkeypatch.setattr(_workers, "deliver", die_once)
            groups.gate.set()
            assert await codes(tasks) == ["internal"] * 6
            assert len(await batcher.hash(b"by a new thread")) == 60

    run(main())
    died[0].join(30)  # its end is told to pytest, which must not take it for the next test's
    assert died[0].name == NAME


def test_no_thread_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_thread(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def main() -> None:
        async with Batcher(rounds=4) as batcher:
            with monkeypatch.context() as patched:
                patched.setattr(threading.Thread, "start", no_thread)
                with pytest.raises(Error, match="out_of_memory"):
                    await batcher.hash(b"pw")
            assert len(await batcher.hash(b"pw")) == 60

    run(main())
