"""The forms in which databases hold bcrypt hashes: plain, Django's, passlib's, and with a scheme in braces.

Each form is a row of WRAPPERS: how to find the 60 characters of bcrypt in it, what bcrypt was given for a password, how
to write a new hash in the same form. Nothing here computes bcrypt.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import NamedTuple

BCRYPT = rb"(?P<bcrypt>\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53})"


class Wrapper(NamedTuple):
    name: str
    pattern: re.Pattern[bytes]
    given: Callable[[bytes, bytes], bytes]  # of a password and the 22 characters of salt: what bcrypt was given
    wrap: Callable[[bytes, bytes], bytes]  # of a new 60-character hash and the old stored text: the new stored text
    salted: bool = False  # `given` depends on the salt, so that a new hash needs its setting beforehand
    only_2b: bool = False  # the form has no place for another variant


class Stored(NamedTuple):
    """A stored hash that was understood."""

    wrapper: Wrapper
    text: bytes
    bcrypt: bytes  # its 60 characters, `$2b$...`

    @property
    def salt(self) -> bytes:
        return self.bcrypt[7:29]

    def given(self, password: bytes) -> bytes:
        return self.wrapper.given(password, self.salt)

    def wrap(self, new_hash: bytes) -> bytes:
        return self.wrapper.wrap(new_hash, self.text)


def _as_it_is(password: bytes, _salt: bytes) -> bytes:
    return password


def _sha256_hex(password: bytes, _salt: bytes) -> bytes:
    return hashlib.sha256(password).hexdigest().encode()


def _sha256_base64(password: bytes, _salt: bytes) -> bytes:
    return base64.b64encode(hashlib.sha256(password).digest())


def _hmac_sha256_base64(password: bytes, salt: bytes) -> bytes:
    # The key is the salt's text and not its bytes.
    return base64.b64encode(hmac.new(salt, password, hashlib.sha256).digest())


def _keep_prefix(new_hash: bytes, old: bytes) -> bytes:
    return old[: old.index(b"$2")] + new_hash


def _passlib_1(new_hash: bytes, _old: bytes) -> bytes:
    return b"$bcrypt-sha256$2b,%d$%b$%b" % (int(new_hash[4:6]), new_hash[7:29], new_hash[29:])


def _passlib_2(new_hash: bytes, _old: bytes) -> bytes:
    return b"$bcrypt-sha256$v=2,t=2b,r=%d$%b$%b" % (int(new_hash[4:6]), new_hash[7:29], new_hash[29:])


def _passlib(head: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"\$bcrypt-sha256\$" + head + rb"\$(?P<salt>[./A-Za-z0-9]{22})\$(?P<digest>[./A-Za-z0-9]{31})")


WRAPPERS = (
    Wrapper("plain", re.compile(BCRYPT), _as_it_is, _keep_prefix),
    Wrapper("django bcrypt", re.compile(rb"bcrypt\$" + BCRYPT), _as_it_is, _keep_prefix),
    Wrapper("django bcrypt_sha256", re.compile(rb"bcrypt_sha256\$" + BCRYPT), _sha256_hex, _keep_prefix),
    Wrapper(
        "passlib bcrypt-sha256 v2",
        _passlib(rb"v=2,t=(?P<variant>2[ab]),r=(?P<cost>[0-9]{1,2})"),
        _hmac_sha256_base64,
        _passlib_2,
        salted=True,
        only_2b=True,
    ),
    Wrapper(
        "passlib bcrypt-sha256 v1",
        _passlib(rb"(?P<variant>2[ab]),(?P<cost>[0-9]{1,2})"),
        _sha256_base64,
        _passlib_1,
        only_2b=True,
    ),
    # Spring writes {bcrypt}; LDAP servers, Dovecot and Cyrus the others, in either case.
    Wrapper("scheme in braces", re.compile(rb"\{(?i:bcrypt|crypt|blf-crypt)\}" + BCRYPT), _as_it_is, _keep_prefix),
)


def parse(text: bytes) -> Stored | None:
    """What a stored text is; None if it is no bcrypt hash in any of these forms."""
    for wrapper in WRAPPERS:
        match = wrapper.pattern.fullmatch(text)
        if match:
            return Stored(wrapper, text, _bcrypt(match.groupdict()))
    return None


def _bcrypt(parts: dict[str, bytes]) -> bytes:
    if "bcrypt" in parts:
        return parts["bcrypt"]
    return b"$%b$%02d$%b%b" % (parts["variant"], int(parts["cost"]), parts["salt"], parts["digest"])


# How other schemes begin, to tell a hash of another kind from a damaged one.
OTHERS = (
    ("argon2", rb"(?:\{argon2\w*\}|argon2)?\$argon2(?:id|i|d)\$.*"),
    ("scrypt", rb"(?:\$scrypt|\$7\$|scrypt[:$]).*"),
    ("yescrypt", rb"(?:\{crypt\})?\$y\$.*"),
    ("pbkdf2", rb"(?:\$?\{?pbkdf2).*"),
    ("sha512-crypt", rb"(?i:\{crypt\})?\$6\$.*"),
    ("sha256-crypt", rb"(?i:\{crypt\})?\$5\$.*"),
    ("md5-crypt", rb"(?i:\{crypt\})?\$(?:1|apr1)\$.*"),
    ("hex digest", rb"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})"),
)
_OTHERS = tuple((name, re.compile(pattern, re.DOTALL)) for name, pattern in OTHERS)


def why_not(text: bytes) -> str:
    """Why a text is no stored bcrypt hash, in a few words that hold nothing of it."""
    for name, pattern in _OTHERS:
        if pattern.fullmatch(text):
            return f"another scheme: {name}"
    if text != text.strip() and parse(text.strip()):
        return "blanks around it"
    stored = parse(text)
    found = re.search(rb"\$2(.)\$([0-9]{2})\$(.*)", text if stored is None else stored.bcrypt, re.DOTALL)
    if not found:
        return "not a bcrypt hash"
    return _why_malformed(found[1], int(found[2]), found[3])


def _why_malformed(variant: bytes, cost: int, tail: bytes) -> str:
    if variant not in b"abxy":
        return "unknown variant"
    if not 4 <= cost <= 31:
        return "cost out of 4 to 31"
    if len(tail) != 53:
        return "too short" if len(tail) < 53 else "too long"
    if not re.fullmatch(rb"[./A-Za-z0-9]{53}", tail):
        return "characters that bcrypt never writes"
    return "not canonical: unused bits are set"
