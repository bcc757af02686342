"""gensalt, hashpw, checkpw and kdf answer as pyca/bcrypt 5 does, call by call: the same result, or the same exception
with the same text. The few differences stand in DIFFERENCES. Without pyca/bcrypt the frozen answers still run.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import warnings
from typing import Any

import lanecrypt
import pytest

pyca: Any = importlib.import_module("bcrypt") if importlib.util.find_spec("bcrypt") else None
needs_pyca = pytest.mark.skipif(
    pyca is None or not pyca.__version__.startswith("5."), reason="pyca/bcrypt 5 is not installed"
)

SALT = b"$2b$04$abcdefghijklmnopqrstu."
HASH = b"$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"  # of b"pw"
WRONG_TYPES: list[Any] = ["text", None, 1, True, 1.5, bytearray(b"pw"), memoryview(b"pw"), [b"pw"], object]
INTEGERS: list[Any] = [
    *(-(2**70), -(2**63) - 1, -(2**63), -1, 0, 1, 3, 4, 5, 12, 31, 32, 255, 256, 2**16 - 1, 2**16, 2**31, 2**32 - 1),
    *(2**32, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 2**70, True, False, 4.0, "4", b"4", None),
]


class Number:
    def __index__(self) -> int:
        return 5


class Bytes(bytes):
    pass


def outcome(function: Any, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
    """What a call came to: its value or its exception, and the warnings on the way."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = ("returned", function(*args, **kwargs))
        except Exception as error:
            result = (type(error).__name__, str(error))
    return (*result, [(each.category, str(each.message)) for each in caught])


def same(name: str, *args: Any, **kwargs: Any) -> None:
    assert outcome(getattr(lanecrypt, name), *args, **kwargs) == outcome(getattr(pyca, name), *args, **kwargs), args


# ---- hashpw


def malformed() -> list[bytes]:
    """A good salt with one byte other, more or less; without costs over 9, and those that only pyca takes."""
    salts = [SALT[:length] for length in range(30)]
    for place in range(29):
        salts += [SALT[:place] + bytes([c]) + SALT[place + 1 :] for c in b"\0 $./0359Aaxyz-+=\xff\x80_"]
        salts += [SALT[:place] + bytes([c]) + SALT[place:] for c in b"$4a0"]
        salts.append(SALT[:place] + SALT[place + 1 :])
    taken_by_pyca = {salt for salt, _ in DIFFERENCES}
    return [salt for salt in salts if salt not in taken_by_pyca and not b"10" <= salt[4:6] <= b"31"]


# What pyca computes with: it drops empty fields between the dollars and parses the cost as any number.
DIFFERENCES: list[tuple[bytes, bytes]] = [
    (b"$2b$4$abcdefghijklmnopqrstu.", SALT),
    (b"$2b$004$abcdefghijklmnopqrstu.", SALT),
    (b"$2b$+4$abcdefghijklmnopqrstu.", SALT),
    (b"2b$04$abcdefghijklmnopqrstu.", SALT),
    (b"$$2b$04$abcdefghijklmnopqrstu.", SALT),
    (b"$2b$$04$abcdefghijklmnopqrstu.", SALT),
    (b"$2b$$4$abcdefghijklmnopqrstu.", SALT),
    (b"$2b$04$$abcdefghijklmnopqrstu.", SALT),
]


@needs_pyca
@pytest.mark.parametrize("prefix", [b"2a", b"2b", b"2y"])
def test_hashpw_of_every_length(prefix: bytes) -> None:
    salt = b"$" + prefix + SALT[3:]
    for length in range(74):
        same("hashpw", bytes(range(1, length + 1)), salt)
        same("hashpw", b"\0" * length, salt)


@needs_pyca
def test_hashpw_of_bytes_over_127() -> None:
    for prefix in (b"2b", b"2y"):
        for password in (b"\xff", b"\xff\xa3", b"\xff\xff\xa3" * 8, "pässwörd".encode(), bytes(range(184, 256))):
            same("hashpw", password, b"$" + prefix + SALT[3:])


