"""Batches and threads: many callers share the cores, Python goes on meanwhile, other libraries have threads too."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable

import pytest

Run = Callable[..., str]

# ThreadSanitizer has a thread of its own in each process, and follows no fork of a process with threads.
RACES_ARE_WATCHED = "libclang_rt.tsan" in os.environ.get("LD_PRELOAD", "")


# ---- Threads


def test_sixteen_callers_share_the_cores(run_batches: Run) -> None:
    cores = len(os.sched_getaffinity(0))
    printed = run_batches(
        """
        most = 0
        wrong = []
        stopped = threading.Event()

        def watch():
            global most
            while not stopped.is_set():
                most = max(most, len(os.listdir("/proc/self/task")))
                time.sleep(0.002)

        def caller(number):
            for turn in range(4):
                passwords = [b"%d-%d-%d" % (number, turn, each) for each in range(30)]
                hashes = lanecrypt.hash_many(passwords, rounds=4)
                if lanecrypt.verify_many(passwords, hashes) != [True] * 30:
                    wrong.append((number, turn))
                if lanecrypt.hashpw(b"pw", SETTING) != HASH:
                    wrong.append(number)

        watcher = threading.Thread(target=watch)
        watcher.start()
        callers = [threading.Thread(target=caller, args=(number,)) for number in range(16)]
        for thread in callers:
            thread.start()
        for thread in callers:
            thread.join()
        stopped.set()
        watcher.join()
        assert not wrong, wrong
        print(most)
        """
    )
    most = int(printed)
    # The callers, the main thread, the watcher, and the threads of one batch.
    assert 17 < most - RACES_ARE_WATCHED <= cores + 16 + 2


def test_threads_come_and_go(run_batches: Run) -> None:
    """Callers that end do not leave OpenMP's workers behind."""
    cores = len(os.sched_getaffinity(0))
    printed = run_batches(
        """
        for _ in range(40):
            thread = threading.Thread(target=batch)
            thread.start()
            thread.join()
        print(len(os.listdir("/proc/self/task")))
        """
    )
    assert int(printed) - RACES_ARE_WATCHED <= cores + 2


def test_other_threads_run_during_a_batch(run_batches: Run) -> None:
    """The GIL is free: Python code of another thread gets on while a batch runs without ever calling back."""
    run_batches(
        """
        turns = 0
        cancel = lanecrypt.Cancel()

        def count():
            global turns
            while turns < 100_000:
                turns += 1
            cancel.set()

        thread = threading.Thread(target=count)
        before = turns
        thread.start()
        answers = lanecrypt.hash_many([b"pw"] * 100, rounds=20, max_cost=20, cancel=cancel, on_error="return")
        assert {each.code for each in answers} == {"cancelled"}
        assert turns == 100_000
        """
    )


# ---- Two libgomps, and NumPy's threads

FAISS = """
    import numpy, faiss

    def search():
        vectors = numpy.random.default_rng(1).random((4000, 32), dtype="float32")
        index = faiss.IndexFlatL2(32)
        index.add(vectors)
        assert (index.search(vectors[:500], 1)[1][:, 0] == numpy.arange(500)).all()
"""


def mapped_libgomps() -> str:
    return "print(len({line.split()[-1] for line in open('/proc/self/maps') if 'libgomp' in line}))"


@pytest.mark.skipif(RACES_ARE_WATCHED, reason="forks, and a libgomp is not instrumented")
@pytest.mark.parametrize("order", ["faiss first", "lanecrypt first"])
def test_a_second_libgomp(run_batches: Run, order: str) -> None:
    """faiss-cpu brings a libgomp of its own: each keeps to its own threads, in any order, in turns and at once."""
    pytest.importorskip("faiss")
    faiss = textwrap.dedent(FAISS)
    first, then = (faiss + "search()\n", "") if order == "faiss first" else ("", "batch()\n" + faiss)
    printed = run_batches(
        then
        + textwrap.dedent("""
        for _ in range(5):
            batch()
            search()
        failures = []

        def turns(work):
            try:
                for _ in range(10):
                    work()
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=turns, args=(work,)) for work in (batch, search, batch, search)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures
        ended_well(in_child(batch))
        batch()
        search()
        """)
        + mapped_libgomps(),
        first=first,
        options=("-W", "ignore::DeprecationWarning"),
    )
    assert int(printed) >= 2


@pytest.mark.parametrize("order", ["numpy first", "lanecrypt first"])
def test_numpy_beside_it(run_batches: Run, order: str) -> None:
    pytest.importorskip("numpy")
    numpy = "import numpy\nmultiply = lambda: numpy.ones((300, 300)) @ numpy.ones((300, 300))\n"
    first, then = (numpy + "multiply()\n", "") if order == "numpy first" else ("", "batch()\n" + numpy)
    run_batches(
        then
        + textwrap.dedent("""
        for _ in range(5):
            batch()
            assert (multiply() == 300).all()
        thread = threading.Thread(target=lambda: [multiply() for _ in range(20)])
        thread.start()
        batch(400)
        thread.join()
        """),
        first=first,
    )
