"""What is hashed, and libcrypt's word on it: the same numbered passwords for every peer.

A worker that is given salts takes salt i for password i; one that draws its own is checked all the same, under the
setting that its hash came out with.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

SETTING = 29  # characters before the digest
LENGTH = 60
CRYPT_DATA = 32768  # bytes of libxcrypt's struct crypt_data


class WrongHash(Exception):
    """A worker answered something that libcrypt does not: whatever it took for that is no figure."""


def password(number: int) -> bytes:
    return b"password_%06d" % number


@functools.cache
def numbered_salt(number: int) -> str:
    """The 22 characters of the salt that goes with password `number` where a worker takes salts."""
    digits = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    value = int.from_bytes(bytes((number * 167 + i * 29) % 256 for i in range(16)), "big") << 4
    return "".join(digits[value >> (126 - 6 * i) & 63] for i in range(22))


@functools.cache
def _crypt_r() -> ctypes._NamedFuncPointer:
    function = ctypes.CDLL("libcrypt.so.1").crypt_r
    function.restype = ctypes.c_char_p
    function.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p]
    return function


@functools.lru_cache(100_000)
def libcrypt(number: int, setting: str) -> str:
    """The hash of password `number`. Without the GIL while it computes."""
    answer = _crypt_r()(password(number), setting.encode(), ctypes.create_string_buffer(CRYPT_DATA))
    return (answer or b"*0").decode()


def verify(hashes: Sequence[str], cost: int, which: Sequence[int]) -> None:
    """Raises WrongHash unless hash i is one of password i at this cost: all by their form, `which` by their bits."""
    for text in hashes:
        if len(text) != LENGTH or text[0:2] != "$2" or text[3:7] != f"${cost:02}$":
            raise WrongHash(f"{text!r} is no bcrypt hash of cost {cost}")
    if len(set(hashes)) != len(hashes):
        raise WrongHash("two passwords have the same hash")
    with ThreadPoolExecutor() as pool:
        expected = pool.map(lambda i: libcrypt(i, hashes[i][:SETTING]), which)
        for i, text in zip(which, expected, strict=True):
            if hashes[i] != text:
                raise WrongHash(f"hash {i} is {hashes[i]}, and libcrypt's {text}")