@needs_pyca
def test_hashpw_of_every_malformed_salt() -> None:
    salts = malformed()
    assert len(salts) > 600
    for salt in salts:
        same("hashpw", b"pw", salt)


@needs_pyca
@pytest.mark.parametrize(
    "prefix", [b"2", b"2c", b"2z", b"2A", b"2B", b"1", b"3b", b"2bb", b"b2", b"", b"5", b"6", b"y"]
)
def test_hashpw_of_every_other_prefix(prefix: bytes) -> None:
    same("hashpw", b"pw", b"$" + prefix + SALT[3:])


@needs_pyca
@pytest.mark.parametrize("cost", [b"00", b"01", b"03", b"32", b"99", b"-4", b"4 ", b" 4", b"0x", b"\xb204"])
def test_hashpw_of_every_bad_cost(cost: bytes) -> None:
    same("hashpw", b"pw", b"$2b$" + cost + SALT[6:])


@needs_pyca
@pytest.mark.parametrize("last", b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789$")
def test_hashpw_of_every_end_of_a_salt(last: int) -> None:
    same("hashpw", b"pw", SALT[:28] + bytes([last]))


@needs_pyca
@pytest.mark.parametrize(
    "rest", [b"", b"x", b"\0", b"$", b"x$$", b"$x", b"x$y", b"$$y$", HASH[29:], HASH[29:] + b"\n", b"\xff" * 100]
)
def test_hashpw_ignores_what_follows_a_salt(rest: bytes) -> None:
    same("hashpw", b"pw", SALT + rest)


@needs_pyca
def test_hashpw_refuses_the_same_types() -> None:
    for wrong in WRONG_TYPES:
        same("hashpw", wrong, SALT)
        same("hashpw", b"pw", wrong)
        same("hashpw", wrong, wrong)
        same("hashpw", b"x" * 73, wrong)
    same("hashpw", b"x" * 73, b"bad salt")
    same("hashpw", Bytes(b"pw"), Bytes(SALT))


@needs_pyca
@pytest.mark.parametrize(("salt", "meant"), DIFFERENCES)
def test_a_salt_that_only_pyca_takes(salt: bytes, meant: bytes) -> None:
    assert pyca.hashpw(b"pw", salt) == lanecrypt.hashpw(b"pw", meant)
    with pytest.raises(ValueError, match=r"^Invalid salt$"):
        lanecrypt.hashpw(b"pw", salt)
    with pytest.raises(ValueError, match=r"^Invalid salt$"):
        lanecrypt.checkpw(b"pw", salt + HASH[29:])


def test_2x_is_the_real_one() -> None:
    hashed = b"$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"
    for password in (b"\xa3", b"\xff\xff\xa3"):  # the old bug makes them one
        assert lanecrypt.hashpw(password, hashed) == hashed
        assert lanecrypt.checkpw(password, hashed)


@needs_pyca
def test_2x_is_2b_for_pyca() -> None:
    salt = b"$2x$05$/OK.fbVrR/bpIqNJ5ianF."
    assert pyca.hashpw(b"\xa3", salt)[29:] == lanecrypt.hashpw(b"\xa3", salt.replace(b"2x", b"2b"))[29:]
    same("hashpw", b"seven bits", salt)


def test_2a_has_the_safety_bit_of_libxcrypt() -> None:
    hashed = b"$2a$05$/OK.fbVrR/bpIqNJ5ianF.nqd1wy.pTMdcvrRWxyiGL2eMz.2a85."
    assert lanecrypt.hashpw(b"\xff\xff\xa3", hashed) == hashed


@needs_pyca
def test_2a_has_none_for_pyca() -> None:
    salt = b"$2a$05$/OK.fbVrR/bpIqNJ5ianF."
    assert pyca.hashpw(b"\xff\xff\xa3", salt) != lanecrypt.hashpw(b"\xff\xff\xa3", salt)
    for password in (b"\xa3", b"\xfe\xa3", "pässwörd".encode()):
        same("hashpw", password, salt)


# ---- checkpw


@needs_pyca
def test_checkpw_the_same() -> None:
    for hashed in (HASH, HASH[:-1], HASH + b"C", HASH[:-1] + b"D", SALT, b"", b"*0", HASH.replace(b"2b", b"2y")):
        for password in (b"pw", b"pW", b"", b"pw\0", b"x" * 72, b"x" * 73):
            same("checkpw", password, hashed)
    for salt in malformed()[::7]:
        same("checkpw", b"pw", salt + HASH[29:])


@needs_pyca
def test_checkpw_refuses_the_same_types() -> None:
    for wrong in WRONG_TYPES:
        same("checkpw", wrong, HASH)
        same("checkpw", b"pw", wrong)
        same("checkpw", wrong, wrong)


# ---- gensalt


def shape(result: tuple[Any, ...]) -> tuple[Any, ...]:
    """An outcome without the 22 characters that are random."""
    assert not isinstance(result[1], bytes) or len(result[1]) == 29
    return (result[0], result[1][:7] if isinstance(result[1], bytes) else result[1], result[2])


@needs_pyca
def test_gensalt_the_same_but_for_the_salt() -> None:
    prefixes: list[Any] = [b"2a", b"2b", b"2x", b"2y", b"2", b"", b"$2b$", b"2b\0", "2b", None, 2, bytearray(b"2b")]
    for rounds in [*INTEGERS, Number()]:
        for prefix in prefixes:
            assert shape(outcome(lanecrypt.gensalt, rounds, prefix)) == shape(outcome(pyca.gensalt, rounds, prefix))
    assert shape(outcome(lanecrypt.gensalt)) == shape(outcome(pyca.gensalt))
    assert shape(outcome(lanecrypt.gensalt, prefix=b"2a", rounds=6)) == ("returned", b"$2a$06$", [])


def test_gensalt_never_repeats() -> None:
    salts = [lanecrypt.gensalt(4) for _ in range(2000)]
    assert len(set(salts)) == 2000
    # Each character takes many values; the last one stands for two bits.
    assert all(len({salt[place] for salt in salts}) == 64 for place in range(7, 28))
    assert {salt[28:] for salt in salts} == {b".", b"O", b"e", b"u"}


# ---- kdf


@needs_pyca
@pytest.mark.parametrize("size", [1, 2, 16, 31, 32, 33, 48, 63, 64, 65, 96, 100, 127, 255, 256, 257, 511, 512])
def test_kdf_of_every_kind_of_size(size: int) -> None:
    for rounds in (1, 2, 7):
        same("kdf", b"password", b"salt", size, rounds, True)


@needs_pyca
def test_kdf_of_other_inputs() -> None:
    for password in (b"\0", b"p", b"\xff" * 72, b"x" * 73, b"long" * 1000):
        for salt in (b"\0", b"\0" * 16, bytes(range(16)), b"salt" * 500):
            same("kdf", password, salt, 40, 3, ignore_few_rounds=True)
    same("kdf", Bytes(b"p"), Bytes(b"s"), Number(), Number(), True)
    same("kdf", b"p", b"s", True, True, True)


@needs_pyca
def test_kdf_as_openssh_calls_it() -> None:
    # ssh-keygen -Z aes256-ctr: 32 bytes of key and 16 of IV, a salt of 16, 24 rounds since OpenSSH 9.4 (16 before).
    for rounds in (16, 24):
        same("kdf", b"correct horse battery staple", bytes.fromhex("a0b1c2d3e4f5061728394a5b6c7d8e9f"), 48, rounds)


@needs_pyca
def test_kdf_refuses_the_same() -> None:
    for number in INTEGERS:
        if not isinstance(number, int) or not 1 <= number <= 2**32 - 1:
            same("kdf", b"p", b"s", 16, number, True)
        if not isinstance(number, int) or not 1 <= number <= 512:
            same("kdf", b"p", b"s", number, 1, True)
            same("kdf", b"p", b"s", number, number)
            same("kdf", b"", b"s", number, 1)
    same("kdf", b"p", b"s", 513, 1)
    for wrong in WRONG_TYPES:
        same("kdf", wrong, b"s", 16, 1, True)
        same("kdf", b"p", wrong, 16, 1, True)
        if not isinstance(wrong, bool):
            same("kdf", b"p", b"s", 16, 1, wrong)
    for password, salt in ((b"", b"s"), (b"p", b""), (b"", b"")):
        same("kdf", password, salt, 16, 1)
        same("kdf", password, salt, 0, 0)


@needs_pyca
def test_kdf_warns_the_same() -> None:
    for rounds in (1, 49, 50):
        same("kdf", b"p", b"s", 16, rounds)
    same("kdf", b"p", b"s", 16, 2, False)
    same("kdf", b"p", b"s", 16, 2, True)


def test_the_warning_of_kdf_points_at_its_caller() -> None:
    with pytest.warns(UserWarning, match=r"only 3 round\(s\)") as caught:
        lanecrypt.kdf(b"p", b"s", 16, 3)
    assert [each.filename for each in caught] == [__file__]


def test_the_warning_of_kdf_may_be_an_error() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning):
            lanecrypt.kdf(b"p", b"s", 16, 3)


