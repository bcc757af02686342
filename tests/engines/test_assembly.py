"""The assembly engines' objects, and the library that they are in: what the linker and the loader are told of them.

Any assembler makes the same instructions from the same text, wherever it stands.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.engines.programs import output_of

WIDEST = {"x86_64_bmi2": 10, "x86_64": 8}
engines = pytest.mark.parametrize("engine", WIDEST)


@pytest.fixture(scope="session")
def objects(build: Path) -> dict[str, Path]:
    folder = build / "kernel" / "CMakeFiles" / "lanecrypt_kernel_objects.dir"
    return {engine: folder / f"blowfish_{engine}.S.o" for engine in WIDEST}


@pytest.fixture(scope="session")
def library(build: Path) -> Path:
    return build / "lib" / "liblanecrypt.so.0"


def text_of(compiled: Path, tmp_path: Path) -> bytes:
    raw = tmp_path / f"{compiled.name}.text"
    output_of("objcopy", "-O", "binary", "-j", ".text", compiled, raw)
    return raw.read_bytes()


def assemble(compiler: str, source: Path, to: Path) -> Path:
    subprocess.run([compiler, "-c", "-fPIC", "-o", to, source.name], check=True, cwd=source.parent)
    return to


@engines
def test_the_stack_is_not_executable(objects: dict[str, Path], engine: str) -> None:
    (line,) = (line for line in output_of("readelf", "-SW", objects[engine]).splitlines() if ".note.GNU-stack" in line)
    assert re.search(r"PROGBITS +0+ \w+ 0+ 00 +0 +0 +1$", line), line  # no flags, so no X


@engines
def test_indirect_branches_and_returns_are_guarded(objects: dict[str, Path], engine: str) -> None:
    assert re.findall(r"x86 feature: (.*)", output_of("readelf", "-nW", objects[engine])) == ["IBT, SHSTK"]


@engines
def test_every_function_that_a_pointer_leads_to_begins_with_endbr64(objects: dict[str, Path], engine: str) -> None:
    listing = output_of("objdump", "-dw", "--no-show-raw-insn", objects[engine])
    first = dict(re.findall(r"^\w+ <(\w+)>:\n +\w+:\s+(\w+)", listing, re.MULTILINE))
    kinds = ("expand", "expand_salted", "encrypt")
    reached = {f"{engine}_{kind}_{lanes}" for kind in kinds for lanes in range(1, WIDEST[engine] + 1)}
    assert {name for name, mnemonic in first.items() if mnemonic == "endbr64"} == reached


@engines
def test_the_table_of_functions_is_the_one_name_and_hidden(objects: dict[str, Path], engine: str) -> None:
    rows = [line.split() for line in output_of("readelf", "-sW", objects[engine]).splitlines()]
    shared = [(row[5], row[7]) for row in rows if len(row) == 8 and row[4] in {"GLOBAL", "WEAK"}]
    assert shared == [("HIDDEN", f"lanecrypt_{engine}_widths")]


@engines
def test_the_instructions_have_no_relocations(objects: dict[str, Path], engine: str) -> None:
    sections = re.findall(r"Relocation section '\.rela([^']*)'", output_of("readelf", "-rW", objects[engine]))
    assert [name for name in sections if not name.startswith(".debug_")] == [".data.rel.ro.local", ".eh_frame"]


@engines
def test_every_function_has_its_size_and_its_frame(objects: dict[str, Path], engine: str) -> None:
    rows = [line.split() for line in output_of("readelf", "-sW", objects[engine]).splitlines()]
    sizes = {row[7]: (int(row[1], 16), int(row[2])) for row in rows if len(row) == 8 and row[3] == "FUNC"}
    assert len(sizes) == 4 * WIDEST[engine]
    frames = re.findall(r" FDE .* pc=(\w+)\.\.(\w+)", output_of("readelf", "-wf", objects[engine]))
    expected = sorted((begin, begin + size) for begin, size in sizes.values())
    assert sorted((int(begin, 16), int(end, 16)) for begin, end in frames) == expected


@engines
def test_no_vector_register_is_touched(objects: dict[str, Path], engine: str) -> None:
    """No caller has to save them, and none of them can keep a secret."""
    listing = output_of("objdump", "-dw", "-M", "intel", "--no-show-raw-insn", objects[engine])
    assert re.findall(r"\b(?:[xyz]mm\d+|st|mm\d|k\d)\b", listing) == []
    assert ("pext" in listing) == (engine == "x86_64_bmi2")


def test_the_library_has_no_text_relocations_and_shows_nothing_of_them(library: Path) -> None:
    assert "TEXTREL" not in output_of("readelf", "-dW", library)
    assert not [line for line in output_of("nm", "-D", library).splitlines() if "x86_64" in line]
    stack = next(line for line in output_of("readelf", "-lW", library).splitlines() if "GNU_STACK" in line)
    assert " RW " in stack


@engines
@pytest.mark.parametrize("compiler", ["gcc", "clang-16"])
def test_every_assembler_makes_the_same_instructions(
    objects: dict[str, Path], kernel: Path, tmp_path: Path, engine: str, compiler: str
) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    made = assemble(compiler, kernel / f"blowfish_{engine}.S", tmp_path / "made.o")
    assert text_of(made, tmp_path) == text_of(objects[engine], tmp_path)


@engines
def test_another_folder_gives_the_same_file(kernel: Path, tmp_path: Path, engine: str) -> None:
    elsewhere = tmp_path / "somewhere else"
    elsewhere.mkdir()
    for name in (f"blowfish_{engine}.S", "blowfish_x86_64.inc", "blowfish_x86_64_layout.h"):
        shutil.copy(kernel / name, elsewhere)
    here = assemble("gcc", kernel / f"blowfish_{engine}.S", tmp_path / "here.o")
    there = assemble("gcc", elsewhere / f"blowfish_{engine}.S", tmp_path / "there.o")
    assert here.read_bytes() == there.read_bytes()
