"""The options of batches: bad ones are named, and deadline, progress and cancel end a batch before its time."""

from __future__ import annotations

import threading
import time
from typing import Any

import lanecrypt
import pytest
from lanecrypt import Cancel, Error, ItemError, _core, hash_many, verify_many

SETTING = b"$2b$04$abcdefghijklmnopqrstu."
HASH = b"$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"  # of b"pw"


def code(answer: Any) -> Any:
    return answer.code if isinstance(answer, ItemError) else answer


def codes(answers: list[Any]) -> list[Any]:
    return [code(each) for each in answers]


# ---- Arguments

OPTIONS: list[tuple[str, Any, type[Exception]]] = [
    *[("rounds", bad, ValueError) for bad in (-1, 0, 3, 32, 2**70, True)],
    *[("rounds", bad, TypeError) for bad in ("4", 4.0, None, b"4")],
    *[("max_cost", bad, ValueError) for bad in (-1, 3, 32, 2**70)],
    *[("max_cost", bad, TypeError) for bad in ("14", 14.0, None)],
    *[("prefix", bad, ValueError) for bad in (b"2x", b"2", b"", b"$2b$", b"2b\0")],
    *[("prefix", bad, TypeError) for bad in ("2b", None, 2)],
    *[("threads", bad, ValueError) for bad in (-1, 0, 1025, 2**70)],
    *[("threads", bad, TypeError) for bad in ("2", 2.0)],
    *[("long_passwords", bad, ValueError) for bad in ("", "cut", None, True, "Refuse")],
    *[("on_error", bad, ValueError) for bad in ("", "ignore", None, True, "Raise")],
    *[("deadline", bad, ValueError) for bad in (float("nan"),)],
    *[("deadline", bad, TypeError) for bad in ("1", b"1", [1], 1j, object())],
    *[("progress", bad, TypeError) for bad in (1, "print", True)],
    *[("cancel", bad, TypeError) for bad in (True, 1, threading.Event(), Cancel)],
    *[("engine", bad, TypeError) for bad in (1, b"portable", True)],
]


@pytest.mark.parametrize(("name", "value", "error"), OPTIONS)
def test_every_bad_option_is_named(name: str, value: Any, error: type[Exception]) -> None:
    for call in (hash_many, verify_many):
        arguments: list[Any] = [[b"pw"]] if call is hash_many else [[b"pw"], [HASH]]
        with pytest.raises(error, match=rf"^{name}\b") as caught:
            call(*arguments, **{name: value})
        assert type(caught.value) is error


@pytest.mark.parametrize("value", [-1, 0, 3, 32, 2**70])
def test_a_bad_upgrade_to_is_named(value: int) -> None:
    with pytest.raises(ValueError, match=r"^upgrade_to must be from 4 to 31"):
        verify_many([b"pw"], [HASH], upgrade_to=value)


@pytest.mark.parametrize("value", ["4", 4.0, b"4"])
def test_a_bad_type_of_upgrade_to_is_named(value: Any) -> None:
    with pytest.raises(TypeError, match=r"^upgrade_to must be an int"):
        verify_many([b"pw"], [HASH], upgrade_to=value)


@pytest.mark.parametrize("value", [0, 1, None, "yes"])
def test_equal_time_is_a_bool(value: Any) -> None:
    for call in (verify_many, lanecrypt.verify_stream):
        with pytest.raises(TypeError, match=r"^equal_time must be True or False"):
            call([b"pw"], [HASH], equal_time=value)
    with pytest.raises(TypeError, match=r"^equal_time must be True or False"):
        lanecrypt.aio.Batcher(equal_time=value)


@pytest.mark.parametrize("name", ["rounds", "upgrade_to"])
def test_costs_over_max_cost_are_refused(name: str) -> None:
    arguments: dict[str, Any] = {"rounds": 4, name: 7}
    with pytest.raises(ValueError, match=rf"^{name} is 7, over max_cost, which is 6$"):
        verify_many([b"pw"], [HASH], max_cost=6, **arguments)


def test_an_engine_that_is_none_is_an_error() -> None:
    for call in (hash_many, lambda passwords, **options: verify_many(passwords, [HASH], **options)):
        with pytest.raises(Error) as caught:
            call([b"pw"], engine="no such engine")
        assert caught.value.code == "unsupported"
        assert not isinstance(caught.value, ItemError)