# ---- How they are called

SIGNATURES: dict[str, dict[str, Any]] = {
    "hashpw": {"password": b"pw", "salt": SALT},
    "checkpw": {"password": b"pw", "hashed_password": HASH},
    "kdf": {"password": b"p", "salt": b"s", "desired_key_bytes": 16, "rounds": 2, "ignore_few_rounds": True},
}


@needs_pyca
@pytest.mark.parametrize("name", SIGNATURES)
def test_all_arguments_by_name_and_by_place(name: str) -> None:
    arguments = SIGNATURES[name]
    expected = outcome(getattr(pyca, name), **arguments)
    assert expected[0] == "returned"
    assert outcome(getattr(lanecrypt, name), **arguments) == expected
    assert outcome(getattr(lanecrypt, name), *arguments.values()) == expected


@needs_pyca
@pytest.mark.parametrize("name", [*SIGNATURES, "gensalt"])
def test_a_wrong_call_is_a_type_error_in_both(name: str) -> None:
    good = SIGNATURES.get(name, {"rounds": 4, "prefix": b"2b"})
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = [((), {**good, "other": 1}), ((*good.values(), 1), {})]
    calls.append(((next(iter(good.values())),), good))  # the first one twice
    if name != "gensalt":
        calls += [((), {}), ((b"pw",), {}), ((), {key: good[key] for key in list(good)[1:]})]
    for args, kwargs in calls:
        for module in (lanecrypt, pyca):
            assert outcome(getattr(module, name), *args, **kwargs)[0] == "TypeError", (module, args, kwargs)


