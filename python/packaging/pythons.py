"""Which Pythons are at hand: CPython 3.9 to 3.13 on PATH (python3.12) and in pyenv's folder, one of each minor version.

What is built or tested for each Python asks here. Run as a program it prints their paths: of all, or of the versions
that it is called with (pythons.py 3.12 3.13).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MINORS = range(9, 14)
_DESCRIBE = (
    "import sys, sysconfig, pathlib; "
    "header = pathlib.Path(sysconfig.get_paths()['include'], 'Python.h'); "
    "print(sys.implementation.name, '%d.%d' % sys.version_info[:2], header.exists())"
)


class Python(NamedTuple):
    """An interpreter that modules can be built for."""

    version: str
    """Major and minor: "3.12"."""
    path: Path

    @property
    def tag(self) -> str:
        """As file names have it: "py312"."""
        return "py" + self.version.replace(".", "")


def _candidates(minor: int) -> Iterator[Path]:
    on_path = shutil.which(f"python3.{minor}")
    if on_path is not None:
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob(f"versions/3.{minor}.*/bin/python3.{minor}"), reverse=True)


def _usable(path: Path, version: str) -> bool:
    """Does it start (pyenv's shims may not), is it what its name says, and has it the headers that modules need?"""
    found = subprocess.run([path, "-c", _DESCRIBE], capture_output=True, text=True)
    return found.returncode == 0 and found.stdout.split() == ["cpython", version, "True"]


def at_hand() -> list[Python]:
    """Oldest first. Always has the one that runs this, if that is one of them."""
    found = []
    for minor in MINORS:
        version = f"3.{minor}"
        for path in _candidates(minor):
            if _usable(path, version):
                found.append(Python(version, path))
                break
        else:
            if sys.version_info[:2] == (3, minor):
                found.append(Python(version, Path(sys.executable)))
    return found


if __name__ == "__main__":
    for python in at_hand():
        if python.version in sys.argv[1:] or len(sys.argv) == 1:
            print(python.path)
