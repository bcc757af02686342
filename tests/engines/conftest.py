"""The build whose assembly engines are looked at. LANECRYPT_BUILD names another one than build/release."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def build() -> Path:
    if platform.machine() != "x86_64":
        pytest.skip("the assembly engines are for x86-64")
    path = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()
    assert path.exists(), f"{path} is not built"
    return path


@pytest.fixture(scope="session")
def kernel() -> Path:
    return ROOT / "kernel"


@pytest.fixture(scope="session")
def verdicts_program(build: Path) -> Path:
    """Prints the self-test's verdict on each engine."""
    program = build / "bin" / "lanecrypt_engine_verdicts"
    if b"__asan_init" in program.read_bytes():
        pytest.skip("what a sanitizer says of these engines is nothing: their instructions are not instrumented")
    return program


@pytest.fixture(scope="session")
def qemu() -> str:
    """qemu-user runs one program on a processor that is not this one: nothing else here has one without BMI2."""
    found = shutil.which("qemu-x86_64")
    if found is None:
        pytest.skip("qemu-x86_64 is not installed (Debian's qemu-user)")
    return found
