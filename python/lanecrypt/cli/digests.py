"""Legacy digests to be wrapped: bcrypt of the text of an MD5, SHA-1 or SHA-256 digest as a database holds it.

Only the text's form is checked. What bcrypt is given is that text itself, character for character, so whoever verifies
must make the same text of the password (verify --from-digest): hex in capitals and hex in small letters are different
passwords.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import NamedTuple

from lanecrypt.cli.formats.base import Problem, Value

LENGTHS = {"md5": 16, "sha1": 20, "sha256": 32}
ENCODINGS = ("hex", "base64")
UPPER_HEX = "upper-hex"  # only where texts are made: where they are read, hex is in either case


class DigestForm(NamedTuple):
    algorithm: str
    encoding: str
    lower: bool  # hex digits made small before they are hashed

    def checked(self, value: Value) -> Value:
        """The text to hash, or why it is no such digest."""
        if not isinstance(value, bytes):
            return value
        length = LENGTHS[self.algorithm]
        fits = _is_hex(value, length) if self.encoding == "hex" else _is_base64(value, length)
        if not fits:
            return Problem("invalid_digest", f"the value is not a {self.algorithm} digest in {self.encoding}")
        return value.lower() if self.lower else value

    def of(self, password: bytes) -> bytes:
        """The text that checked() would have let through for this password."""
        digest = hashlib.new(self.algorithm, password).digest()
        if self.encoding == "base64":
            return base64.b64encode(digest)
        text = digest.hex().encode()
        return text.upper() if self.encoding == UPPER_HEX else text


def _is_hex(text: bytes, length: int) -> bool:
    return re.fullmatch(rb"[0-9a-fA-F]{%d}" % (2 * length), text) is not None


def _is_base64(text: bytes, length: int) -> bool:
    """Standard alphabet, padded, canonical: the one text that encodes these bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(data) == length and base64.b64encode(data) == text
