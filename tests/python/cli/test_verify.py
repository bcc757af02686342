"""lanecrypt verify: the forms that databases hold, made and judged by the real Django and passlib; upgrades."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import bcrypt
import pytest

Run = Callable[..., Any]
Judge = Callable[[str, str], bool]

LONG = "ein sehr langes Passwort, das über 72 Bytes hinausgeht: " + "ü" * 40


def as_csv(pairs: list[tuple[str, str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("password", "hash"), *pairs])
    return text.getvalue()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def pyca(word: str, cost: int = 4, prefix: bytes = b"2b") -> str:
    return bcrypt.hashpw(word.encode(), bcrypt.gensalt(cost, prefix)).decode()


def django_form(name: str, cost: int) -> tuple[Callable[[str], str], Judge]:
    hashers = pytest.importorskip("django.contrib.auth.hashers")
    hasher = getattr(hashers, name)()
    hasher.rounds = cost
    return lambda word: hasher.encode(word, hasher.salt()), lambda word, stored: hasher.verify(word, stored)


def passlib_form(name: str, **settings: Any) -> tuple[Callable[[str], str], Judge]:
    scheme = getattr(pytest.importorskip("passlib.hash"), name)
    return scheme.using(**settings).hash, scheme.verify


FORMS: dict[str, Callable[[int], tuple[Callable[[str], str], Judge]]] = {
    "django bcrypt": lambda cost: django_form("BCryptPasswordHasher", cost),
    "django bcrypt_sha256": lambda cost: django_form("BCryptSHA256PasswordHasher", cost),
    "passlib bcrypt": lambda cost: passlib_form("bcrypt", rounds=cost),
    "passlib bcrypt 2y": lambda cost: passlib_form("bcrypt", rounds=cost, ident="2y"),
    "passlib bcrypt-sha256 v2": lambda cost: passlib_form("bcrypt_sha256", rounds=cost),
    "passlib bcrypt-sha256 v1": lambda cost: passlib_form("bcrypt_sha256", rounds=cost, version=1),
    "passlib ldap_bcrypt": lambda cost: passlib_form("ldap_bcrypt", rounds=cost),
}
PREHASHED = {"django bcrypt_sha256", "passlib bcrypt-sha256 v2", "passlib bcrypt-sha256 v1"}


@pytest.fixture(scope="module")
def words() -> list[str]:
    return ["correct horse", "naïve ☃", "p"]


def test_every_form_is_verified_and_upgraded(lanecrypt: Run, words: list[str]) -> None:
    made: list[tuple[str, str, str]] = []
    judges: dict[str, Judge] = {}
    for form, build in FORMS.items():
        encode, judges[form] = build(4)
        for word in [*words, LONG] if form in PREHASHED else words:
            made.append((form, word, encode(word)))
    right = [(word, stored) for _, word, stored in made]
    wrong = [(word + "?", stored) for _, word, stored in made]
    done = lanecrypt("verify", "--format", "csv", "--upgrade-to", 5, stdin=as_csv(right + wrong), code=1)
    rows = rows_of(done.stdout)
    assert [row["match"] for row in rows] == ["true"] * len(right) + ["false"] * len(wrong)
    assert all(row["new_hash"] == "" for row in rows[len(right) :])
    for (form, word, stored), row in zip(made, rows[: len(right)], strict=True):
        new = row["new_hash"]
        # Its own maker takes the new hash for one of its own, in the same form and with another salt.
        assert judges[form](word, new), form
        assert not judges[form](word + "?", new)
        assert new.split("$")[:2] == stored.split("$")[:2] or form == "passlib bcrypt 2y"
        assert new[-53:-31] != stored[-53:-31]
    again = lanecrypt(
        "verify", "--format", "csv", "--upgrade-to", 5,
        stdin=as_csv([(word, row["new_hash"]) for (_, word, _), row in zip(made, rows, strict=False)]),
    )  # fmt: skip
    assert {(row["match"], row["new_hash"]) for row in rows_of(again.stdout)} == {("true", "")}


def test_known_answers_of_fixed_salts(lanecrypt_inside: Run) -> None:
    """The same forms with a given salt, so that a fault that a random salt may hide shows every time."""
    passlib = pytest.importorskip("passlib.hash")
    salt = "abcdefghijklmnopqrstuu"
    forms = [
        passlib.bcrypt_sha256.using(rounds=4, salt=salt).hash("secret"),
        passlib.bcrypt_sha256.using(rounds=4, salt=salt, version=1).hash("secret"),
        passlib.bcrypt_sha256.using(rounds=4, salt=salt, version=1, ident="2a").hash("secret"),
        "{BLF-CRYPT}" + passlib.bcrypt.using(rounds=4, salt=salt).hash("secret"),
        "{bcrypt}" + passlib.bcrypt.using(rounds=4, salt=salt, ident="2a").hash("secret"),
        "{crypt}" + passlib.bcrypt.using(rounds=4, salt=salt).hash("secret"),
    ]
    assert forms[0].startswith("$bcrypt-sha256$v=2,t=2b,r=4$" + salt)
    done = lanecrypt_inside("verify", "--format", "csv", stdin=as_csv([("secret", stored) for stored in forms]))
    assert [row["match"] for row in rows_of(done.stdout)] == ["true"] * len(forms)


def test_what_cannot_be_told_stays_empty(lanecrypt_inside: Run) -> None:
    good = pyca("a")
    pairs = [
        ("a", good),
        ("a", ""),
        ("a", good[:-1]),
        ("a", good[:-1] + "z"),
        ("a", good + " "),
        ("a", "$6$salt$abc"),
        ("a", "$2b$31$" + good[7:]),
        ("x" * 73, good),
        ("b", good),
    ]
    done = lanecrypt_inside("verify", "--format", "csv", "--errors", "bad.csv", stdin=as_csv(pairs), code=1)
    told = [row["match"] for row in rows_of(done.stdout)]
    assert told == ["true", "false", "", "", "", "", "", "", "false"]
    assert all(row["hash"] == stored for row, (_, stored) in zip(rows_of(done.stdout), pairs, strict=True))


def test_errors_say_why_and_nothing_else(lanecrypt_inside: Run) -> None:
    good = pyca("hunter2")
    wrong = [good[:-1], good + " ", "$6$salt$abc", "$2b$31$" + good[7:], "$2b$03$" + good[7:], "hunter2"]
    done = lanecrypt_inside(
        "verify", "--format", "csv", stdin=as_csv([("hunter2", stored) for stored in wrong]), code=1
    )
    for reason in (
        "too short",
        "blanks around it",
        "another scheme: sha512-crypt",
        "(cost_too_high)",
        "cost out of 4 to 31",
    ):
        assert reason in done.stderr
    assert "hunter2" not in done.stderr
    assert good[10:20] not in done.stderr


def test_json_has_true_false_and_null(lanecrypt: Run) -> None:
    rows = [
        {"id": 1, "password": "a", "hash": pyca("a", prefix=b"2a")},
        {"id": 2, "password": "b", "hash": pyca("a")},
        {"id": 3, "password": "a", "hash": None},
        {"id": 4, "password": None, "hash": pyca("a")},
    ]
    source = "\n".join(map(json.dumps, rows))
    done = lanecrypt("verify", "--format", "ndjson", "--upgrade-to", 4, stdin=source, code=1)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["match"] for answer in answers] == [True, False, False, None]
    # Of an older variant, so there is a new hash although the cost is enough.
    assert bcrypt.checkpw(b"a", answers[0]["new_hash"].encode())
    assert [answer["new_hash"] for answer in answers[1:]] == [None] * 3
    assert "password" not in answers[0]


def test_all_is_well(lanecrypt_inside: Run) -> None:
    assert lanecrypt_inside("verify", "--format", "csv", stdin=as_csv([("a", pyca("a")), ("", pyca(""))])).stderr == ""


@pytest.mark.parametrize("encoding", ["hex", "upper-hex", "base64"])
def test_hashes_of_digests_are_verified_with_passwords(lanecrypt_inside: Run, encoding: str) -> None:
    word = "a password of more than 72 bytes, which its digest makes short enough for bcrypt to see all of it"
    digest = hashlib.sha1(word.encode()).digest()
    texts = {"hex": digest.hex(), "upper-hex": digest.hex().upper(), "base64": base64.b64encode(digest).decode()}
    reading = ("--from-digest", "sha1", "--digest-encoding", encoding.removeprefix("upper-"))
    made = lanecrypt_inside("hash", "--format", "lines", "--cost", 4, *reading, stdin=texts[encoding] + "\n")
    pairs = [(word, made.stdout.strip()), (word + "?", made.stdout.strip())]
    usual = ("verify", "--format", "csv", "--from-digest", "sha1", "--digest-encoding", encoding)
    done = lanecrypt_inside(*usual, "--upgrade-to", 5, stdin=as_csv(pairs), code=1)
    rows = rows_of(done.stdout)
    assert [row["match"] for row in rows] == ["true", "false"]
    assert bcrypt.checkpw(texts[encoding].encode(), rows[0]["new_hash"].encode())
    lanecrypt_inside(*usual, stdin=as_csv([(word, rows[0]["new_hash"])]))


def test_parquet_with_a_boolean_column(lanecrypt_inside: Run, tmp_path: Any) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = arrow.table({"password": ["a", "b", None], "hash": [pyca("a"), pyca("a"), pyca("a")]})
    parquet.write_table(table, tmp_path / "in.parquet")
    lanecrypt_inside("verify", "in.parquet", "-o", "out.parquet", "--upgrade-to", 5, code=1)
    out = parquet.read_table(tmp_path / "out.parquet")
    assert [str(field.type) for field in out.schema] == ["string", "bool", "string"]
    assert out.column("match").to_pylist() == [True, False, None]
    assert [new is None for new in out.column("new_hash").to_pylist()] == [False, True, True]
