"""What is shipped, built and packed: the archives of both architectures and the wheels, each made once."""

from __future__ import annotations

import os
import platform
import subprocess
import zipfile
from pathlib import Path

import distributions
import pytest
from pythons import at_hand

ROOT = Path(__file__).resolve().parents[2]
NATIVE = platform.machine().replace("aarch64", "arm64")
ARCHITECTURES = ("x86_64", "arm64")
SCRIPTS = ("capi/package.cmake", "runtime/package.cmake", "python/liblambda/package.cmake", "python/layer.cmake")


def build_of(architecture: str) -> Path:
    """The folder that the artifacts of one architecture are built in, if they are."""
    if architecture == NATIVE:
        path = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()
    else:
        path = Path(os.environ.get("LANECRYPT_ARM64_BUILD", ROOT / "build" / architecture)).resolve()
    if not (path / "python" / "layer.cmake").exists():
        pytest.skip(f"{path} is not built, or has no Python modules")
    if b"__asan_init" in (path / "bin" / "bootstrap").read_bytes():
        pytest.skip("a sanitizer needs libraries of its own")
    return path


def unpack(archive: Path, into: Path) -> Path:
    """The folder with what is in it."""
    into.mkdir()
    if archive.name.endswith(".tar.gz"):
        subprocess.run(["tar", "-xf", archive, "-C", into], check=True)
    else:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(into)
    return into


@pytest.fixture(scope="session", params=ARCHITECTURES)
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def build(architecture: str) -> Path:
    return build_of(architecture)


@pytest.fixture(scope="session")
def dist(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `./dev package` makes of this build."""
    folder = tmp_path_factory.mktemp("dist")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    for script in SCRIPTS:
        command = ["cmake", "-D", f"DIST={folder}", "-P", str(build / script)]
        subprocess.run(command, check=True, capture_output=True, env=environment)
    return folder


@pytest.fixture(scope="session")
def unpacked(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    for archive in dist.iterdir():
        unpack(archive, folder / archive.name)
    return folder


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of each Python at hand, unpacked in a folder of its name; tests/python/test_wheels.py has the same."""
    build_of(NATIVE)
    source = distributions.Source(distributions.sdist(tmp_path_factory.mktemp("sdist")))
    made = tmp_path_factory.mktemp("wheel")
    folder = tmp_path_factory.mktemp("wheels")
    for python in at_hand():
        wheel = distributions.wheel(python, source, made)
        unpack(wheel, folder / wheel.name)
    return folder