@pytest.mark.parametrize("items", ["text", b"bytes", bytearray(b"x"), memoryview(b"x"), None, 5, object(), 1.5])
def test_what_is_no_iterable_of_bytes_is_named(items: Any) -> None:
    name = type(items).__name__
    with pytest.raises(TypeError, match=rf"^passwords must be an iterable of bytes or an Arrow array, not {name}$"):
        hash_many(items)
    with pytest.raises(TypeError, match=rf"^hashes must be .* not {name}$"):
        verify_many([b"pw"], items)
    if items is not None:
        with pytest.raises(TypeError, match=rf"^settings must be .* not {name}$"):
            hash_many([b"pw"], settings=items)


def test_lengths_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="passwords has 2 items and hashes has 1: they must be paired"):
        verify_many([b"pw", b"pw"], [HASH])
    with pytest.raises(ValueError, match="passwords has 0 items and hashes has 1: they must be paired"):
        verify_many([], [HASH])
    with pytest.raises(ValueError, match="passwords has 1 items and settings has 2: they must be paired"):
        hash_many([b"pw"], settings=[None, None])


def test_the_module_itself_reads_nothing_outside_of_a_column() -> None:
    options = _core.make_options(
        cost=4, prefix="2b", truncate=False, max_cost=14, threads=1, upgrade_cost=0, engine=None, equal_time=False
    )
    two, one = _core.make_column([b"pw", b"pw"], "passwords"), _core.make_column([HASH], "hashes")
    for start, stop in ((0, 3), (2, 1)):
        with pytest.raises(IndexError, match="inside of columns of equal length"):
            _core.hash_batch(two, None, start, stop, options, 0, None, None)
    for passwords, hashes in ((two, one), (one, two)):
        with pytest.raises(IndexError, match="inside of columns of equal length"):
            _core.verify_batch(passwords, hashes, 0, len(passwords), options, 0, None, None)


def test_options_go_by_name_only() -> None:
    with pytest.raises(TypeError, match="positional"):
        hash_many([b"pw"], 4)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="positional"):
        verify_many([b"pw"], [HASH], 4)  # type: ignore[call-overload]


# ---- Deadline


@pytest.mark.parametrize("seconds", [0, 0.0, -1, -1e9, -1e300, float("-inf")])
def test_a_deadline_that_has_passed(seconds: float) -> None:
    assert codes(hash_many([b"pw"] * 3, rounds=4, deadline=seconds, on_error="return")) == ["deadline"] * 3
    assert codes(verify_many([b"pw"] * 3, [HASH] * 3, deadline=seconds, on_error="return")) == ["deadline"] * 3
    with pytest.raises(ItemError, match=r"item 0: .*\(deadline\)"):
        hash_many([b"pw"], rounds=4, deadline=seconds)


@pytest.mark.parametrize("seconds", [60, 60.5, 1e9, 1e18, 1e300, float("inf"), 2**64, 10**400, None], ids=range(9))
def test_a_deadline_far_away(seconds: float | None) -> None:
    assert hash_many([b"pw"], settings=[SETTING], deadline=seconds) == [HASH]


def test_a_deadline_in_the_middle_keeps_what_was_done() -> None:
    # 100 cheap ones first, and then more work than anyone would wait for.
    settings = [SETTING] * 100 + [b"$2b$20$abcdefghijklmnopqrstu."] * 40
    began = time.monotonic()
    answers = hash_many([b"pw"] * 140, settings=settings, rounds=4, max_cost=20, deadline=0.5, on_error="return")
    assert time.monotonic() - began < 20  # it is some minutes of work
    assert {code(each) for each in answers[:100]} <= {HASH, "deadline"}
    assert {code(each) for each in answers[100:]} == {"deadline"}


# ---- Progress


def seen_of(count: int, **options: Any) -> list[tuple[int, int]]:
    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))

    hash_many([b"pw"] * count, progress=progress, **options)
    return seen


def test_progress_rises_to_the_total() -> None:
    seen = seen_of(60, rounds=9, threads=1)
    assert len(seen) > 2
    assert seen == sorted(seen)
    assert seen[-1] == (60, 60)
    assert {total for _, total in seen} == {60}


def test_progress_of_a_small_batch_ends_at_the_total() -> None:
    assert seen_of(1, rounds=4)[-1] == (1, 1)


def test_progress_is_called_in_the_calling_thread() -> None:
    threads: set[int] = set()

    def progress(_done: int, _total: int) -> None:
        threads.add(threading.get_ident())

    hash_many([b"pw"] * 30, rounds=8, progress=progress)
    assert threads == {threading.get_ident()}


