"""strcasecmp and its like as the bootstrap has them (ascii_case.cpp), against libc's in the C locale."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "runtime" / "bootstrap" / "ascii_case.cpp"
# They differ in case, in length, beyond ASCII, or nowhere; or by 32 and not in case.
TEXT = "a A b ab Ab aB abc ABCD abcd @ ` [ { Z z Text tEXTs ä Ä \x80a \x80A static STATIC,3 Content-Type content-type"
WORDS = [b"", *(word.encode("latin-1") for word in TEXT.split(" "))]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    made = tmp_path_factory.mktemp("ascii_case") / "ascii_case.so"
    # Bsymbolic: or its calls of its own functions would be of libc's, which are in the process before.
    command: list[str | Path] = ["g++", "-std=c++20", "-O2", "-shared", "-fPIC", "-Wl,-Bsymbolic", SOURCE, "-o", made]
    subprocess.run(command, check=True)
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
