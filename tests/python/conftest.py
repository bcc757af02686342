"""Which lanecrypt is tested: that of $LANECRYPT_BUILD (build/release), or with LANECRYPT_INSTALLED=1 the installed one.

Child processes find the same one. A build without the package (LANECRYPT_PYTHON=OFF) has nothing to test here.
"""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = os.environ.get("LANECRYPT_INSTALLED") == "1"
BUILD = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()
PACKAGES = BUILD / "python"


def _cannot_be_loaded() -> bool:
    """A build without the package, or a sanitized one in a Python that was not started for it (see ./dev sanitize)."""
    cache = BUILD / "CMakeCache.txt"
    settings = cache.read_text(encoding="utf-8") if cache.exists() else ""
    if "LANECRYPT_PYTHON:BOOL=OFF" in settings:
        return True
    preloaded = os.environ.get("LD_PRELOAD", "")
    run_times = {"address": "libasan", "thread": "libclang_rt.tsan"}
    return any(
        f"LANECRYPT_SANITIZE:STRING={of}" in settings and name not in preloaded for of, name in run_times.items()
    )


# A shell starts background jobs with SIGINT ignored, and children inherit that: then none of them could be interrupted.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

if not INSTALLED:
    if _cannot_be_loaded():
        collect_ignore_glob = ["*"]
    sys.path.insert(0, str(PACKAGES))
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(PACKAGES) + (os.pathsep + inherited if inherited else "")


def pytest_report_header() -> str:
    return f"lanecrypt: {'installed' if INSTALLED else PACKAGES}"


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def vectors() -> Path:
    return ROOT / "tests" / "vectors"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="session")
def known_answers(vectors: Path) -> list[dict[str, str]]:
    return _rows(vectors / "bcrypt_vectors.tsv")


@pytest.fixture(scope="session")
def bad_inputs(vectors: Path) -> list[dict[str, str]]:
    return _rows(vectors / "bcrypt_badsalts.tsv")


@pytest.fixture(scope="session")
def run_python() -> Callable[..., str]:
    """Runs a program in a Python of its own and returns what it printed. Fails where it fails, crashes or hangs."""

    def run(program: str, *arguments: str, timeout: float = 40, options: tuple[str, ...] = ()) -> str:
        command = [sys.executable, "-X", "faulthandler", *options, "-c", textwrap.dedent(program), *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired as expired:
            pytest.fail(f"hangs: over {timeout} s\n{expired.stdout!r}\n{expired.stderr!r}")
        assert done.returncode == 0, f"ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


PRELUDE = """
import os, signal, sys, threading, time
import lanecrypt
SETTING = b"$2b$04$abcdefghijklmnopqrstu."
HASH = SETTING + b"Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"

def batch(count=40, **options):
    assert lanecrypt.hash_many([b"pw"] * count, settings=[SETTING] * count, **options) == [HASH] * count

def in_child(work):
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(20)
            work()
            code = 0
        finally:
            os._exit(code)
    return child

def ended_well(child):
    status = os.waitpid(child, 0)[1]
    assert status == 0, status
"""


@pytest.fixture(scope="session")
def run_batches(run_python: Callable[..., str]) -> Callable[..., str]:
    """Runs a program that has batch(), in_child() and ended_well(). What stands in first comes before the import."""

    def run(program: str, first: str = "", **options: Any) -> str:
        return run_python(first + PRELUDE + textwrap.dedent(program), **options)

    return run
