"""What is in the crowbar zip, and how the module and the libgomp beside it are linked.

They must load in Lambda's images, which have glibc 2.34, libstdc++ of GCC 11, and no libgomp.
"""

from __future__ import annotations

import re
import stat
import subprocess
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT, Crowbar

CEILINGS = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13), "GCC": (12,), "GOMP": (5, 0, 1), "OMP": (5,)}
NEEDED = re.compile(
    r"libgomp\.so\.1|libstdc\+\+\.so\.6|libm\.so\.6|libgcc_s\.so\.1|libc\.so\.6|ld-linux-[-\w]+\.so\.\d"
)
MODULE = f"liblambda{sysconfig.get_config_var('EXT_SUFFIX')}"
MAX_ZIP_BYTES = 400_000


def readelf(*arguments: object) -> str:
    return subprocess.run(["readelf", "-W", *map(str, arguments)], capture_output=True, text=True, check=True).stdout


@pytest.fixture(params=["module", "libgomp"])
def library(request: pytest.FixtureRequest, crowbar: Crowbar) -> Path:
    return crowbar.folder / (MODULE if request.param == "module" else "lib/libgomp.so.1")


@pytest.fixture
def module(crowbar: Crowbar) -> Path:
    return crowbar.folder / MODULE


def entries(archive: Path) -> dict[str, int]:
    with zipfile.ZipFile(archive) as opened:
        return {entry.filename: stat.S_IMODE(entry.external_attr >> 16) for entry in opened.infolist()}


def contents(module: str) -> dict[str, int]:
    return {"LICENSE": 0o644, "NOTICE": 0o644, "lib/libgomp.so.1": 0o755, module: 0o755}


def test_what_is_in_it(crowbar: Crowbar) -> None:
    assert entries(crowbar.archive) == contents(MODULE)
    assert crowbar.archive.stat().st_size <= MAX_ZIP_BYTES
    version = sysconfig.get_config_var("py_version_nodot")
    assert re.fullmatch(rf"lanecrypt-crowbar-py{version}-(x86_64|arm64)\.zip", crowbar.archive.name)


def test_what_is_in_the_zips_for_lambdas_pythons(lambda_crowbar: Crowbar) -> None:
    found = re.match(r"lanecrypt-crowbar-py(\d+)-(?:x86_64|arm64)\.zip", lambda_crowbar.archive.name)
    assert found is not None
    (name,) = (each for each in entries(lambda_crowbar.archive) if each.startswith("liblambda"))
    assert name.startswith(f"liblambda.cpython-{found[1]}-")
    assert entries(lambda_crowbar.archive) == contents(name)
    check_versions(lambda_crowbar.folder / name)


def test_it_says_whose_the_libraries_are(crowbar: Crowbar) -> None:
    notice = (crowbar.folder / "NOTICE").read_text()
    assert "GCC Runtime" in notice
    assert "Wenzel Jakob" in notice
    assert "@" not in notice.replace("wenzel.jakob@epfl.ch", "")
    assert (crowbar.folder / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_a_second_zip_has_the_same_bytes(crowbar: Crowbar, make_zip: Callable[[Path], Path], tmp_path: Path) -> None:
    assert make_zip(tmp_path / "again").read_bytes() == crowbar.archive.read_bytes()
    with zipfile.ZipFile(crowbar.archive) as opened:
        assert {entry.date_time for entry in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_files_are_dated_as_asked(
    make_zip: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.setenv("TZ", "America/New_York")
    with zipfile.ZipFile(make_zip(tmp_path)) as opened:
        assert {entry.date_time for entry in opened.infolist()} == {(2023, 11, 14, 22, 13, 20)}


def check_versions(library: Path) -> None:
    found = re.findall(r"Name: ([A-Z]+)_([0-9.]+) ", readelf("--version-info", library).partition("needs")[2])
    assert ("GLIBC", "2.34") in found
    for name, version in found:
        assert tuple(map(int, version.split("."))) <= CEILINGS[name], f"{library.name} needs {name}_{version}"


def test_no_symbol_is_newer_than_lambdas(library: Path) -> None:
    check_versions(library)


def test_it_needs_known_libraries_only(library: Path) -> None:
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", readelf("-d", library))
    assert "libc.so.6" in needed
    assert [each for each in needed if not NEEDED.fullmatch(each)] == []


def test_libraries_are_safe_and_stripped(library: Path) -> None:
    segments, sections = readelf("-l", library), readelf("-S", library)
    assert "GNU_RELRO" in segments
    assert re.search(r" GNU_STACK .* RW ", segments)
    assert not re.search(r" LOAD .* RWE ", segments)
    assert "TEXTREL" not in readelf("-d", library)
    assert ".symtab" not in sections
    assert ".debug_" not in sections


def test_how_the_module_is_linked(module: Path) -> None:
    dynamic = readelf("-d", module)
    for shared in ("libgomp.so.1", "libstdc++.so.6", "libgcc_s.so.1"):  # one of each in a process
        assert f"[{shared}]" in dynamic
    assert re.findall(r"\((RPATH|RUNPATH)\).*\[(.*)\]", dynamic) == [("RPATH", "$ORIGIN/lib")]
    (flags,) = re.findall(r"\(FLAGS_1\).*Flags: (.*)", dynamic)
    # Threads outlive an unloading; symbols are bound before the relocations become read-only; see passive_waiting.cpp.
    assert set(flags.split()) == {"NODELETE", "NOW", "INITFIRST"}


def test_what_the_module_exports(module: Path) -> None:
    symbols = [line.split() for line in readelf("--dyn-syms", module).splitlines() if " UND " not in line]
    assert [each[7] for each in symbols if len(each) > 7 and each[4] in ("GLOBAL", "WEAK")] == ["PyInit_liblambda"]


def test_it_has_no_path_of_the_machine_that_built_it(module: Path) -> None:
    assert str(ROOT).encode() not in module.read_bytes()
