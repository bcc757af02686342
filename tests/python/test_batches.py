"""hash_many and verify_many: answers in order, errors item by item, options, progress, cancel and deadline."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import lanecrypt
import pytest
from lanecrypt import Error, ItemError, Verified, hash_many, verify_many

SETTING = b"$2b$04$abcdefghijklmnopqrstu."
HASH = b"$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"  # of b"pw"


def code(answer: Any) -> Any:
    return answer.code if isinstance(answer, ItemError) else answer


def codes(answers: list[Any]) -> list[Any]:
    return [code(each) for each in answers]


# ---- Answers


def test_hashes_verify() -> None:
    passwords = [b"", b"pw", b"\0", b"x" * 72, bytes(range(72)), b"\xff" * 9]
    hashes = hash_many(passwords, rounds=4)
    assert verify_many(passwords, hashes) == [True] * 6
    assert verify_many(passwords[1:] + passwords[:1], hashes) == [False] * 6
    assert all(each.startswith(b"$2b$04$") and len(each) == 60 for each in hashes)


def test_each_hash_has_a_salt_of_its_own() -> None:
    hashes = hash_many([b"pw"] * 500, rounds=4)
    assert len({each[7:29] for each in hashes}) == 500


@pytest.mark.parametrize("prefix", [b"2a", b"2b", b"2y"])
def test_rounds_and_prefix(prefix: bytes) -> None:
    for rounds in (4, 5, 6):
        (hashed,) = hash_many([b"pw"], rounds=rounds, prefix=prefix)
        assert hashed.startswith(b"$%b$%02d$" % (prefix, rounds))
        assert lanecrypt.checkpw(b"pw", hashed)


def test_the_default_is_cost_12() -> None:
    assert hash_many([b"pw"])[0].startswith(b"$2b$12$")


def test_ten_thousand_keep_their_order() -> None:
    passwords = [b"password %d" % number for number in range(10_000)]
    hashes = hash_many(passwords, settings=[SETTING] * 10_000)
    assert len(set(hashes)) == 10_000
    for number in range(0, 10_000, 97):
        assert lanecrypt.hashpw(passwords[number], SETTING) == hashes[number]
    wrong = [b"wrong" if number % 1000 == 7 else each for number, each in enumerate(passwords)]
    assert verify_many(wrong, hashes) == [number % 1000 != 7 for number in range(10_000)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33])
def test_every_small_batch(count: int) -> None:
    passwords = [b"%d" % number for number in range(count)]
    hashes = hash_many(passwords, rounds=4)
    assert len(hashes) == count
    assert verify_many(passwords, hashes) == [True] * count


def test_mixed_costs_and_prefixes_keep_their_order() -> None:
    settings = [b"$2%c$%02d$abcdefghijklmnopqrstu." % (b"abxy"[i % 4], 4 + i % 3) for i in range(50)]
    hashes = hash_many([b"%d" % i for i in range(50)], settings=settings)
    assert [each[:29] for each in hashes] == settings
    assert all(lanecrypt.checkpw(b"%d" % i, each) for i, each in enumerate(hashes))


def test_settings_with_none_among_them() -> None:
    hashes = hash_many([b"pw"] * 4, settings=[None, SETTING, HASH, None], rounds=5, prefix=b"2y")
    assert hashes[1] == hashes[2] == HASH
    assert [each[:7] for each in hashes] == [b"$2y$05$", b"$2b$04$", b"$2b$04$", b"$2y$05$"]
    assert hashes[0] != hashes[3]


def test_an_unknown_user_is_false() -> None:
    assert verify_many([b"pw", b"pw", b""], [HASH, None, None], rounds=4) == [True, False, False]
    answers = verify_many([b"pw", b"pw"], [HASH, None], upgrade_to=4, rounds=4)
    assert answers == [(True, None, None), (False, None, None)]


LONG = b"x" * 73
UNVERIFIABLE = [
    (b"pw", HASH[:20], "invalid_hash"),
    (b"pw", b"", "invalid_hash"),
    (b"pw", HASH[:-1] + b"D", "invalid_hash"),
    (b"pw", HASH.replace(b"$04$", b"$31$"), "cost_too_high"),
    (LONG, None, "password_too_long"),
    (LONG, HASH[:20], "password_too_long"),
]


@pytest.mark.parametrize(("password", "stored", "code"), UNVERIFIABLE)
@pytest.mark.parametrize("equal_time", [False, True])
def test_what_cannot_be_verified_is_computed_where_equal_time_was_asked_for(
    password: bytes, stored: bytes | None, code: str, equal_time: bool
) -> None:
    seen: list[int] = []

    def stop(done: int, _total: int) -> bool:
        seen.append(done)
        return False

    # Minutes of work, of which the first 50 ms are waited for: progress then tells of no item that is done.
    options: dict[str, Any] = {"rounds": 20, "max_cost": 20, "progress": stop, "on_error": "return"}
    answer: Any = verify_many([password], [stored], equal_time=equal_time, **options)[0]
    assert isinstance(answer, ItemError)
    assert answer.code == code
    assert (seen[0] == 0) is equal_time


def test_equal_time_leaves_all_other_answers_alone() -> None:
    passwords = [b"pw", b"no", b"pw", *(each[0] for each in UNVERIFIABLE)]
    hashes = [HASH, HASH, None, *(each[1] for each in UNVERIFIABLE)]
    for stream in (verify_many, lanecrypt.verify_stream):
        answers: list[Any] = list(stream(passwords, hashes, rounds=4, equal_time=True, on_error="return"))
        assert answers[:3] == [True, False, False]
        assert [each.code for each in answers[3:]] == [each[2] for each in UNVERIFIABLE]
    with pytest.raises(ItemError, match="item 3"):
        verify_many(passwords, hashes, rounds=4, equal_time=True)


def test_every_engine_gives_the_same() -> None:
    for engine in lanecrypt.engines():
        if engine.state == "ready":
            assert hash_many([b"pw"] * 9, settings=[SETTING] * 9, engine=engine.name) == [HASH] * 9
        else:
            with pytest.raises(Error, match="unsupported"):
                hash_many([b"pw"], rounds=4, engine=engine.name)


@pytest.mark.parametrize("threads", [1, 2, 3, 1024])
def test_every_number_of_threads_gives_the_same(threads: int) -> None:
    assert hash_many([b"pw"] * 40, settings=[SETTING] * 40, threads=threads) == [HASH] * 40


# ---- Upgrades


def test_upgrades() -> None:
    old = [HASH, HASH.replace(b"2b", b"2a"), *hash_many([b"pw"], rounds=5)]
    old[1] = lanecrypt.hashpw(b"pw", b"$2a$05$abcdefghijklmnopqrstu.")
    answers = verify_many([b"pw"] * 3, old, upgrade_to=5)
    assert [each.match for each in answers] == [True] * 3
    new = [each.new_hash or b"" for each in answers[:2]]
    assert [each[:7] for each in new] == [b"$2b$05$"] * 2
    assert answers[2] == (True, None, None)
    assert verify_many([b"pw"] * 2, new) == [True, True]


def test_what_does_not_match_is_not_upgraded() -> None:
    assert verify_many([b"no"], [HASH], upgrade_to=6) == [(False, None, None)]


def test_upgrades_have_the_prefix_asked_for() -> None:
    (answer,) = verify_many([b"pw"], [HASH], upgrade_to=5, prefix=b"2y")
    assert (answer.new_hash or b"")[:7] == b"$2y$05$"


def test_the_truth_of_verified_is_its_match() -> None:
    assert Verified(True, None, None)
    assert not Verified(False, None, None)
    assert not verify_many([b"no"], [HASH], upgrade_to=4)[0]
    assert [bool(each) for each in verify_many([b"pw"], [HASH], upgrade_to=4)] == [True]


def test_an_upgrade_that_had_no_time_says_so() -> None:
    (answer,) = verify_many([b"pw"], [HASH], upgrade_to=20, max_cost=20, deadline=1, on_error="return")
    assert answer == (True, None, "deadline")


# ---- Inputs


def test_every_iterable_is_taken() -> None:
    expected = [HASH, HASH]
    settings: dict[str, Any] = {"settings": (SETTING, SETTING)}
    for passwords in (
        [b"pw", b"pw"],
        (b"pw", b"pw"),
        iter([b"pw", b"pw"]),
        (b"pw" for _ in "ab"),
        map(bytes, [b"pw"] * 2),
    ):
        assert hash_many(passwords, **settings) == expected
    keys = {b"one": 1, b"two": 2}
    assert verify_many(keys, hash_many(keys, rounds=4)) == [True, True]
    assert verify_many(list(keys), hash_many(keys.keys(), rounds=4)) == [True, True]
    assert len(hash_many({b"one", b"two"}, rounds=4)) == 2
    assert hash_many([bytearray(b"pw"), memoryview(b"pw")], **settings) == expected


def test_what_a_generator_raises_comes_through() -> None:
    def failing(error: BaseException) -> Iterator[bytes]:
        yield b"pw"
        raise error

    for error in (KeyError("mine"), StopAsyncIteration("mine"), KeyboardInterrupt("mine"), GeneratorExit("mine")):
        with pytest.raises(type(error), match="mine"):
            hash_many(failing(error), rounds=4)
        with pytest.raises(type(error), match="mine"):
            verify_many([b"pw"], failing(error))
        with pytest.raises(type(error), match="mine"):
            hash_many([b"pw"], settings=failing(error))


@pytest.mark.parametrize("bad", ["text", 5, 1.5, object(), ["pw"]])
def test_an_item_that_is_no_bytes_is_named(bad: Any) -> None:
    name = type(bad).__name__
    with pytest.raises(TypeError, match=rf"^passwords\[1\] must be bytes, not {name}$"):
        hash_many([b"pw", bad, bad])
    with pytest.raises(TypeError, match=rf"^hashes\[1\] must be bytes, not {name}$"):
        verify_many([b"pw"] * 3, [HASH, bad, HASH])
    with pytest.raises(TypeError, match=rf"^settings\[2\] must be bytes, not {name}$"):
        hash_many([b"pw"] * 3, settings=[None, SETTING, bad])


def test_none_as_a_password_is_named() -> None:
    with pytest.raises(TypeError, match=r"^passwords\[1\] must be bytes, not None$"):
        hash_many([b"pw", None])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"^passwords\[0\] must be bytes, not None$"):
        verify_many([None], [HASH])  # type: ignore[list-item]


def test_items_that_are_no_bytes_are_returned_in_place() -> None:
    passwords: list[Any] = [b"pw", "text", None, b"pw"]
    answers = hash_many(passwords, settings=[SETTING, SETTING, SETTING, SETTING], on_error="return")
    assert answers[0] == answers[3] == HASH
    assert codes(answers[1:3]) == ["invalid_argument"] * 2
    assert str(answers[1]) == "item 1: its password must be bytes, not str (invalid_argument)"
    assert str(answers[2]) == "item 2: its password is null (invalid_argument)"
    hashes: list[Any] = [HASH, 5, HASH]
    verified = verify_many([b"pw"] * 3, hashes, on_error="return")
    assert verified[::2] == [True, True]
    assert str(verified[1]) == "item 1: its hash must be bytes, not int (invalid_argument)"
    settings: list[Any] = ["text", SETTING]
    hashed = hash_many([b"pw"] * 2, settings=settings, on_error="return")
    assert str(hashed[0]) == "item 0: its setting must be bytes, not str (invalid_argument)"
    assert hashed[1] == HASH


# ---- Errors of items


def test_errors_are_returned_in_place() -> None:
    passwords = [b"pw", b"x" * 73, b"pw", b"pw", b"pw"]
    settings = [SETTING, SETTING, b"nonsense", b"$2b$09$abcdefghijklmnopqrstu.", SETTING]
    answers = hash_many(passwords, settings=settings, rounds=4, max_cost=8, on_error="return")
    assert codes(answers) == [HASH, "password_too_long", "invalid_setting", "cost_too_high", HASH]
    assert [each.index for each in answers if isinstance(each, ItemError)] == [1, 2, 3]
    assert all(each.results is None for each in answers if isinstance(each, ItemError))
    hashes = [HASH, HASH, HASH[:-1], HASH.replace(b"$04$", b"$09$"), None]
    verified = verify_many(passwords, hashes, rounds=4, max_cost=8, on_error="return")
    assert codes(verified) == [True, "password_too_long", "invalid_hash", "cost_too_high", False]


def test_the_first_error_is_raised_with_all_results() -> None:
    with pytest.raises(ItemError) as caught:
        hash_many([b"pw", b"x" * 73, b"pw", b"x" * 99], settings=[SETTING] * 4)
    error = caught.value
    assert (error.index, error.code) == (1, "password_too_long")
    assert error.results is not None
    assert codes(error.results) == [HASH, "password_too_long", HASH, "password_too_long"]
    first = error.results[1]
    # Equal, but not the same: a cycle would keep the traceback's frames alive.
    assert first is not error
    assert (first.index, first.code, str(first)) == (error.index, error.code, str(error))
    assert isinstance(error, ValueError)
    assert isinstance(error, Error)


def test_a_bad_stored_hash_is_raised_not_false() -> None:
    with pytest.raises(ItemError, match=r"item 0: .*\(invalid_hash\)"):
        verify_many([b"pw"], [HASH[:-1]])
    with pytest.raises(ItemError, match=r"item 1: .*\(cost_too_high\)"):
        verify_many([b"pw"] * 2, [HASH, HASH.replace(b"$04$", b"$15$")])


def test_long_passwords_are_cut_where_asked() -> None:
    assert hash_many([b"x" * 72], settings=[SETTING]) == hash_many(
        [b"x" * 5000], settings=[SETTING], long_passwords="truncate"
    )


def test_no_error_holds_a_password_or_a_hash() -> None:
    secret = b"very secret password"
    answers: list[Any] = hash_many([secret * 9, secret], settings=[HASH, b"setting" + HASH], on_error="return")
    answers += verify_many([secret * 9, secret], [HASH, b"hash" + HASH], on_error="return")
    for answer in answers:
        assert isinstance(answer, ItemError)
        for text in (str(answer), repr(answer)):
            assert "secret" not in text
            assert "abcdefgh" not in text


@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_errors_survive_pickle_and_copy(again: Any) -> None:
    first = ItemError(7, "deadline")
    second = ItemError(8, "invalid_argument", "its hash is odd")
    second.results = [HASH, second]
    for error in (first, second):
        other = again(error)
        assert type(other) is ItemError
        assert (other.index, other.code, other.message) == (error.index, error.code, error.message)
        assert str(other) == str(error)
        assert repr(other) == repr(error)
    assert again(second).results[0] == HASH
    assert again(first).results is None
    busy = again(Error("busy"))
    assert (type(busy), busy.code, str(busy)) == (Error, "busy", str(Error("busy")))
