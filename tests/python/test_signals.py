"""Ctrl-C and other signals: a handler that raises ends what runs, one that does not lets it finish.

All work here would take minutes: bounds of a few seconds are far above what stopping takes.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import lanecrypt
import pytest

SETTING = b"$2b$04$abcdefghijklmnopqrstu."
HASH = b"$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"  # of b"pw"
COSTLY = b"$2b$26$abcdefghijklmnopqrstu."
COSTLY_HASH = COSTLY + HASH[29:]
LIMIT = 10.0  # seconds


def wait(stream: Iterator[Any]) -> None:
    for _ in stream:
        pass


LONG: dict[str, Callable[[], object]] = {
    "hash_many": lambda: lanecrypt.hash_many([b"pw"] * 100, rounds=20, max_cost=20),
    "hash_many, one item": lambda: lanecrypt.hash_many([b"pw"], rounds=26, max_cost=26),
    "hash_many, one thread": lambda: lanecrypt.hash_many([b"pw"] * 100, rounds=20, max_cost=20, threads=1),
    "hash_many, errors returned": lambda: lanecrypt.hash_many([b"pw"] * 100, rounds=20, max_cost=20, on_error="return"),
    "verify_many": lambda: lanecrypt.verify_many([b"pw"] * 100, [COSTLY_HASH] * 100, max_cost=26),
    "verify_many, unknown users": lambda: lanecrypt.verify_many([b"pw"] * 9, [None] * 9, rounds=26, max_cost=26),
    "verify_many, upgrades": lambda: lanecrypt.verify_many([b"pw"] * 9, [HASH] * 9, upgrade_to=26, max_cost=26),
    "hash_stream": lambda: wait(lanecrypt.hash_stream([b"pw"] * 100, rounds=20, max_cost=20)),
    "verify_stream": lambda: wait(lanecrypt.verify_stream([b"pw"] * 100, [COSTLY_HASH] * 100, max_cost=26)),
    "hashpw": lambda: lanecrypt.hashpw(b"pw", COSTLY),
    "checkpw": lambda: lanecrypt.checkpw(b"pw", COSTLY_HASH),
    "kdf": lambda: lanecrypt.kdf(b"pw", b"salt", 512, 1_000_000),
}


@contextmanager
def handler(function: Any) -> Iterator[None]:
    before = {number: signal.signal(number, function) for number in (signal.SIGINT, signal.SIGALRM)}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, old in before.items():
            signal.signal(number, old)


def interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt("mine")


@contextmanager
def stopped_within(seconds: float = LIMIT, error: type[BaseException] = KeyboardInterrupt) -> Iterator[None]:
    began = time.monotonic()
    with pytest.raises(error):
        yield
    assert time.monotonic() - began < seconds


@pytest.mark.parametrize("call", LONG)
def test_ctrl_c_stops(call: str) -> None:
    with handler(signal.default_int_handler), stopped_within():
        threading.Timer(0.15, lambda: signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)).start()
        LONG[call]()
    assert lanecrypt.hash_many([b"pw"] * 9, settings=[SETTING] * 9) == [HASH] * 9
    assert lanecrypt.hashpw(b"pw", SETTING) == HASH


@pytest.mark.parametrize("call", ["hash_many", "hashpw", "kdf"])
def test_what_a_handler_raises_comes_through(call: str) -> None:
    class Mine(BaseException):
        pass

    def raising(_number: int, _frame: Any) -> None:
        raise Mine

    with handler(raising), stopped_within(error=Mine):
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        LONG[call]()


def test_it_stops_soon() -> None:
    """100 ms are promised; a busy machine gets two seconds."""
    for call in ("hash_many", "hashpw", "kdf"):
        sent = 0.0

        def raising(_number: int, _frame: Any) -> None:
            nonlocal sent
            sent = time.monotonic()
            raise KeyboardInterrupt

        with handler(raising), pytest.raises(KeyboardInterrupt):  # noqa: PT012
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            began = time.monotonic()
            LONG[call]()
        assert 0.09 <= sent - began < 2.1  # from the signal to its handler
        assert time.monotonic() - sent < 2  # from there to the end of the call


def test_a_handler_that_does_not_raise_lets_the_batch_finish() -> None:
    seen = []

    def noting(number: int, _frame: Any) -> None:
        seen.append(number)

    with handler(noting):
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.03)
        answers = lanecrypt.hash_many([b"pw"] * 400, settings=[SETTING[:4] + b"07" + SETTING[6:]] * 400)
    assert len(seen) > 1
    assert set(answers) == {lanecrypt.hashpw(b"pw", SETTING[:4] + b"07" + SETTING[6:])}


def test_a_handler_may_set_a_cancel() -> None:
    cancel = lanecrypt.Cancel()
    with handler(lambda *_: cancel.set()):
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        answers = lanecrypt.hash_many([b"pw"] * 40, rounds=20, max_cost=20, cancel=cancel, on_error="return")
    assert {each.code for each in answers if isinstance(each, lanecrypt.ItemError)} == {"cancelled"}
    assert len(answers) == 40


def test_a_handler_that_hashes_is_told_that_it_is_busy() -> None:
    errors: list[Any] = []

    def hashing(_number: int, _frame: Any) -> None:
        try:
            lanecrypt.hash_many([b"pw"], rounds=4)
        except lanecrypt.Error as error:
            errors.append(error.code)

    setting = SETTING[:4] + b"08" + SETTING[6:]
    with handler(hashing):
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        answers = lanecrypt.hash_many([b"pw"] * 200, settings=[setting] * 200)
    assert errors == ["busy"]
    assert len(set(answers)) == 1


def test_the_exception_of_progress_and_that_of_a_handler() -> None:
    """The first one wins, and the other is not lost on the way to the next batch."""

    def progress(_done: int, _total: int) -> None:
        signal.raise_signal(signal.SIGINT)
        raise KeyError("of progress")

    with handler(interrupt), pytest.raises((KeyboardInterrupt, KeyError)):
        lanecrypt.hash_many([b"pw"] * 100, rounds=14, progress=progress)
    assert lanecrypt.hash_many([b"pw"], settings=[SETTING]) == [HASH]


def test_ctrl_c_while_waiting_for_another_threads_batch() -> None:
    cancel = lanecrypt.Cancel()
    running = threading.Event()
    ends: list[Any] = []

    def other() -> None:
        answers = lanecrypt.hash_many(
            [b"pw"] * 100, rounds=20, max_cost=20, cancel=cancel, on_error="return", progress=lambda *_: running.set()
        )
        ends.append({each.code for each in answers if isinstance(each, lanecrypt.ItemError)})

    thread = threading.Thread(target=other)
    thread.start()
    assert running.wait(LIMIT)
    try:
        with handler(interrupt), stopped_within():
            signal.setitimer(signal.ITIMER_REAL, 0.15)
            lanecrypt.hash_many([b"pw"] * 100, rounds=20, max_cost=20)
        assert thread.is_alive()  # a batch of another thread is not stopped
    finally:
        cancel.set()
        thread.join(LIMIT)
    assert ends == [{"cancelled"}]


def test_signals_go_to_the_main_thread_only() -> None:
    """Python runs handlers there: a batch of another thread goes on and ends well."""
    answers: list[list[bytes]] = []
    setting = SETTING[:4] + b"08" + SETTING[6:]
    thread = threading.Thread(
        target=lambda: answers.append(lanecrypt.hash_many([b"pw"] * 200, settings=[setting] * 200))
    )
    seen = []
    with handler(lambda number, _frame: seen.append(number)):
        thread.start()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # so that the kernel gives it to another thread
        try:
            while thread.is_alive():
                os.kill(os.getpid(), signal.SIGINT)
                thread.join(0.02)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    assert seen
    assert len(answers[0]) == 200
    assert len(set(answers[0])) == 1


def test_a_real_ctrl_c_ends_a_program(run_python: Callable[..., str]) -> None:
    """With SIGINT from outside, and the traceback that everyone knows."""
    printed = run_python(
        """
        import os, signal, subprocess, sys, time
        program = "import lanecrypt; print('on', flush=True); lanecrypt.hash_many([b'x'] * 99, rounds=26, max_cost=26)"
        child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        child.stdout.readline()
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=20)
        print(child.returncode, b"KeyboardInterrupt" in errors)
        """
    )
    assert printed.split() == [str(-signal.SIGINT), "True"]