@pytest.mark.parametrize("answer", [None, True, 0, "", [], 1])
def test_only_false_cancels(answer: Any) -> None:
    done = []

    def progress(so_far: int, _total: int) -> Any:
        done.append(so_far)
        return answer

    # Some hundred milliseconds: it is asked before the end, where it is too late to cancel.
    hashes = hash_many([b"pw"] * 60, rounds=9, threads=1, progress=progress)
    assert done[0] < 60
    assert len(hashes) == 60


def test_progress_false_cancels() -> None:
    answers = hash_many([b"pw"] * 50, rounds=14, progress=lambda _done, _total: False, on_error="return")
    assert "cancelled" in codes(answers)
    with pytest.raises(ItemError, match=r"\(cancelled\)"):
        hash_many([b"pw"] * 50, rounds=14, progress=lambda _done, _total: False)


class Mine(BaseException):
    """An exception that nothing catches by accident."""


@pytest.mark.parametrize("on_error", ["raise", "return"])
def test_what_progress_raises_ends_the_batch(on_error: Any) -> None:
    calls = []

    def progress(done: int, total: int) -> None:
        calls.append((done, total))
        raise Mine("mine")

    with pytest.raises(Mine, match=r"^mine$"):
        hash_many([b"pw"] * 50, rounds=14, progress=progress, on_error=on_error)
    assert len(calls) == 1  # never again after it raised
    assert hash_many([b"pw"], settings=[SETTING]) == [HASH]


def test_a_progress_with_other_arguments_is_a_type_error() -> None:
    wrong: Any = lambda: None  # noqa: E731
    with pytest.raises(TypeError, match="positional argument"):
        hash_many([b"pw"] * 4, rounds=4, progress=wrong)


def test_hashing_inside_of_progress_is_busy() -> None:
    inner: list[Any] = []

    def attempt(call: Any, *args: Any) -> None:
        with pytest.raises(Error) as caught:
            call(*args)
        inner.append(caught.value.code)

    def progress(_done: int, _total: int) -> None:
        attempt(hash_many, [b"pw"])
        attempt(verify_many, [b"pw"], [HASH])
        attempt(lanecrypt.hashpw, b"pw", SETTING)
        attempt(lanecrypt.checkpw, b"pw", HASH)
        attempt(lambda: list(lanecrypt.hash_stream([b"pw"])))

    assert hash_many([b"pw"], settings=[SETTING], progress=progress) == [HASH]
    assert set(inner) == {"busy"}
    assert len(inner) % 5 == 0


# ---- Cancel


def test_cancel_from_another_thread() -> None:
    cancel = Cancel()
    timer = threading.Timer(0.2, cancel.set)
    timer.start()
    began = time.monotonic()
    answers = hash_many([b"pw"] * 40, rounds=20, max_cost=20, cancel=cancel, on_error="return")
    assert time.monotonic() - began < 20  # it is some minutes of work
    assert set(codes(answers)) == {"cancelled"}
    timer.join()


def test_cancel_inside_of_progress() -> None:
    cancel = Cancel()
    answers = hash_many([b"pw"] * 50, rounds=14, cancel=cancel, progress=lambda *_: cancel.set(), on_error="return")
    assert "cancelled" in codes(answers)


def test_a_cancel_that_is_set_ends_all_later_batches() -> None:
    cancel = Cancel()
    assert not cancel.is_set()
    assert hash_many([b"pw"], settings=[SETTING], cancel=cancel) == [HASH]
    cancel.set()
    cancel.set()
    assert cancel.is_set()
    for _ in range(2):
        assert codes(hash_many([b"pw"] * 3, rounds=4, cancel=cancel, on_error="return")) == ["cancelled"] * 3
    with pytest.raises(ItemError, match=r"item 0: .*\(cancelled\)"):
        verify_many([b"pw"], [HASH], cancel=cancel)
    assert hash_many([b"pw"], settings=[SETTING]) == [HASH]


def test_one_cancel_ends_batches_of_several_threads() -> None:
    cancel = Cancel()
    ends: list[set[Any]] = []

    def work() -> None:
        answers = hash_many([b"pw"] * 20, rounds=20, max_cost=20, cancel=cancel, on_error="return")
        ends.append(set(codes(answers)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    cancel.set()
    for thread in threads:
        thread.join(timeout=20)
    assert ends == [{"cancelled"}] * 4
