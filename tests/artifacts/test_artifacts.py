"""What is deployed, of both architectures, as it is built and as it is packed: AWS Lambda's images can load it.

Wheels have their own tests (tests/python/test_wheels.py): they are for more systems than Lambda's.
"""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.artifacts.conftest import NATIVE, ROOT, build_of
from tests.artifacts.needs import PACKED, machine, missing, problems, too_new
from tests.artifacts.shipped import elf_files

# What each of them has to hold, so that an empty list is not taken for a good one.
ARCHIVES = {"bootstrap": 1, "liblanecrypt": 1, "crowbar": 2, "layer": 3}


def test_what_is_built(build: Path, architecture: str) -> None:
    """Without the packing: libgomp is not beside these, and is all that they may lack."""
    modules = [*(build / "python").glob("liblambda.*.so"), *(build / "python" / "lanecrypt").glob("_core.*.so")]
    files = [build / "bin" / "bootstrap", *(build / "lib").glob("liblanecrypt.so.*.*"), *modules]
    assert len(files) == 4
    for path in files:
        assert machine(path) == architecture, path.name
        assert too_new(path) == [], path.name
        assert set(missing(path)) <= {PACKED}, path.name


def test_what_is_packed(unpacked: Path, architecture: str) -> None:
    names = [path.name for path in unpacked.iterdir()]
    assert len(names) == len(ARCHIVES)
    for name in names:
        kind = next(kind for kind in ARCHIVES if kind in name)
        assert architecture in name
        files = list(elf_files(unpacked / name))
        assert len(files) == ARCHIVES[kind], name
        for path in files:
            assert machine(path) == architecture, path
            found = problems(path)
            # A library is for any system: who puts it into a function puts libgomp beside it.
            assert found == ([f"{PACKED} is not there"] if kind == "liblanecrypt" else []), path


def test_the_bootstrap_needs_nothing(unpacked: Path) -> None:
    (path,) = unpacked.glob("*bootstrap*/bootstrap")
    told = subprocess.run(["readelf", "-ldSW", path], check=True, capture_output=True, text=True).stdout
    for absent in ("NEEDED", "INTERP", ".symtab", ".debug"):
        assert absent not in told


def test_the_layers_layout(unpacked: Path) -> None:
    (layer,) = unpacked.glob("*layer*")
    (info,) = (layer / "python").glob("lanecrypt-*.dist-info")
    for name in ("LICENSE", "python/NOTICE"):
        assert (info / "licenses" / name).exists(), name
    assert "Name: lanecrypt" in (info / "METADATA").read_text()
    sources = {path.relative_to(ROOT / "python") for path in (ROOT / "python" / "lanecrypt").rglob("*.py*")}
    for path in sources:
        assert "__pycache__" in path.parts or (layer / "python" / path).exists(), path
    assert not list(layer.rglob("__pycache__"))
    assert {path.name for path in (layer / "python" / "lib").iterdir()} == {PACKED}


def test_the_same_build_gives_the_same_bytes(build: Path, dist: Path, tmp_path: Path) -> None:
    """The layer; tests/install and tests/python/crowbar have the others."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "TZ": "Asia/Tokyo"}
    command = ["cmake", "-D", f"DIST={tmp_path}", "-P", str(build / "python" / "layer.cmake")]
    (ROOT / "python" / "lanecrypt" / "__init__.py").touch()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    (again,) = tmp_path.glob("*.zip")
    assert again.read_bytes() == (dist / again.name).read_bytes()
    times = {entry.date_time for entry in zipfile.ZipFile(again).infolist()}
    assert times == {(2023, 11, 14, 22, 13, 20)}


GLIBC_2_36 = "extern unsigned arc4random(void); unsigned f(void) { return arc4random(); }"
OPENMP = "extern void GOMP_barrier(void); void f(void) { GOMP_barrier(); }"
VIOLATIONS = {"a symbol of glibc 2.36": (GLIBC_2_36, "GLIBC_2.36"), "a library that Lambda lacks": (OPENMP, PACKED)}


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_violation_is_found(architecture: str, violation: str, tmp_path: Path) -> None:
    build_of(architecture)
    code, named = VIOLATIONS[violation]
    (tmp_path / "violation.c").write_text(code)
    compiler = "cc" if architecture == NATIVE else "aarch64-linux-gnu-gcc"
    library = tmp_path / "violation.so"
    command = [compiler, "-shared", "-fPIC", "violation.c", "-o", str(library), "-Wl,--no-as-needed"]
    subprocess.run([*command, *(["-lgomp"] if "GOMP" in code else [])], cwd=tmp_path, check=True)
    assert machine(library) == architecture
    (found,) = problems(library)
    assert named in found
