"""Every known answer and every bad input of tests/vectors through hash_many, verify_many and hashpw.

What must happen with each dialect and kind stands in tests/vectors/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import lanecrypt
import pytest

REPRODUCED = {"common", "libxcrypt-safe-2a", "libxcrypt-nowrap-2a", "length-based-NUL"}
MUST_NOT_MATCH = {"openbsd-2a-no-safety", "openbsd-2a-wraparound"}
REFUSED = {"legacy-$2$-no-terminator", "cost00-internal"}
# The rest would be most of the time and shows nothing else.
COST_MAX = 5

Row = dict[str, str]


def cost(row: Row) -> int:
    found = re.match(r"\$2[abxy]?\$(\d\d)\$", row["setting"])
    assert found, row
    return int(found.group(1))


@pytest.fixture(scope="module")
def rows(known_answers: list[Row]) -> list[Row]:
    assert len(known_answers) == 1632
    assert {row["dialect"] for row in known_answers} == REPRODUCED | MUST_NOT_MATCH | REFUSED
    cheap = [row for row in known_answers if cost(row) <= COST_MAX]
    assert len(cheap) > 1000
    assert {row["dialect"] for row in cheap} == {row["dialect"] for row in known_answers}
    return cheap


def password(row: Row) -> bytes:
    raw = bytes.fromhex(row["password_hex"])
    assert len(raw) == int(row["password_len"])
    return raw


def setting(row: Row) -> bytes:
    return row["setting"].encode()[:29]


def expected(row: Row) -> bytes:
    return row["expected_hash"].encode()


def value(row: Row) -> bytes:
    return bytes.fromhex(row["value_hex"])


def code(answer: Any) -> str:
    return answer.code if isinstance(answer, lanecrypt.ItemError) else repr(type(answer))


def paired(rows: list[Row], answers: list[Any]) -> Iterator[tuple[Row, Any]]:
    assert len(rows) == len(answers)
    return zip(rows, answers)  # noqa: B905 (strict= came with Python 3.10)


def check_hashes(rows: list[Row], hashes: list[Any]) -> None:
    for row, hashed in paired(rows, hashes):
        if row["dialect"] in REPRODUCED:
            assert hashed == expected(row), row["id"]
        elif row["dialect"] in MUST_NOT_MATCH:
            assert isinstance(hashed, bytes), row["id"]
            assert hashed != expected(row), row["id"]
        else:
            assert code(hashed) == "invalid_setting", row["id"]


def test_all_rows_hashed_with_their_settings(rows: list[Row]) -> None:
    passwords = [password(row) for row in rows]
    settings = [setting(row) for row in rows]
    hashes = lanecrypt.hash_many(passwords, settings=settings, long_passwords="truncate", on_error="return")
    check_hashes(rows, hashes)


def test_all_rows_hashed_with_their_hashes_as_settings(rows: list[Row]) -> None:
    passwords = [password(row) for row in rows]
    hashes = lanecrypt.hash_many(
        passwords, settings=[expected(row) for row in rows], long_passwords="truncate", on_error="return"
    )
    check_hashes(rows, hashes)


def test_all_rows_verified(rows: list[Row]) -> None:
    passwords = [password(row) for row in rows]
    hashes = [expected(row) for row in rows]
    answers = lanecrypt.verify_many(passwords, hashes, long_passwords="truncate", on_error="return")
    for row, answer in paired(rows, answers):
        if row["dialect"] in REFUSED:
            assert code(answer) == "invalid_hash", row["id"]
        else:
            assert answer is (row["dialect"] in REPRODUCED), row["id"]


def test_no_row_matches_another_password(rows: list[Row]) -> None:
    taken = [row for row in rows if row["dialect"] in REPRODUCED]
    others = [password(row)[:71] + b"\x01" for row in taken]
    answers = lanecrypt.verify_many(others, [expected(row) for row in taken])
    assert set(answers) == {False}


def test_long_passwords_are_refused_unless_asked(rows: list[Row]) -> None:
    long = [row for row in rows if len(password(row)) > 72 and row["dialect"] not in REFUSED]
    assert len(long) > 10
    passwords = [password(row) for row in long]
    hashed = lanecrypt.hash_many(passwords, settings=[setting(row) for row in long], on_error="return")
    verified = lanecrypt.verify_many(passwords, [expected(row) for row in long], on_error="return")
    assert {code(each) for each in hashed} == {"password_too_long"}
    assert {code(each) for each in verified} == {"password_too_long"}


def test_rows_one_at_a_time(rows: list[Row]) -> None:
    """With the setting as it stands in the hash: hashpw refuses unused bits in a salt, as pyca/bcrypt does."""
    for row in [row for row in rows if len(password(row)) <= 72]:
        if row["dialect"] in REFUSED:
            with pytest.raises(ValueError, match=r"^Invalid salt$"):
                lanecrypt.hashpw(password(row), expected(row))
        else:
            right = row["dialect"] in REPRODUCED
            assert (lanecrypt.hashpw(password(row), expected(row)) == expected(row)) is right, row["id"]
            assert lanecrypt.identify(expected(row)) == (expected(row)[1:3], cost(row), expected(row)[:29])


def test_salts_with_unused_bits_are_normalised_but_not_by_hashpw(rows: list[Row]) -> None:
    odd = [row for row in rows if row["dialect"] in REPRODUCED and setting(row) != expected(row)[:29]]
    assert len(odd) > 1
    hashed = lanecrypt.hash_many(
        [password(row) for row in odd], settings=[setting(row) for row in odd], long_passwords="truncate"
    )
    assert hashed == [expected(row) for row in odd]
    for row in odd:
        with pytest.raises(ValueError, match=r"^Invalid salt$"):
            lanecrypt.hashpw(password(row)[:72], setting(row))


def test_bad_settings_are_refused(bad_inputs: list[Row]) -> None:
    rows = [row for row in bad_inputs if row["kind"] in ("setting", "setting-otherhash")]
    assert len(rows) == 346
    hashed = lanecrypt.hash_many([b"a"] * len(rows), settings=[value(row) for row in rows], on_error="return")
    for row, answer in paired(rows, hashed):
        assert code(answer) == "invalid_setting", (row["id"], row["why"])


def test_bad_settings_do_not_harm_their_neighbours(bad_inputs: list[Row]) -> None:
    bad = [value(row) for row in bad_inputs if row["kind"] in ("setting", "setting-otherhash")]
    good = b"$2b$04$abcdefghijklmnopqrstu."
    settings = [each for one in bad for each in (one, good)]
    hashed = lanecrypt.hash_many([b"pw"] * len(settings), settings=settings, on_error="return")
    assert {code(each) for each in hashed[::2]} == {"invalid_setting"}
    assert set(hashed[1::2]) == {b"$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"}


def test_bad_settings_are_refused_one_at_a_time(bad_inputs: list[Row]) -> None:
    """hashpw looks at the first 29 bytes only, as pyca/bcrypt does: what is wrong after them does no harm."""
    for row in bad_inputs:
        if row["kind"] not in ("setting", "setting-otherhash"):
            continue
        begins_well = re.match(rb"\$2[abxy]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu]", value(row))
        if begins_well and int(begins_well.group(1)) > COST_MAX:
            continue
        if begins_well:
            assert lanecrypt.hashpw(b"a", value(row))[:29] == value(row)[:29]
        else:
            with pytest.raises(ValueError, match=r"^Invalid salt$"):
                lanecrypt.hashpw(b"a", value(row))


def test_bad_hashes_are_refused_for_verifying(bad_inputs: list[Row]) -> None:
    assert len(bad_inputs) == 411
    answers = lanecrypt.verify_many([b"U*U"] * 411, [value(row) for row in bad_inputs], on_error="return")
    for row, answer in paired(bad_inputs, answers):
        if row["kind"] == "hash-nomatch":
            # Its last character sets an unused bit, which a strict parse refuses before the comparison would.
            assert code(answer) == "invalid_hash" or answer is False, row["id"]
        else:
            assert code(answer) == "invalid_hash", (row["id"], row["why"])
            assert lanecrypt.identify(value(row)) is None, row["id"]
            with pytest.raises(ValueError, match="canonical"):
                lanecrypt.needs_rehash(value(row))
