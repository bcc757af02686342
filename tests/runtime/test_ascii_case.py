"""strcasecmp and its like as the bootstrap has them (ascii_case.cpp), against libc's in the C locale."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "runtime" / "bootstrap" / "ascii_case.cpp"
# They differ in case, in length, beyond ASCII, or nowhere; or by 32 and not in case.
WORDS = [
    b"",
    b"a",
    b"A",
    b"b",
    b"ab",
    b"Ab",
    b"aB",
    b"abc",
    b"ABCD",
    b"abcd",
    b"@",
    b"`",
    b"[",
    b"{",
    b"Text",
    b"tEXT ",
]
WORDS += [
    b"Text",
    b"tEXT ",
    b"\xc3\xa4",
    b"\xc3\x84",
    b"\xe4",
    b"\xc4",
    b"static",
    b"STATIC,3",
    b"Content-Type",
    b"content-type",
]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    made = tmp_path_factory.mktemp("ascii_case") / "ascii_case.so"
    subprocess.run(["g++", "-std=c++20", "-O2", "-shared", "-fPIC", SOURCE, "-o", made], check=True)
    return ctypes.CDLL(str(made))


@pytest.fixture(scope="module")
def libc() -> ctypes.CDLL:
    return ctypes.CDLL("libc.so.6")


def sign(number: int) -> int:
    return (number > 0) - (number < 0)


def test_every_pair_of_characters(ours: ctypes.CDLL, libc: ctypes.CDLL) -> None:
    texts = [bytes([byte]) for byte in range(256)]
    for left in texts:
        found = [sign(ours.strcasecmp(left, right)) for right in texts]
        assert found == [sign(libc.strcasecmp(left, right)) for right in texts], left


def test_words(ours: ctypes.CDLL, libc: ctypes.CDLL) -> None:
    for left in WORDS:
        for right in WORDS:
            wanted = sign(libc.strcasecmp(left, right))
            assert sign(ours.strcasecmp(left, right)) == wanted, (left, right)
            assert sign(ours.__strcasecmp(left, right)) == wanted, (left, right)
            assert sign(ours.__strcasecmp_l(left, right, None)) == wanted, (left, right)


def test_the_first_characters(ours: ctypes.CDLL, libc: ctypes.CDLL) -> None:
    for left in WORDS:
        for right in WORDS:
            for length in (0, 1, 2, 3, 5, 100):
                found = sign(ours.strncasecmp(left, right, ctypes.c_size_t(length)))
                assert found == sign(libc.strncasecmp(left, right, ctypes.c_size_t(length))), (left, right, length)
