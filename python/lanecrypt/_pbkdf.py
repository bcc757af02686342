"""bcrypt_pbkdf: PBKDF2 around bcrypt's key schedule (T. Unangst, OpenBSD, 2013), which protects OpenSSH's private keys.

SHA-512 is hashlib's; the inner hash is the C library's, which computes all blocks of a key in lanes.
"""

from __future__ import annotations

from hashlib import sha512

from . import _core
from ._errors import Error

_BLOCK = 32


def derive(password: bytes, salt: bytes, size: int, rounds: int) -> bytes:
    """A key of size bytes, of arguments that were checked."""
    count = -(-size // _BLOCK)
    secret = sha512(password).digest()
    salts = [sha512(salt + number.to_bytes(4, "big")).digest() for number in range(1, count + 1)]
    sums = [0] * count
    for _ in range(rounds):
        status, blocks = _core.pbkdf_hash(secret, b"".join(salts))
        if status != "ok":
            raise Error(status)
        links = [blocks[i : i + _BLOCK] for i in range(0, len(blocks), _BLOCK)]
        sums = [total ^ int.from_bytes(link, "big") for total, link in zip(sums, links)]
        salts = [sha512(link).digest() for link in links]
    return _spread([total.to_bytes(_BLOCK, "big") for total in sums], size)


def _spread(blocks: list[bytes], size: int) -> bytes:
    """The key takes its bytes from all blocks in turn, so that none of its parts can be had without all the work."""
    stride = len(blocks)
    per_block = -(-size // stride)
    key = bytearray(stride * per_block)
    for number, block in enumerate(blocks):
        key[number::stride] = block[:per_block]
    return bytes(key[:size])
