"""Every row of tests/vectors through the bootstrap, by the dialect rules of tests/vectors/README.md.

One emulator with LANECRYPT_MAX_COST=14 and a few large batches: op hash with each row's setting, op verify
with each row's hash.
"""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from emulator import Emulator

REPRODUCED = {"common", "libxcrypt-safe-2a", "libxcrypt-nowrap-2a", "length-based-NUL"}
MUST_NOT_MATCH = {"openbsd-2a-no-safety", "openbsd-2a-wraparound"}
REFUSED = {"legacy-$2$-no-terminator", "cost00-internal"}

Row = dict[str, str]
Item = dict[str, Any]


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def known(vectors: Path) -> list[Row]:
    return rows_of(vectors / "bcrypt_vectors.tsv")


@pytest.fixture(scope="module")
def bad(vectors: Path) -> list[Row]:
    return rows_of(vectors / "bcrypt_badsalts.tsv")


@pytest.fixture(scope="module")
def emulator(bootstrap: Path) -> Iterator[Emulator]:
    # The emulator takes the time an invocation may last from the function's own variable; 300 s otherwise.
    with Emulator(bootstrap, {"LANECRYPT_MAX_COST": "14", "AWS_LAMBDA_FUNCTION_TIMEOUT": "900"}) as running:
        yield running


def run(emulator: Emulator, op: str, items: list[Item], **fields: Any) -> dict[str, Item]:
    """The answers by id."""
    _, body = emulator.invoke(json.dumps({"op": op, "items": items, **fields}).encode())
    answer = json.loads(body)
    assert answer.get("processed") == len(items), answer.get("errorMessage")
    assert [each["id"] for each in answer["items"]] == [each["id"] for each in items]
    return {each["id"]: each for each in answer["items"]}


def password_of(row: Row) -> Item:
    """As text where it is text, so that both forms are used."""
    raw = bytes.fromhex(row["password_hex"])
    assert len(raw) == int(row["password_len"])
    try:
        return {"password": raw.decode("utf-8")}
    except UnicodeDecodeError:
        return {"password_base64": base64.b64encode(raw).decode()}


def hash_item(row: Row) -> Item:
    return {"id": row["id"], **password_of(row), "setting": row["setting"][:29]}


def verify_item(row: Row) -> Item:
    return {"id": row["id"], **password_of(row), "hash": row["expected_hash"]}


def code(answer: Item) -> str:
    return str(answer["error"]["code"]) if "error" in answer else "none"


def test_the_files_are_whole(known: list[Row], bad: list[Row]) -> None:
    assert len(known) == 1632
    assert len(bad) == 411
    assert {row["dialect"] for row in known} == REPRODUCED | MUST_NOT_MATCH | REFUSED


def test_all_rows_hashed(emulator: Emulator, known: list[Row]) -> None:
    answers = run(emulator, "hash", [hash_item(row) for row in known], long_passwords="truncate")
    for row in known:
        answer = answers[row["id"]]
        if row["dialect"] in REPRODUCED:
            assert answer.get("hash") == row["expected_hash"], row["id"]
        elif row["dialect"] in MUST_NOT_MATCH:
            assert answer["hash"] != row["expected_hash"], row["id"]
        else:
            assert code(answer) == "invalid_setting", row["id"]


def test_all_rows_verified(emulator: Emulator, known: list[Row]) -> None:
    answers = run(emulator, "verify", [verify_item(row) for row in known], long_passwords="truncate")
    for row in known:
        answer = answers[row["id"]]
        if row["dialect"] in REFUSED:
            assert code(answer) == "invalid_hash", row["id"]
        else:
            assert answer.get("match") is (row["dialect"] in REPRODUCED), row["id"]


def test_long_passwords_are_refused_unless_asked(emulator: Emulator, known: list[Row]) -> None:
    rows = [row for row in known if int(row["password_len"]) > 72 and row["dialect"] not in REFUSED]
    assert len(rows) > 10
    for op, make in (("hash", hash_item), ("verify", verify_item)):
        answers = run(emulator, op, [make(row) for row in rows])
        assert {code(answer) for answer in answers.values()} == {"password_too_long"}, op


def as_text(row: Row) -> str:
    """JSON carries text only: a byte that is none becomes the character of its number, which is as wrong."""
    return bytes.fromhex(row["value_hex"]).decode("latin-1")


def test_bad_settings_are_refused_for_hashing(emulator: Emulator, bad: list[Row]) -> None:
    rows = [row for row in bad if row["kind"] in ("setting", "setting-otherhash")]
    assert len(rows) == 346
    answers = run(emulator, "hash", [{"id": row["id"], "password": "a", "setting": as_text(row)} for row in rows])
    for row in rows:
        assert code(answers[row["id"]]) == "invalid_setting", (row["id"], row["why"])


def test_bad_hashes_are_refused_for_verifying(emulator: Emulator, bad: list[Row]) -> None:
    answers = run(emulator, "verify", [{"id": row["id"], "password": "U*U", "hash": as_text(row)} for row in bad])
    for row in bad:
        answer = answers[row["id"]]
        if row["kind"] == "hash-nomatch":
            # Its last character sets an unused bit, which a strict parse refuses before the comparison would.
            assert code(answer) == "invalid_hash" or answer["match"] is False, row["id"]
        else:
            assert code(answer) == "invalid_hash", (row["id"], row["why"])
