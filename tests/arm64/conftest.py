"""The build for arm64 and what runs it here: qemu-user, which translates one program's instructions.

LANECRYPT_ARM64_BUILD names another build than build/arm64. LANECRYPT_TEST_ALL=1 (`./dev test --all`) runs what takes
minutes in such a processor too; without it each test says what it left out.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.arm64.debian_python import CannotFetch, sysroot

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def arm64() -> Path:
    """The build's folder. Cross compilation is from x86-64, and what a sanitizer slows down is not emulated on top."""
    if platform.machine() != "x86_64":
        pytest.skip("arm64 is cross compiled on x86-64 only")
    release = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release"))
    if (release / "bin" / "bootstrap").exists() and b"__asan_init" in (release / "bin" / "bootstrap").read_bytes():
        pytest.skip("this is a run of the sanitized build")
    path = Path(os.environ.get("LANECRYPT_ARM64_BUILD", ROOT / "build" / "arm64")).resolve()
    if not (path / "bin" / "bootstrap").exists():
        pytest.skip(f"{path} is not built (cmake --preset arm64)")
    return path


@pytest.fixture(scope="session")
def qemu() -> str:
    found = shutil.which("qemu-aarch64")
    if found is None:
        pytest.skip("qemu-aarch64 is not installed (Debian's qemu-user)")
    return found


@pytest.fixture(scope="session")
def libraries() -> Path:
    """Where a program that is not static finds its libraries: Debian's cross compiler brings them."""
    return Path("/usr/aarch64-linux-gnu")


@pytest.fixture(scope="session")
def everything() -> bool:
    return os.environ.get("LANECRYPT_TEST_ALL") == "1"


@pytest.fixture(scope="session")
def bootstrap(arm64: Path, qemu: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that starts the bootstrap of arm64, for the Runtime API's emulators."""
    path = tmp_path_factory.mktemp("emulated") / "bootstrap"
    path.write_text(f"#!/bin/sh\nexec {shlex.quote(qemu)} {shlex.quote(str(arm64 / 'bin' / 'bootstrap'))}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def vectors() -> Path:
    return ROOT / "tests" / "vectors"


@pytest.fixture(scope="session")
def python_root() -> Path:
    """A file system with Debian's Python for arm64."""
    try:
        return sysroot(ROOT / "build")
    except CannotFetch as error:
        pytest.skip(f"no Python for arm64: {error}")


@pytest.fixture(scope="session")
def python(qemu: str, python_root: Path) -> Callable[..., list[str]]:
    """The command that runs Python for arm64 on a processor by qemu's name."""

    def command(*arguments: str, cpu: str = "max") -> list[str]:
        interpreter = python_root / "usr" / "bin" / "python3.11"
        return [qemu, "-cpu", cpu, "-L", str(python_root), str(interpreter), *arguments]

    return command
