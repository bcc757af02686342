"""hardening-check of Debian's devscripts on every shipped file, where it is installed: `./dev soak` does that.

test_hardening.py asks for the same and more without it. Here is a tool that is not ours, with what it cannot know.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.artifacts.shipped import elf_files, kind_of

# What it is told not to ask for, and why.
LEFT_OUT = {
    # A static program imports no function that it could know canaries by; the mark goes with Debian's libc.
    "bootstrap": ["--nostackprotector", "--nocfprotection"],
    # Debian's own, as it comes.
    "libgomp": ["--nostackprotector", "--nofortify", "--nobindnow", "--nocfprotection"],
}
CET_IS_X86_64S = ["--nocfprotection"]


def verdict(path: Path, options: list[str]) -> tuple[int, str]:
    done = subprocess.run(["hardening-check", *options, path], capture_output=True, text=True)
    return done.returncode, done.stdout


def options(path: Path, architecture: str) -> list[str]:
    kind = kind_of(path).removeprefix("wheel-")
    return LEFT_OUT.get(kind, []) + (CET_IS_X86_64S if architecture == "arm64" else [])


@pytest.fixture(scope="module", autouse=True)
def tool() -> None:
    if shutil.which("hardening-check") is None:
        pytest.skip("there is no hardening-check (Debian's devscripts)")


def test_what_is_packed(unpacked: Path, architecture: str) -> None:
    found = {path: verdict(path, options(path, architecture)) for path in elf_files(unpacked)}
    assert len(found) == 7
    assert [text for code, text in found.values() if code != 0] == []


def test_wheels(wheels: Path) -> None:
    found = {path: verdict(path, options(path, "x86_64")) for path in elf_files(wheels)}
    assert found
    assert [text for code, text in found.values() if code != 0] == []


def test_it_says_no(unpacked: Path) -> None:
    """Of Debian's libgomp, with nothing left out."""
    libgomp = next(path for path in elf_files(unpacked) if kind_of(path) == "libgomp")
    code, text = verdict(libgomp, [])
    assert code == 1
    assert "Immediate binding: no" in text
