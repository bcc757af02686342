"""The crowbar zip as `./dev package` makes it, unpacked into clean folders, and the Pythons that can run it.

The zip for this Python comes from the build that is tested; those for the Pythons of Lambda's images are made by the
script of `./dev package`, where such a Python is at hand.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from emulator import function_environment
from pythons import at_hand

ROOT = Path(__file__).resolve().parents[3]
LAMBDA_PYTHONS = ("3.12", "3.13")
# What AWS's runtime client consists of.
RUNTIME_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")


# What most scripts begin with.
PRELUDE = """
import json, liblambda, os, sys, threading, time
setting = "$2a$05$CCCCCCCCCCCCCCCCCCCCC."
known = setting + "E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
good = {"op": "hash", "items": [{"id": "U*U", "password": "U*U", "setting": setting}]}
def hash_is_right(answer):
    assert answer["items"] == [{"id": "U*U", "hash": known}], answer
def refusal(event):
    try:
        liblambda.handler(event)
    except liblambda.InvalidRequest as error:
        return str(error)
    raise AssertionError("it was answered")
"""


@dataclass(frozen=True)
class Crowbar:
    """A zip, what was in it, and a Python that has the runtime client."""

    archive: Path
    folder: Path
    python: Path

    def run(self, code: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a script that can import liblambda; it must end within a minute."""
        return subprocess.run(
            [self.python, "-W", "error", "-c", code],
            env=function_environment({"PYTHONPATH": str(self.folder), **(env or {})}),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def passes(self, code: str, env: Mapping[str, str] | None = None) -> str:
        """Runs a script behind PRELUDE that must not fail, and returns what it wrote to stderr: the log."""
        ended = self.run(PRELUDE + code, env)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stderr


def unpacked(archive: Path, folder: Path, python: Path) -> Crowbar:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return Crowbar(archive, folder, python)


@pytest.fixture(scope="session")
def build() -> Path:
    return Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()


@pytest.fixture(scope="session")
def bootstrap(build: Path) -> Path:
    return build / "bin" / "bootstrap"


@pytest.fixture(scope="session")
def make_zip(build: Path) -> Callable[[Path], Path]:
    """Makes the zip for this Python in a folder, dated 1980 unless the test says otherwise."""
    os.environ.pop("SOURCE_DATE_EPOCH", None)
    script = build / "python" / "liblambda" / "package.cmake"
    if not script.exists():
        pytest.skip("this build has no Python modules")

    def make(dist: Path) -> Path:
        subprocess.run(["cmake", "-D", f"DIST={dist}", "-P", str(script)], check=True, capture_output=True)
        (archive,) = dist.iterdir()
        return archive

    return make


@pytest.fixture(scope="session")
def crowbar(make_zip: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Crowbar:
    folder = tmp_path_factory.mktemp("crowbar")
    return unpacked(make_zip(folder / "dist"), folder / "task", Path(sys.executable))


def python_at_hand(version: str) -> Path | None:
    return next((python.path for python in at_hand() if python.version == version), None)


def locked(names: tuple[str, ...]) -> str:
    """The lines of tests/requirements.txt about some packages, with their hashes."""
    kept: list[str] = []
    wanted = False
    for line in (ROOT / "tests" / "requirements.txt").read_text().splitlines():
        if not line.startswith((" ", "#")):
            wanted = line.partition("==")[0] in names
        if wanted and not line.lstrip().startswith("#"):
            kept.append(line)
    return "\n".join(kept) + "\n"


def with_runtime_client(python: Path, version: str) -> Path:
    """That Python's own environment in build/, made once for each lock of the runtime client."""
    folder = ROOT / "build" / f"runtime-client-{version}"
    inside = folder / "bin" / "python"
    stamp = folder / "requirements.txt"
    lock = locked(RUNTIME_CLIENT)
    if not stamp.exists() or stamp.read_text() != lock:
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True, capture_output=True)
        new = folder / "new.txt"
        new.write_text(lock)
        pip = [str(inside), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--no-deps", "--require-hashes", "-r", new], check=True, capture_output=True)
        new.rename(stamp)
    return inside


def crowbar_of(version: str, folder: Path) -> Crowbar:
    """A zip of one of Lambda's Pythons, made and unpacked."""
    python = python_at_hand(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    script = ROOT / "python" / "liblambda" / "package.sh"
    made = subprocess.run(["sh", script, folder / "dist", python], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    (archive,) = (folder / "dist").iterdir()
    return unpacked(archive, folder / "task", with_runtime_client(python, version))


@pytest.fixture(scope="session", params=LAMBDA_PYTHONS)
def lambda_crowbar(request: pytest.FixtureRequest, build: Path, tmp_path_factory: pytest.TempPathFactory) -> Crowbar:
    if not (build / "python" / "liblambda").exists():
        pytest.skip("this build has no Python modules")
    return crowbar_of(request.param, tmp_path_factory.mktemp(f"crowbar-{request.param}"))
