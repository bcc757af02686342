"""hash_many and verify_many for asyncio: the answers of the sync ones, and batches that end with their task."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Coroutine
from typing import Any

import lanecrypt
import lanecrypt._batch
import pytest
from lanecrypt import Cancel, Error, ItemError, Verified
from lanecrypt.aio import hash_many, verify_many

MANY = [b"pw"] * 5000  # at cost 8 some ten seconds and more: long enough to be ended


def run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(main, 60))


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What became of each batch: "ended" once its thread is through with it."""
    seen: list[str] = []
    for name in ("hash_many", "verify_many"):
        monkeypatch.setattr(lanecrypt._batch, name, _watched(getattr(lanecrypt._batch, name), seen))
    return seen


def _watched(function: Any, seen: list[str]) -> Any:
    def watched(*columns: Any, **options: Any) -> Any:
        place = len(seen)
        seen.append("begun")
        try:
            return function(*columns, **options)
        finally:
            seen[place] = "ended"

    return watched


async def begun(seen: list[str]) -> None:
    while not seen:
        await asyncio.sleep(0.001)


def test_answers() -> None:
    async def main() -> None:
        hashes = await hash_many([b"a", b"b"], rounds=4)
        assert lanecrypt.verify_many([b"a", b"b"], hashes) == [True, True]
        assert await verify_many([b"a", b"x", b"y"], [*hashes, None], rounds=4) == [True, False, False]
        (verified,) = await verify_many([b"a"], hashes[:1], upgrade_to=5)
        assert isinstance(verified, Verified)
        assert verified.new_hash is not None

    run(main())


def test_errors() -> None:
    async def main() -> None:
        with pytest.raises(ItemError, match="item 1") as caught:
            await hash_many([b"a", b"x" * 73], rounds=4)
        assert caught.value.results is not None
        assert len(caught.value.results) == 2
        assert [type(each) for each in await hash_many([b"x" * 73], rounds=4, on_error="return")] == [ItemError]
        with pytest.raises(ValueError, match="rounds must be from 4"):
            await hash_many([b"a"], rounds=3)
        with pytest.raises(TypeError, match="hash_many"):
            await hash_many([b"a"], round=4)  # type: ignore[call-overload]
        with pytest.raises(TypeError, match="cancel must be"):
            await hash_many([b"a"], cancel=1)  # type: ignore[call-overload]
        with pytest.raises(ValueError, match="paired"):
            await verify_many([b"a"], [])

    run(main())


def test_the_loop_goes_on_meanwhile() -> None:
    async def main() -> None:
        batch = asyncio.create_task(hash_many([b"pw"] * 100, rounds=7))
        turns = 0
        while not batch.done():
            turns += 1
            await asyncio.sleep(0)
        assert turns > 10
        assert len(await batch) == 100

    run(main())


def test_cancelling_the_task_ends_the_batch(batches: list[str]) -> None:
    async def main() -> None:
        task = asyncio.create_task(hash_many(MANY, rounds=14))
        await begun(batches)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert batches == ["ended"]

    run(main())


def test_a_timeout_ends_the_batch(batches: list[str]) -> None:
    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(verify_many(MANY, [None] * len(MANY), rounds=14), 0.05)
        assert batches == ["ended"]

    run(main())


def test_cancelling_twice_waits_all_the_same(batches: list[str]) -> None:
    async def main() -> None:
        task = asyncio.create_task(hash_many(MANY, rounds=14))
        await begun(batches)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert batches == ["ended"]

    run(main())


def test_cancelling_the_task_leaves_a_shared_cancel_alone(batches: list[str]) -> None:
    async def main() -> None:
        shared = Cancel()
        task = asyncio.create_task(hash_many(MANY, rounds=14, cancel=shared))
        await begun(batches)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert batches == ["ended"]
        assert not shared.is_set()

    run(main())


def test_a_cancel_of_ones_own(batches: list[str]) -> None:
    async def main() -> None:
        cancel = Cancel()
        task = asyncio.create_task(hash_many(MANY, rounds=14, cancel=cancel, on_error="return"))
        await begun(batches)
        cancel.set()
        answers = await task
        assert all(isinstance(each, ItemError) and each.code == "cancelled" for each in answers[-100:])

    run(main())


# ---- Progress


def test_progress_is_called_in_the_loop() -> None:
    here = threading.get_ident()
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        assert threading.get_ident() == here
        assert asyncio.get_running_loop()
        assert variable.get() == "the task's"
        told.append((done, total))

    async def main() -> None:
        variable.set("the task's")
        await hash_many([b"pw"] * 200, rounds=7, progress=progress)

    run(main())
    assert told[-1] == (200, 200)
    assert told == sorted(told)


def test_progress_that_answers_false_ends_the_batch() -> None:
    async def main() -> None:
        with pytest.raises(ItemError, match="cancelled"):
            await hash_many(MANY, rounds=14, progress=lambda _done, _total: False)

    run(main())


def test_what_progress_raises_is_raised() -> None:
    def progress(_done: int, _total: int) -> None:
        raise KeyError("planted")

    async def main() -> None:
        with pytest.raises(KeyError, match="planted"):
            await hash_many(MANY, rounds=14, progress=progress)

    run(main())


def test_progress_is_not_called_after_cancelling() -> None:
    late: list[bool] = []
    cancelled = False

    async def main() -> None:
        nonlocal cancelled
        first = asyncio.Event()

        def progress(_done: int, _total: int) -> None:
            first.set()
            late.append(cancelled)

        task = asyncio.create_task(hash_many(MANY, rounds=12, progress=progress))
        await first.wait()
        cancelled = True
        task.cancel()
        await asyncio.wait([task])

    run(main())
    assert late
    assert not any(late)


def test_progress_must_be_a_plain_function() -> None:
    async def progress(_done: int, _total: int) -> None: ...

    async def main() -> None:
        wrong: Any = progress
        with pytest.raises(TypeError, match="coroutine function"):
            await hash_many([b"pw"], rounds=4, progress=wrong)
        wrong = 1
        with pytest.raises(TypeError, match="callable"):
            await hash_many([b"pw"], rounds=4, progress=wrong)

    run(main())


# ---- Threads


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_batch_ends_with_its_loop(batches: list[str]) -> None:
    loop = asyncio.new_event_loop()
    task = loop.create_task(hash_many(MANY, rounds=14))
    loop.run_until_complete(begun(batches))
    loop.close()
    for each in threading.enumerate():
        if each.name == "lanecrypt.aio batch":
            each.join(30)
    assert batches == ["ended"]
    assert not task.done()
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # asyncio would complain at the end of the run


def test_no_thread_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_thread(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def main() -> None:
        monkeypatch.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(Error, match="out_of_memory"):
            await hash_many([b"pw"], rounds=4)

    run(main())
