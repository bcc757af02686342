"""How streams end: by a progress that says False, by an iterable's error; and what they hold until then."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import lanecrypt
import pytest
from lanecrypt import ItemError, hash_stream, verify_stream

HASH = b"$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"  # of b"pw"


def test_a_progress_that_says_false_once_ends_all_that_is_to_come() -> None:
    calls: list[int] = []

    def stop_at_once(done: int, _total: None) -> bool:
        calls.append(done)
        return False

    count = 5000
    stream = hash_stream((b"pw" for _ in range(count)), rounds=4, progress=stop_at_once, on_error="return")
    kinds = ["cancelled" if isinstance(each, ItemError) else "hash" for each in stream]
    assert len(kinds) == count
    first = kinds.index("cancelled")
    assert first < count // 2
    assert set(kinds[first:]) == {"cancelled"}


class Falsy(Exception):
    """An error all the same."""

    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize("side", ["passwords", "hashes"])
def test_an_error_that_is_falsy_is_raised(side: str) -> None:
    def raising(item: bytes) -> Iterator[bytes]:
        yield item
        raise Falsy

    stream = verify_stream(
        raising(b"pw") if side == "passwords" else [b"pw"] * 3, raising(HASH) if side == "hashes" else [HASH] * 3
    )
    assert next(stream) is True
    with pytest.raises(Falsy):
        next(stream)


class Noted(bytes):
    """A password that says when it is gone."""

    gone = 0

    def __del__(self) -> None:
        Noted.gone += 1


def test_no_password_is_held_while_answers_are_taken() -> None:
    Noted.gone = 0
    stream = hash_stream((Noted(b"pw") for _ in range(3)), rounds=4)
    next(stream)
    assert Noted.gone == 3
    assert len(list(stream)) == 2


def test_a_stream_can_be_closed() -> None:
    stream = hash_stream([b"pw"] * 3, rounds=4)
    next(stream)
    stream.close()
    assert list(stream) == []


def test_buffers_of_ctypes_are_bytes() -> None:
    buffer: Any = ctypes.create_string_buffer(b"pw", 2)
    assert lanecrypt.hash_many([buffer], settings=[HASH]) == [HASH]


@pytest.mark.parametrize("engine", [5, b"portable", "portable\0x", "\ud800", ""])
def test_an_engine_that_is_no_name_is_named(engine: Any) -> None:
    with pytest.raises((TypeError, ValueError, lanecrypt.Error), match="engine"):
        lanecrypt.hash_many([b"pw"], engine=engine)
    with pytest.raises((TypeError, ValueError, lanecrypt.Error), match="engine"):
        lanecrypt.plan(4, engine=engine)


class Ambiguous:
    """Like an array of numpy: it compares with anything and has no truth value."""

    def __ne__(self, other: object) -> Any:
        return self

    def __eq__(self, other: object) -> Any:
        return self

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise TypeError("ambiguous")


@pytest.mark.parametrize("option", ["deadline", "on_error", "long_passwords"])
def test_an_option_that_cannot_be_compared_is_named(option: str) -> None:
    options: Any = {option: Ambiguous()}
    with pytest.raises((TypeError, ValueError), match=f"^{option} "):
        lanecrypt.hash_many([b"pw"], **options)
