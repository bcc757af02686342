"""gensalt, hashpw, checkpw and kdf with the interface of pyca/bcrypt 5: its types, bounds, exceptions and their texts.

So ``import lanecrypt as bcrypt`` works. No cost ceiling here. README.md lists the few differences.
"""

from __future__ import annotations

from operator import index

from . import _core
from ._errors import Error
from ._options import COST_MAX, COST_MIN

_PASSWORD_MAX = 72
_SETTING_LENGTH = 29
_SALT_ENDS = b".Oeu"  # the last character of a salt stands for two bits
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FEW_ROUNDS = 50
_KEY_MAX = 512
_OPTIONS = _core.make_options(
    cost=COST_MIN,
    prefix="2b",
    truncate=False,
    max_cost=COST_MAX,
    threads=1,
    upgrade_cost=0,
    equal_time=False,
    engine=None,
)


def gensalt(rounds: int = 12, prefix: bytes = b"2b") -> bytes:
    """A new setting for hashpw: a salt from the kernel's generator, and the cost.

    rounds  cost, 4 to 31: hashing takes 2**rounds iterations.
    prefix  b"2b" or b"2a".
    Raises ValueError for other values.
    """
    cost = _small_int("rounds", rounds, 2**16 - 1)
    if prefix is not None and not isinstance(prefix, bytes):
        raise _wrong_type("prefix", prefix)
    if prefix not in (None, b"2a", b"2b"):
        raise ValueError("Supported prefixes are b'2a' or b'2b'")
    if not COST_MIN <= cost <= COST_MAX:
        raise ValueError("Invalid rounds")
    setting = _core.gensalt(cost, (prefix or b"2b").decode("ascii"))
    if setting is None:
        raise ValueError("Invalid rounds")
    return setting


def hashpw(password: bytes, salt: bytes) -> bytes:
    """The bcrypt hash of a password: 60 bytes.

    password  0 to 72 bytes, NUL among them.
    salt      a setting as gensalt makes it, or a stored hash, whose first 29 bytes are its setting.
    Raises ValueError for longer passwords and anything else as salt, TypeError for str.
    The GIL is released; Ctrl-C ends it within 100 ms. Safe from any thread.
    """
    _check_bytes("password", password)
    _check_bytes("salt", salt)
    _check_length(password)
    status, hashed = _core.hash_one(password, _setting_of(salt), _OPTIONS)
    if hashed is None:
        raise ValueError("Invalid salt") if status == "invalid_setting" else Error(status)
    return hashed


def checkpw(password: bytes, hashed_password: bytes) -> bool:
    """Whether a password is that of a stored hash. Compared in constant time.

    Raises ValueError and TypeError as hashpw does. A hash that is too short or long is one that no password has: False.
    """
    _check_bytes("password", password)
    _check_bytes("hashed_password", hashed_password)
    _check_length(password)
    status = _core.verify_one(password, hashed_password, _OPTIONS)
    if status == "invalid_hash":
        hashpw(password, hashed_password)  # raises where the salt is none; else it takes the time of any answer
        return False
    if status not in ("ok", "mismatch"):
        raise Error(status)
    return status == "ok"


def kdf(password: bytes, salt: bytes, desired_key_bytes: int, rounds: int, ignore_few_rounds: bool = False) -> bytes:
    """A key of desired_key_bytes bytes (1 to 512) by bcrypt_pbkdf, as OpenSSH protects its private keys.

    password, salt     one byte or more each.
    rounds             1 or more; time grows with it linearly. Under 50 it warns, unless ignore_few_rounds is True.
    Raises ValueError for values out of range. The GIL is released; Ctrl-C ends it between rounds.
    """
    _check_bytes("password", password)
    _check_bytes("salt", salt)
    size = _unsigned("desired_key_bytes", desired_key_bytes)
    count = _small_int("rounds", rounds, 2**32 - 1)
    if not isinstance(ignore_few_rounds, bool):
        raise TypeError(
            f"argument 'ignore_few_rounds': '{type(ignore_few_rounds).__name__}' object cannot be converted to 'PyBool'"
        )
    if not password or not salt:
        raise ValueError("password and salt must not be empty")
    if not 1 <= size <= _KEY_MAX:
        raise ValueError("desired_key_bytes must be 1-512")
    if count < 1:
        raise ValueError("rounds must be 1 or more")
    if count < _FEW_ROUNDS and not ignore_few_rounds:
        import warnings

        warnings.warn(
            f"Warning: bcrypt.kdf() called with only {count} round(s). "
            "This few is not secure: the parameter is linear, like PBKDF2.",
            UserWarning,
            stacklevel=2,
        )
    from ._pbkdf import derive  # hashlib takes longer to import than all of lanecrypt

    return derive(password, salt, size, count)


def _setting_of(salt: bytes) -> bytes:
    further_fields = b"$" in salt[_SETTING_LENGTH:].rstrip(b"$")
    if salt[_SETTING_LENGTH - 1 : _SETTING_LENGTH] not in _SALT_ENDS or further_fields:
        raise ValueError("Invalid salt")
    return salt[:_SETTING_LENGTH]


def _wrong_type(name: str, value: Any) -> TypeError:
    return TypeError(f"argument '{name}': '{type(value).__name__}' object cannot be converted to 'PyBytes'")


def _check_bytes(name: str, value: Any) -> None:
    if not isinstance(value, bytes):
        raise _wrong_type(name, value)


def _check_length(password: bytes) -> None:
    if len(password) > _PASSWORD_MAX:
        raise ValueError(
            "password cannot be longer than 72 bytes, truncate manually if necessary (e.g. my_password[:72])"
        )


def _index(name: str, value: Any) -> int:
    try:
        return index(value)
    except TypeError:
        raise TypeError(
            f"argument '{name}': '{type(value).__name__}' object cannot be interpreted as an integer"
        ) from None


def _small_int(name: str, value: Any, high: int) -> int:
    number = _index(name, value)
    if not -(2**63) <= number < 2**63:
        raise OverflowError("Python int too large to convert to C long")
    if not 0 <= number <= high:
        raise OverflowError("out of range integral type conversion attempted")
    return number


def _unsigned(name: str, value: Any) -> int:
    number = _index(name, value)
    if number < 0:
        raise OverflowError("can't convert negative int to unsigned")
    if number >= 2**64:
        raise OverflowError("int too big to convert")
    return number
