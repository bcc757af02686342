"""What keeps a fault of ours from being used, in every file that is shipped and in the objects that they are made of.

Wheels, zips, layers and the library's archive, for both architectures. shipped.py says what each file has to be, and
what Debian's own libgomp is, which is packed as it comes.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.artifacts.elf import branch_targets, object_marks
from tests.artifacts.shipped import elf_files, export_problems, kind_of, needed_problems, property_problems

ENDBR64 = bytes.fromhex("f30f1efa")
# What the compiler is told for each file of ours. The third is x86-64's, or arm64's.
FLAGS = ["-fstack-protector-strong", "-D_FORTIFY_SOURCE=3"]
BRANCHES = {"x86_64": "-fcf-protection=full", "arm64": "-mbranch-protection=standard"}
SHIPPED_FOLDERS = ("kernel", "capi", "runtime", "python")
KINDS = {"bootstrap", "liblanecrypt", "liblambda", "core", "libgomp"}


def report(problems: list[str]) -> str:
    return "\n" + "\n".join(problems)


def all_problems(path: Path, architecture: str) -> Iterator[str]:
    kind = kind_of(path)
    found = property_problems(path, kind, architecture) + needed_problems(path, kind, architecture)
    if "libgomp" not in kind:
        found += export_problems(path, kind)
    return (f"{path.name}: {each}" for each in found)


def test_what_is_packed_is_safe(unpacked: Path, architecture: str) -> None:
    files = list(elf_files(unpacked))
    assert {kind_of(path) for path in files} == KINDS
    problems = [problem for path in files for problem in all_problems(path, architecture)]
    assert not problems, report(problems)


def test_wheels_are_safe(wheels: Path) -> None:
    files = list(elf_files(wheels))
    assert {kind_of(path) for path in files} == {"wheel-core", "wheel-libgomp"}
    problems = [problem for path in files for problem in all_problems(path, "x86_64")]
    assert not problems, report(problems)


def objects_of(archive: Path, into: Path) -> list[Path]:
    into.mkdir()
    subprocess.run(["ar", "x", archive], cwd=into, check=True)
    return sorted(into.iterdir())


def objects_of_bootstrap(build: Path) -> list[Path]:
    """Of today's sources: a build folder keeps the objects of those that are gone."""
    commands = json.loads((build / "compile_commands.json").read_text())
    outputs = [re.search(r" -o (\S+)", each["command"]) for each in commands]
    names = [output[1] for output in outputs if output is not None]
    return [build / name for name in names if "/bootstrap.dir/" in name]


def test_every_object_of_ours_is_marked(build: Path, architecture: str, unpacked: Path, tmp_path: Path) -> None:
    """In the packed liblanecrypt.a, and before the bootstrap is linked, whose own mark goes with Debian's libc."""
    (packed,) = unpacked.rglob("liblanecrypt.a")
    objects = objects_of(packed, tmp_path / "lanecrypt")
    objects += objects_of(build / "lib" / "liblanecrypt_handler.a", tmp_path / "handler")
    objects += objects_of_bootstrap(build)
    assert len(objects) > 50
    wanted = {"x86_64": "IBT SHSTK", "arm64": "BTI PAC"}[architecture]
    unlike = {path.name: object_marks(path) for path in objects if object_marks(path) != (wanted, True)}
    assert unlike == {}


def test_every_source_of_ours_is_compiled_with_the_flags(build: Path, architecture: str) -> None:
    """A program without names does not tell; what is compiled for it does."""
    home = re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.+)$", (build / "CMakeCache.txt").read_text(), re.MULTILINE)
    assert home is not None
    folders = tuple(f"{home[1]}/{folder}/" for folder in SHIPPED_FOLDERS)
    commands = json.loads((build / "compile_commands.json").read_text())
    ours = [each for each in commands if each["file"].startswith(folders)]
    assert len(ours) > 60
    wanted = {*FLAGS, BRANCHES[architecture]}
    lacking = {each["file"]: sorted(wanted - set(each["command"].split())) for each in ours}
    assert {file: flags for file, flags in lacking.items() if flags} == {}


def test_where_data_lead_to_code_an_indirect_branch_may_land(unpacked: Path, architecture: str) -> None:
    """The mark for CET is set by the linker's option and is true: every pointer in data leads to endbr64."""
    if architecture != "x86_64":
        pytest.skip("the mark is x86-64's")
    for path in elf_files(unpacked):
        if kind_of(path) in {"liblanecrypt", "liblambda", "core"}:
            targets = dict(branch_targets(path))
            assert len(targets) > 20, path
            assert {hex(at): code for at, code in targets.items() if code != ENDBR64} == {}, path
            dynamic = subprocess.run(["readelf", "-dW", path], check=True, capture_output=True, text=True).stdout
            assert "(INIT)" not in dynamic  # Debian's _init and _fini have none, and are not asked for
            assert "(FINI)" not in dynamic
