"""The end of the interpreter with batches still running, and subinterpreters: never a crash, never a hang."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Run = Callable[..., str]


# ---- The end of the interpreter

WORK = {
    "hash_many": "lanecrypt.hash_many([b'pw'] * 100, rounds=20, max_cost=20)",
    "hash_many with progress": "lanecrypt.hash_many([b'pw'] * 100, rounds=20, max_cost=20, progress=lambda *_: None)",
    "hashpw": "lanecrypt.hashpw(b'pw', b'$2b$26$abcdefghijklmnopqrstu.')",
    "many small ones": "[lanecrypt.hash_many([b'pw'] * 3, rounds=4) for _ in iter(int, 1)]",
    "a stream": "[_ for _ in lanecrypt.hash_stream(iter(lambda: b'pw', 0), rounds=4)]",
    "kdf": "lanecrypt.kdf(b'pw', b'salt', 512, 1_000_000)",
}


@pytest.mark.parametrize("work", WORK)
def test_a_daemon_thread_in_a_batch_at_exit(run_batches: Run, work: str) -> None:
    """Also while the interpreter takes its time to end, which gives the thread many chances to come back into it."""
    run_batches(
        f"""
        class Slow:
            def __del__(self, sleep=time.sleep):
                for _ in range(40):
                    sleep(0.01)

        def run():
            {WORK[work]}

        threading.Thread(target=run, daemon=True).start()
        time.sleep(0.2)
        sys.modules["ends late"] = Slow()
        """,
        timeout=30,
    )


def test_daemon_threads_that_wait_for_the_gil_at_exit(run_batches: Run) -> None:
    """The interpreter begins to end while they are in Python code of a progress, or on their way into it."""
    for _ in range(3):
        run_batches(
            """
            def progress(done, total):
                sum(range(2000))

            def run():
                while True:
                    lanecrypt.hash_many([b"pw"] * 2, rounds=4, threads=1, progress=progress)

            class Slow:
                def __del__(self, sleep=time.sleep):
                    for _ in range(20):
                        sleep(0.01)

            for _ in range(8):
                threading.Thread(target=run, daemon=True).start()
            until = time.monotonic() + 0.3
            while time.monotonic() < until:
                sum(range(1000))
            sys.modules["ends late"] = Slow()
            """,
            timeout=20,
        )


def test_sys_exit_in_a_thread_and_batches_in_atexit(run_batches: Run) -> None:
    run_batches(
        """
        import atexit
        atexit.register(batch)
        thread = threading.Thread(target=lambda: (batch(), sys.exit()))
        thread.start()
        batch()
        sys.exit(0)
        """
    )


def test_a_batch_in_del_at_the_end(run_batches: Run) -> None:
    run_batches(
        """
        class Late:
            def __del__(self, batch=batch):
                batch()

        sys.modules["late"] = Late()
        batch()
        """,
        timeout=15,
    )


# ---- Subinterpreters

SUBINTERPRETER = """
import sys
KIND, FIRST = sys.argv[1:]
if FIRST == "imported before":
    import lanecrypt
if sys.version_info >= (3, 13):
    import _interpreters as api
    create = lambda: api.create(KIND)
    run = api.exec
else:
    import _xxsubinterpreters as api
    create = lambda: api.create(isolated=KIND == "isolated")
    run = api.run_string

code = '''if True:
    try:
        import lanecrypt
    except ImportError as error:
        assert "lanecrypt" in str(error), error
    else:
        assert len(lanecrypt.hash_many([b"pw"] * 20, rounds=4)) == 20
'''
for _ in range(2):
    other = create()
    failed = run(other, code)
    assert failed is None, failed
    api.destroy(other)
import lanecrypt
assert len(lanecrypt.hash_many([b"pw"] * 20, rounds=4)) == 20
print("done")
"""


@pytest.mark.parametrize("kind", ["isolated", "legacy"])
@pytest.mark.parametrize("first", ["imported before", "not imported before"])
def test_a_subinterpreter_works_or_is_refused(run_python: Run, kind: str, first: str) -> None:
    assert run_python(SUBINTERPRETER, kind, first, timeout=15).split() == ["done"]