def test_it_stands_in_for_the_module_bcrypt() -> None:
    bcrypt = lanecrypt
    hashed = bcrypt.hashpw(b"pw", bcrypt.gensalt(rounds=4))
    assert bcrypt.checkpw(b"pw", hashed)
    assert not bcrypt.checkpw(b"PW", hashed)


# ---- Frozen: pyca/bcrypt 5.0.0 gave these

FROZEN = [
    (b"pw", HASH),
    (b"", b"$2b$04$......................w74bL5gU7LSJClZClCa.Pkz14aTv/XO"),
    (b"pw", b"$2y$05$abcdefghijklmnopqrstuuHIrMEWpUCQe2YqFR3sXwQ75u4od..9q"),
    (b"a\0b", b"$2a$04$abcdefghijklmnopqrstueZv.5ODlMiYqF0YWAJYuceBWrDdNxnW."),
    (b"x" * 72, b"$2b$04$ZZZZZZZZZZZZZZZZZZZZZO2dW8pylIPvd2v5VKdHvjaAiLFAYnPeO"),
    ("pässwörd€".encode(), b"$2b$06$0123456789./ABCDEFGHI.5VA.hXHEFfjmeHdELpgD6lu9wkUx7FO"),
]
FROZEN_KEYS = [  # arguments, the key or the beginning of its SHA-256
    (b"\0", b"\0", 1, 1, "8e"),
    (b"password", b"salt", 32, 4, "5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9"),
    (b"k", b"s", 33, 50, "4f22cf5d6e60da0e858c6d8c224f593d615243a45f2faf4954cb663ac86bbbd743"),
    (
        *(b"password", b"\0" * 16, 48, 16),
        "d5a5cbccc68dd2599ba9f56817d414c00d7ef81f37ebc44d5d626e82937aa1223c94b683f3ec30383f8de79dd023e059",
    ),
    (b"p" * 100, bytes(range(32)), 100, 3, "81f1c2a0f9b44aa3"),
    (b"correct horse", b"battery staple", 512, 2, "8cc58a7f16a01575"),
]
FROZEN_ERRORS: list[tuple[str, tuple[Any, ...], type[Exception], str]] = [
    ("hashpw", ("pw", SALT), TypeError, "argument 'password': 'str' object cannot be converted to 'PyBytes'"),
    ("hashpw", (b"pw", None), TypeError, "argument 'salt': 'NoneType' object cannot be converted to 'PyBytes'"),
    ("hashpw", (b"pw", b""), ValueError, "Invalid salt"),
    ("hashpw", (b"pw", b"$2b$03$abcdefghijklmnopqrstu."), ValueError, "Invalid salt"),
    (
        *("hashpw", (b"x" * 73, b""), ValueError),
        "password cannot be longer than 72 bytes, truncate manually if necessary (e.g. my_password[:72])",
    ),
    ("gensalt", (3,), ValueError, "Invalid rounds"),
    ("gensalt", (-1,), OverflowError, "out of range integral type conversion attempted"),
    ("gensalt", (2**70,), OverflowError, "Python int too large to convert to C long"),
    ("gensalt", ("4",), TypeError, "argument 'rounds': 'str' object cannot be interpreted as an integer"),
    ("gensalt", (12, b"2y"), ValueError, "Supported prefixes are b'2a' or b'2b'"),
    ("kdf", (b"", b"s", 16, 99), ValueError, "password and salt must not be empty"),
    ("kdf", (b"p", b"s", 513, 99), ValueError, "desired_key_bytes must be 1-512"),
    ("kdf", (b"p", b"s", -1, 99), OverflowError, "can't convert negative int to unsigned"),
    ("kdf", (b"p", b"s", 16, 0), ValueError, "rounds must be 1 or more"),
]


@pytest.mark.parametrize(("password", "hashed"), FROZEN, ids=range(len(FROZEN)))
def test_frozen_hashes(password: bytes, hashed: bytes) -> None:
    assert lanecrypt.hashpw(password, hashed) == hashed
    assert lanecrypt.checkpw(password, hashed) is True
    assert lanecrypt.checkpw(b"Q" + password[1:], hashed) is False


@pytest.mark.parametrize(("password", "salt", "size", "rounds", "key"), FROZEN_KEYS, ids=range(len(FROZEN_KEYS)))
def test_frozen_keys(password: bytes, salt: bytes, size: int, rounds: int, key: str) -> None:
    derived = lanecrypt.kdf(password, salt, size, rounds, ignore_few_rounds=True)
    assert len(derived) == size
    assert key in (derived.hex(), hashlib.sha256(derived).hexdigest()[:16])


@pytest.mark.parametrize(("name", "arguments", "error", "text"), FROZEN_ERRORS)
def test_frozen_errors(name: str, arguments: tuple[Any, ...], error: type[Exception], text: str) -> None:
    assert outcome(getattr(lanecrypt, name), *arguments) == (error.__name__, text, [])
