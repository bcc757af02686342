"""What is shipped: the wheel of each Python at hand, built from the sdist, in a clean environment of that Python."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import distributions
import pytest
from pythons import Python, at_hand

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
# The parts of this folder that need nothing but the package and pytest, and take seconds.
QUICK = [
    "test_pyca.py",
    "test_vectors.py",
    "test_batches.py",
    "test_batch_options.py",
    "test_streams.py",
    "test_stream_ends.py",
    "test_package.py",
]
# What the C library of the oldest system that the wheels are for has; auditwheel leaves these to the system.
SYSTEM_LIBRARIES = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "ld-linux-x86-64.so.2"}
CEILINGS = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13)}


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> distributions.Source:
    return distributions.Source(distributions.sdist(tmp_path_factory.mktemp("sdist")))


@pytest.fixture(scope="session", params=at_hand(), ids=lambda python: python.tag)
def python(request: pytest.FixtureRequest) -> Python:
    chosen: Python = request.param
    return chosen


@pytest.fixture(scope="session")
def wheel(python: Python, source: distributions.Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return distributions.wheel(python, source, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(python: Python, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that has the wheel and nothing else."""
    folder = tmp_path_factory.mktemp(python.tag)
    subprocess.run([python.path, "-m", "venv", "--without-pip", folder], check=True)
    interpreter = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", interpreter, "install", "--quiet", "--no-index"]
    subprocess.run([*map(str, install), str(wheel)], check=True)
    return interpreter


def clean(**own: str) -> dict[str, str]:
    """The environment without what conftest.py set for the package of the build tree."""
    return {**{key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "LANECRYPT"))}, **own}


def needed(library: Path) -> set[str]:
    dump = subprocess.run(["readelf", "-d", library], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", dump))


def versions(library: Path) -> dict[str, tuple[int, ...]]:
    """The newest version that a library needs of each name space of symbols."""
    dump = subprocess.run(["readelf", "-V", library], check=True, capture_output=True, text=True).stdout
    newest: dict[str, tuple[int, ...]] = {}
    for name, version in re.findall(r"Name: (GLIBC|GLIBCXX|CXXABI)_([0-9.]+)", dump):
        number = tuple(map(int, version.split(".")))
        newest[name] = max(newest.get(name, number), number)
    return newest


def test_the_quick_part_of_the_suite_passes_with_the_wheel(python: Python, installed: Path, tmp_path: Path) -> None:
    environment = clean(PYTHONPATH=str(distributions.tools(python)), LANECRYPT_INSTALLED="1")
    files = [str(HERE / name) for name in QUICK]
    options = ["-q", "-p", "no:cacheprovider", "--basetemp", str(tmp_path / "work")]
    run = subprocess.run(
        [installed, "-m", "pytest", *options, *files], env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed is not None, run.stdout
    assert int(passed[1]) > 100, run.stdout


def test_the_wheel_is_for_manylinux_and_holds_the_package_and_libgomp(python: Python, wheel: Path) -> None:
    tag = python.version.replace(".", "")
    assert wheel.name == f"lanecrypt-{version()}-cp{tag}-cp{tag}-{distributions.PLATFORM}.whl"
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"lanecrypt", "lanecrypt.libs", f"lanecrypt-{version()}.dist-info"}
    for name in ("LICENSE", "python/NOTICE"):
        assert f"lanecrypt-{version()}.dist-info/licenses/{name}" in names
    libraries = [name for name in names if ".so" in name]
    assert len(libraries) == 2, libraries
    assert any(re.fullmatch(r"lanecrypt\.libs/libgomp-[0-9a-f]+\.so\.[0-9.]+", name) for name in libraries), libraries
    for name in ("py.typed", "__init__.pyi", "_core.pyi", "aio.py", "cli/__init__.py"):
        assert any(each == f"lanecrypt/{name}" or each == f"lanecrypt/{name[:-3]}/__init__.py" for each in names), name


def test_the_module_needs_only_what_every_such_system_has(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    for library in tmp_path.rglob("*.so*"):
        others = {name for name in needed(library) if not name.startswith("libgomp-")}
        assert others <= SYSTEM_LIBRARIES, library.name
        for name, newest in versions(library).items():
            assert newest <= CEILINGS[name], f"{library.name} needs {name}_{newest}"


def test_the_command_says_what_it_lacks(installed: Path) -> None:
    command = installed.parent / "lanecrypt"
    run = subprocess.run([command, "--help"], capture_output=True, text=True, env=clean())
    assert run.returncode != 0
    assert "pip install 'lanecrypt[cli]'" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_command_hashes_and_verifies_a_file(python: Python, installed: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,password\n1,pw\n2,other\n")
    environment = clean(PYTHONPATH=str(distributions.tools(python)))
    command: list[str | Path] = [installed.parent / "lanecrypt"]
    for arguments in (
        ["hash", "in.csv", "-o", "hashed.csv", "--cost", "4", "--keep-password"],
        ["verify", "hashed.csv", "-o", "verified.csv"],
        ["doctor"],
    ):
        run = subprocess.run([*command, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr
    lines = (tmp_path / "verified.csv").read_text().split()
    assert [line.rpartition(",")[2] for line in lines] == ["match", "true", "true"]


def test_single_calls_share_lanes(installed: Path, tmp_path: Path) -> None:
    program = """
import asyncio
from lanecrypt.aio import Batcher

async def main():
    async with Batcher(rounds=4) as batcher:
        hashes = await asyncio.gather(*(batcher.hash(b"pw") for _ in range(40)))
        assert all(await asyncio.gather(*(batcher.verify(b"pw", each) for each in hashes)))
        assert not await batcher.verify(b"pw", None)
        assert batcher.stats.groups < batcher.stats.calls

asyncio.run(main())
"""
    command: list[str | Path] = [installed, "-W", "error", "-c", program]
    run = subprocess.run(command, cwd=tmp_path, env=clean(), capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def version() -> str:
    found = re.search(r"project\(lanecrypt VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())
    assert found is not None
    return found[1]
