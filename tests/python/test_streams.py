"""hash_stream and verify_stream: answers in order as items come, in bounded memory, errors after the answers before."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from typing import Any

import lanecrypt
import pytest
from lanecrypt import Cancel, ItemError, hash_stream, verify_stream

HASH = b"$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"  # of b"pw"
MOST_AT_ONCE = 65_536


def numbered(count: int) -> Iterator[bytes]:
    return (b"%d" % number for number in range(count))


class Counted:
    """An iterator that knows how many items were taken, and may raise after some."""

    def __init__(self, item: Any, stop: int | None = None, error: BaseException | None = None) -> None:
        self.item, self.stop, self.error, self.taken = item, stop, error, 0

    def __iter__(self) -> Counted:
        return self

    def __next__(self) -> Any:
        if self.taken == self.stop:
            raise self.error or StopIteration
        self.taken += 1
        return self.item


def first_chunk() -> int:
    """How many items a stream takes at first: at least so many answers come before it asks for more."""
    source = Counted(b"pw")
    next(hash_stream(source, rounds=4))
    return source.taken


def until_error(stream: Iterator[Any], error: type[BaseException], match: str) -> list[Any]:
    """The answers before the stream raised."""
    answers: list[Any] = []
    with pytest.raises(error, match=match):
        answers.extend(stream)
    return answers


def codes(answers: list[Any]) -> list[Any]:
    return [each.code if isinstance(each, ItemError) else each for each in answers]


# ---- Answers


@pytest.mark.parametrize("count", [0, 1, 7, 500])
def test_answers_come_in_order(count: int) -> None:
    hashes = list(hash_stream(numbered(count), rounds=4))
    assert len(hashes) == count
    assert list(verify_stream(numbered(count), iter(hashes))) == [True] * count
    if count > 1:
        assert list(verify_stream(numbered(count), reversed(hashes))).count(True) == count % 2


def test_lists_are_streams_too() -> None:
    assert list(verify_stream([b"pw", b"no"], [HASH, HASH])) == [True, False]
    assert list(verify_stream((b"pw", b"no"), (HASH, None), rounds=4)) == [True, False]


def test_verified_where_an_upgrade_was_asked_for() -> None:
    answers = list(verify_stream([b"pw", b"no", b"pw"], [HASH, HASH, None], upgrade_to=5, rounds=4))
    assert [each.match for each in answers] == [True, False, False]
    assert lanecrypt.checkpw(b"pw", answers[0].new_hash or b"")


def test_options_reach_the_batches() -> None:
    hashes = list(hash_stream([b"x" * 99] * 3, rounds=5, prefix=b"2y", long_passwords="truncate", threads=1))
    assert {each[:7] for each in hashes} == {b"$2y$05$"}
    assert list(verify_stream([b"x" * 72] * 3, hashes)) == [True] * 3


# ---- Laziness


def test_nothing_is_taken_before_the_first_answer_is_asked_for() -> None:
    passwords, hashes = Counted(b"pw"), Counted(HASH)
    hash_stream(passwords, rounds=4)
    verify_stream(passwords, hashes)
    assert (passwords.taken, hashes.taken) == (0, 0)


def test_an_endless_generator() -> None:
    passwords = Counted(b"pw")
    stream = hash_stream(passwords, rounds=4)
    for given in range(1, 1001):
        next(stream)
        assert passwords.taken - given < MOST_AT_ONCE
    assert passwords.taken < 1000 + MOST_AT_ONCE


def test_two_endless_generators() -> None:
    passwords, hashes = Counted(b"pw"), Counted(HASH)
    assert list(itertools.islice(verify_stream(passwords, hashes), 1000)) == [True] * 1000
    assert passwords.taken == hashes.taken < 1000 + MOST_AT_ONCE


def test_the_first_chunk_is_small() -> None:
    assert first_chunk() <= 64 * (lanecrypt.cpu_budget().threads or 1)


def test_closing_a_stream_closes_its_generator() -> None:
    closed = threading.Event()

    def passwords() -> Iterator[bytes]:
        try:
            while True:
                yield b"pw"
        finally:
            closed.set()

    stream = hash_stream(passwords(), rounds=4)
    next(stream)
    del stream
    assert closed.is_set()


class Alive(bytes):
    """A password that counts how many of its kind there are."""

    now = most = 0

    def __init__(self, _value: bytes) -> None:
        Alive.now += 1
        Alive.most = max(Alive.now, Alive.most)

    def __del__(self) -> None:
        Alive.now -= 1


def test_no_more_than_two_chunks_are_held() -> None:
    count = 3 * MOST_AT_ONCE
    Alive.most = Alive.now = 0
    # Items that end at once make the chunks as large as they ever are.
    stream = hash_stream((Alive(b"pw") for _ in range(count)), rounds=4, deadline=-1, on_error="return")
    assert sum(1 for _ in stream) == count
    assert 0 < Alive.most <= 2 * MOST_AT_ONCE
    assert Alive.now == 0


def test_the_pairs_of_no_more_than_two_chunks_are_held() -> None:
    count = 3 * MOST_AT_ONCE
    Alive.most = Alive.now = 0
    passwords = (Alive(b"pw") for _ in range(count))
    stream = verify_stream(passwords, itertools.repeat(HASH, count), deadline=-1, on_error="return")
    assert sum(1 for _ in stream) == count
    assert 0 < Alive.most <= 2 * MOST_AT_ONCE
    assert Alive.now == 0


# ---- Errors


def test_arguments_are_checked_at_the_call() -> None:
    bad: list[tuple[str, Any]] = [("rounds", 3), ("prefix", b"2x"), ("on_error", "ignore"), ("max_cost", 3)]
    bad += [("long_passwords", "cut"), ("threads", 0), ("deadline", "1"), ("progress", 1), ("cancel", 1), ("engine", 1)]
    for name, value in bad:
        with pytest.raises((TypeError, ValueError), match=rf"^{name}\b"):
            hash_stream([b"pw"], **{name: value})
        with pytest.raises((TypeError, ValueError), match=rf"^{name}\b"):
            verify_stream([b"pw"], [HASH], **{name: value})
    with pytest.raises(ValueError, match=r"^upgrade_to\b"):
        verify_stream([b"pw"], [HASH], upgrade_to=32)
    with pytest.raises(lanecrypt.Error, match="unsupported"):
        hash_stream([b"pw"], engine="no such engine")


@pytest.mark.parametrize("items", ["text", b"bytes", bytearray(b"x"), memoryview(b"x"), None, 5])
def test_what_is_no_iterable_of_bytes_is_named(items: Any) -> None:
    with pytest.raises(TypeError, match=r"^passwords must be an iterable of bytes or an Arrow array, not "):
        hash_stream(items)
    with pytest.raises(TypeError, match=r"^passwords must be an iterable of bytes or an Arrow array, not "):
        verify_stream(items, [HASH])
    with pytest.raises(TypeError, match=r"^hashes must be an iterable of bytes or an Arrow array, not "):
        verify_stream([b"pw"], items)


def test_the_first_error_comes_after_all_answers_before_it() -> None:
    bad = 3 * first_chunk() + 5
    passwords = [b"x" * 73 if number in (bad, bad + 1) else b"pw" for number in range(bad + 100)]
    answers = until_error(hash_stream(iter(passwords), rounds=4), ItemError, rf"^item {bad}: .*\(password_too_long\)")
    assert len(answers) == bad


def test_errors_have_their_place_in_the_whole_stream() -> None:
    bad = {0, 5, first_chunk() - 1, first_chunk(), 10 * first_chunk() + 3}
    count = 11 * first_chunk()
    passwords = (b"x" * 73 if number in bad else b"pw" for number in range(count))
    answers = list(hash_stream(passwords, rounds=4, on_error="return"))
    assert len(answers) == count
    errors = {place: each for place, each in enumerate(answers) if isinstance(each, ItemError)}
    assert set(errors) == bad
    assert all(each.index == place for place, each in errors.items())


def test_an_item_that_is_no_bytes_is_an_error_in_its_place() -> None:
    passwords: list[Any] = [b"pw", "text", None, b"pw"]
    answers: list[Any] = list(verify_stream(passwords, [HASH] * 4, on_error="return"))
    assert codes(answers) == [True, "invalid_argument", "invalid_argument", True]
    assert str(answers[1]) == "item 1: its password must be bytes, not str (invalid_argument)"
    hashes: list[Any] = [HASH, 5]
    stream = verify_stream([b"pw", b"pw"], hashes)
    assert until_error(stream, ItemError, r"item 1: its hash must be bytes, not int") == [True]


@pytest.mark.parametrize("given", [0, 1, 63, 64, 65, 128, 300])
def test_what_a_generator_raises_comes_after_the_answers_to_its_items(given: int) -> None:
    error = KeyError("mine")
    assert len(until_error(hash_stream(Counted(b"pw", given, error), rounds=4), KeyError, "mine")) == given
    for passwords, hashes in (
        (Counted(b"pw", given, error), Counted(HASH)),
        (Counted(b"pw"), Counted(HASH, given, error)),
    ):
        assert until_error(verify_stream(passwords, hashes), KeyError, "mine") == [True] * given


def test_ctrl_c_in_a_generator_comes_through() -> None:
    until_error(hash_stream(Counted(b"pw", 3, KeyboardInterrupt("mine")), rounds=4), KeyboardInterrupt, "mine")


def test_a_stream_that_raised_has_ended() -> None:
    stream = hash_stream(Counted(b"pw", 3, KeyError("mine")), rounds=4)
    until_error(stream, KeyError, "mine")
    assert list(stream) == []


# ---- Pairs


@pytest.mark.parametrize("pairs", ["1", "chunk - 1", "chunk", "chunk + 1", "5 * chunk"])
def test_pairs_that_end_unevenly(pairs: str) -> None:
    count = int(eval(pairs, {"chunk": first_chunk()}))
    for more in (1, 2):
        stream = verify_stream(Counted(b"pw", count + more), Counted(HASH, count))
        assert until_error(stream, ValueError, f"^passwords goes on after {count} items\\b") == [True] * count
        stream = verify_stream(Counted(b"pw", count), Counted(HASH, count + more))
        assert until_error(stream, ValueError, f"^hashes goes on after {count} items\\b") == [True] * count
    assert list(verify_stream(Counted(b"pw", count), Counted(HASH, count))) == [True] * count


def test_one_side_is_empty() -> None:
    assert list(verify_stream(iter([]), iter([]))) == []
    assert until_error(verify_stream(iter([]), Counted(HASH)), ValueError, r"^hashes ") == []
    assert until_error(verify_stream(Counted(b"pw"), iter([])), ValueError, r"^passwords ") == []


def test_the_text_for_an_empty_side() -> None:
    stream = verify_stream(iter([]), [HASH])
    with pytest.raises(ValueError, match=r"^hashes ") as caught:
        list(stream)
    assert "after 0 items" in str(caught.value)


# ---- Deadline, cancel, progress


def test_the_deadline_is_that_of_the_whole_stream() -> None:
    stream = hash_stream(Counted(b"pw"), rounds=12, max_cost=20, deadline=0.4)
    began = time.monotonic()
    until_error(stream, ItemError, r"^item \d+: .*\(deadline\)")
    assert time.monotonic() - began < 20


def test_a_deadline_counts_from_the_call() -> None:
    stream = hash_stream([b"pw"] * 3, rounds=4, deadline=0.05, on_error="return")
    time.sleep(0.1)
    assert codes(list(stream)) == ["deadline"] * 3


def test_cancel_ends_an_endless_stream() -> None:
    cancel = Cancel()
    timer = threading.Timer(0.3, cancel.set)
    timer.start()
    answers = until_error(hash_stream(Counted(b"pw"), rounds=4, cancel=cancel), ItemError, r"\(cancelled\)")
    assert cancel.is_set()
    assert all(isinstance(each, bytes) for each in answers)
    timer.join()


def test_progress_counts_over_the_whole_stream() -> None:
    count = 5 * first_chunk() + 1
    seen: list[tuple[int, None]] = []

    def progress(done: int, total: None) -> None:
        seen.append((done, total))

    list(hash_stream(numbered(count), rounds=4, progress=progress))
    done = [each for each, _ in seen]
    assert done == sorted(done)
    assert done[-1] == count
    assert {total for _, total in seen} == {None}


def test_progress_ends_a_stream() -> None:
    def stop(done: int, _total: None) -> bool:
        return done == 0

    until_error(hash_stream(Counted(b"pw"), rounds=4, progress=stop), ItemError, r"\(cancelled\)|deadline")

    def fail(_done: int, _total: None) -> None:
        raise KeyError("mine")

    assert until_error(hash_stream(Counted(b"pw"), rounds=4, progress=fail), KeyError, "mine") == []


# ---- Arrow


def test_arrow_columns_are_streams_too() -> None:
    pa = pytest.importorskip("pyarrow")
    passwords = pa.chunked_array([[f"{chunk}-{number}" for number in range(100)] for chunk in range(5)])
    hashes = list(hash_stream(passwords, rounds=4))
    assert list(verify_stream(passwords, pa.chunked_array([hashes[:7], [], hashes[7:]]))) == [True] * 500
    assert list(verify_stream(passwords.combine_chunks(), iter(hashes))) == [True] * 500
    assert list(verify_stream(passwords.cast("binary").to_pylist(), pa.array(hashes))) == [True] * 500
    assert list(hash_stream(pa.array([], pa.string()), rounds=4)) == []


def test_arrow_errors_have_their_place_in_the_whole_stream() -> None:
    pa = pytest.importorskip("pyarrow")
    rows = 2 * first_chunk() + 7  # of an Arrow chunk: the stream cuts the first in two at least
    bad = {3, first_chunk() + 1, rows - 1, rows, 3 * rows - 1}
    items = ["x" * 73 if number in bad else "pw" for number in range(3 * rows)]
    passwords = pa.chunked_array([items[start : start + rows] for start in range(0, 3 * rows, rows)])
    answers = list(hash_stream(passwords, rounds=4, on_error="return"))
    errors = {place: each for place, each in enumerate(answers) if isinstance(each, ItemError)}
    assert set(errors) == bad
    assert all(each.index == place for place, each in errors.items())


def test_arrow_columns_of_unequal_length_are_refused_at_the_call() -> None:
    pa = pytest.importorskip("pyarrow")
    with pytest.raises(ValueError, match="passwords has 2 items and hashes has 1"):
        verify_stream(pa.array([b"a", b"b"]), pa.array([HASH]))


def test_arrow_tables_are_refused() -> None:
    pa = pytest.importorskip("pyarrow")
    with pytest.raises(TypeError, match="a table or a struct"):
        list(hash_stream(pa.table({"passwords": ["pw"]})))
