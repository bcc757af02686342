"""Batcher among loops, threads and processes: several loops, closed loops, forks, the end of the program."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import bcrypt
import pytest
from lanecrypt.aio import Batcher

RunPython = Callable[..., str]


async def register_and_log_in(batcher: Batcher, number: int) -> None:
    password = b"pw %d" % number
    stored = await batcher.hash(password)
    assert bcrypt.checkpw(password, stored)
    assert await batcher.verify(password, stored)
    assert not await batcher.verify(b"no", stored)


def test_loops_in_several_threads_share_one_batcher() -> None:
    batcher = Batcher(rounds=4)
    failed: list[BaseException] = []

    async def main(first: int) -> None:
        await asyncio.gather(*(register_and_log_in(batcher, first + i) for i in range(40)))

    def loop(first: int) -> None:
        try:
            asyncio.run(asyncio.wait_for(main(first), 30))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=loop, args=(100 * i,)) for i in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert failed == []
    assert batcher.stats.calls == 4 * 40 * 3
    asyncio.run(batcher.aclose())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_loop_that_is_closed_meanwhile(groups: Any) -> None:
    """Its calls are computed for nobody; those of others are answered."""
    batcher = Batcher(rounds=4, threads=1)
    loop = asyncio.new_event_loop()
    groups.gate.clear()
    tasks = [loop.create_task(batcher.hash(b"of the closed loop")) for _ in range(3)]
    loop.run_until_complete(groups.began(1))
    loop.close()

    async def main() -> None:
        call = asyncio.create_task(batcher.hash(b"pw"))
        await asyncio.sleep(0)
        groups.gate.set()
        assert bcrypt.checkpw(b"pw", await call)
        await batcher.aclose()

    asyncio.run(asyncio.wait_for(main(), 30))
    assert not any(task.done() for task in tasks)
    for task in tasks:
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # asyncio would complain at the end of the run


def test_importing_lanecrypt_does_not_import_asyncio(run_python: RunPython) -> None:
    run_python(
        """
        import sys
        import lanecrypt
        assert "asyncio" not in sys.modules and "threading" not in sys.modules
        assert lanecrypt.aio.Batcher.__module__.startswith("lanecrypt.aio")
        assert "asyncio" in sys.modules
        """
    )


FORK = """
    import asyncio, os, sys, threading, warnings
    from lanecrypt.aio import Batcher
    warnings.simplefilter("ignore", DeprecationWarning)  # that of forking with threads, from Python 3.12 on

    async def use(count=20):
        hashes = await asyncio.gather(*(batcher.hash(b"%d" % i) for i in range(count)))
        assert all(await asyncio.gather(*(batcher.verify(b"%d" % i, each) for i, each in enumerate(hashes))))

    async def use_and_close():
        await use()
        assert batcher.stats.waiting == batcher.stats.running == 0
        await batcher.aclose()

    def forked(child):
        pid = os.fork()
        if pid == 0:
            try:
                child()
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitpid(pid, 0)[1] == 0
"""


@pytest.mark.parametrize("before", ["pass", "asyncio.run(use())"])
def test_a_fork_before_and_after_use(run_python: RunPython, before: str) -> None:
    """As a server does that loads the program first and forks its workers then."""
    run_python(
        f"""{FORK}
    batcher = Batcher(rounds=4)
    {before}
    for _ in range(3):
        forked(lambda: asyncio.run(use_and_close()))
    asyncio.run(use_and_close())
    """
    )


def test_a_fork_while_calls_run_and_wait(run_python: RunPython) -> None:
    run_python(
        f"""{FORK}
    batcher = Batcher(rounds=8, threads=1)
    calls = threading.Thread(target=lambda: asyncio.run(use(30)))
    calls.start()
    while not batcher.stats.waiting:
        pass
    forked(lambda: asyncio.run(use_and_close()))
    calls.join()
    assert batcher.stats.calls == 60
    """
    )


def test_a_fork_while_another_thread_holds_the_lock(run_python: RunPython) -> None:
    run_python(
        f"""{FORK}
    batcher = Batcher(rounds=4)
    asyncio.run(use())
    held, go_on = threading.Event(), threading.Event()
    def hold():
        with batcher._workers._changed:
            held.set()
            go_on.wait()
    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    forked(lambda: asyncio.run(use_and_close()))
    go_on.set()
    holder.join()
    asyncio.run(use_and_close())
    """
    )


def test_processes_of_multiprocessing(run_python: RunPython) -> None:
    run_python(
        f"""{FORK}
    import multiprocessing
    batcher = Batcher(rounds=4)
    asyncio.run(use())
    children = [multiprocessing.get_context("fork").Process(target=lambda: asyncio.run(use_and_close())) for _ in "ab"]
    for each in children:
        each.start()
    for each in children:
        each.join()
    assert [each.exitcode for each in children] == [0, 0]
    """
    )


@pytest.mark.parametrize("running", [False, True])
def test_a_program_that_ends_without_closing(run_python: RunPython, running: bool) -> None:
    """It ends at once, for a hash of cost 20 would take a minute; and its threads end before the interpreter does."""
    run_python(
        f"""
        import asyncio, atexit, os, threading
        def threads_have_ended():
            os._exit(any(each.name == "lanecrypt.aio worker" for each in threading.enumerate()))
        atexit.register(threads_have_ended)  # called last, for it is registered first
        from lanecrypt.aio import Batcher
        batcher = Batcher(rounds=4)
        asyncio.run(batcher.hash(b"pw"))
        if {running}:
            dear = Batcher(rounds=20, max_cost=20)
            calls = [dear.hash(b"pw") for _ in range(9)]
            async def main():
                await asyncio.gather(*calls)
            threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
            while not dear.stats.running:
                pass
        """,
        timeout=30,
    )
