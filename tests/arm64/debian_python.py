"""Debian's Python for arm64, unpacked into build/arm64-python, for qemu-user to run: fetched by apt, installed nowhere.

apt gets a configuration, lists and a cache of its own, so that this machine's packages stay as they are. Signatures are
checked as for every other package. It needs Debian 12's archive and no root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = (3, 11)  # Debian 12's
PACKAGES = [
    *("libc6", "libexpat1", "libffi8", "libgcc-s1", "libstdc++6", "libuuid1", "zlib1g"),
    *("libpython3.11-dev", "libpython3.11-minimal", "libpython3.11-stdlib", "python3.11-minimal"),
]
CONFIGURATION = """
APT::Architecture "arm64";
APT::Architectures {{ "arm64"; }};
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
"""


class CannotFetch(RuntimeError):
    """There is no apt here, or its archive cannot be reached or has no such packages."""


def _run(*command: str | Path, cwd: Path, environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotFetch(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["failed"]
        raise CannotFetch(f"{' '.join(map(str, command[:2]))}: {said[0]}")


def _fetch(folder: Path) -> None:
    for name in ("state/lists/partial", "cache/archives/partial", "packages"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    configuration = folder / "apt.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder))
    environment = {**os.environ, "APT_CONFIG": str(configuration)}
    _run("apt-get", "update", "-qq", cwd=folder, environment=environment)
    _run("apt-get", "download", "-qq", *PACKAGES, cwd=folder / "packages", environment=environment)


def sysroot(build: Path) -> Path:
    """A folder with bin, lib and usr of arm64, made at the first call. Raises CannotFetch."""
    root = build / "arm64-python"
    if (root / "complete").exists():
        return root
    if sys.version_info[:2] != VERSION:
        raise CannotFetch("the modules of this build are not for Debian 12's Python")
    folder = build / "arm64-python.new"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _fetch(folder.resolve())
    for package in sorted((folder / "packages").iterdir()):
        _run("dpkg-deb", "-x", package, folder / "root", cwd=folder, environment=dict(os.environ))
    # Compiled here, by the same minor version, what every start would compile anew in the emulated processor.
    library = folder / "root" / "usr" / "lib" / "python3.11"
    subprocess.run([sys.executable, "-m", "compileall", "-q", library], capture_output=True, check=False)
    shutil.rmtree(root, ignore_errors=True)
    (folder / "root").rename(root)
    shutil.rmtree(folder)
    (root / "complete").touch()
    return root
