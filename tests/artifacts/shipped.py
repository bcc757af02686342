"""What kinds of ELF files are shipped, and what each has to be: its properties, its exports, what it needs.

Exports and NEEDED are in allowed/, one name a line. A wheel's libgomp has a name with a hash, which is left out there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.artifacts.elf import Properties, dynamic_symbols, is_elf, needed, properties

ALLOWED = Path(__file__).resolve().parent / "allowed"

# What all have. A static program's calls of libc have no names left to tell by: test_hardening.py looks at its objects.
SAFE: Properties = {
    "kind": "shared library",
    "read-only relocations": True,
    "bound at start": True,
    "executable stack": False,
    "writable code": False,
    "text relocations": False,
    "search path": "",
    "canaries": True,
    "checked calls of libc": True,
    "marks": "",
}
PROGRAM: Properties = {**SAFE, "kind": "program at any address", "canaries": False, "checked calls of libc": False}
# Debian's libgomp, which is packed as it comes: bound lazily, without canaries and checked calls.
LIBGOMP: Properties = {**SAFE, "bound at start": False, "canaries": False, "checked calls of libc": False}
# Where libgomp is, seen from who needs it; auditwheel's is its own.
SEARCH_PATHS = {
    "liblanecrypt": "",
    "liblambda": "$ORIGIN/lib",
    "core": "$ORIGIN/../lib",
    "wheel-core": "$ORIGIN/../lanecrypt.libs",
}


def elf_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and is_elf(path):
            yield path


def kind_of(path: Path) -> str:
    """By its name, and by where a wheel puts it."""
    names = ("bootstrap", "liblanecrypt", "liblambda", "libgomp", "_core")
    name = next(name for name in names if path.name.startswith(name)).lstrip("_")
    in_wheel = any(part.endswith(".whl") for part in path.parts)
    return f"wheel-{name}" if in_wheel else name


def expected(kind: str, architecture: str) -> Properties:
    if kind == "bootstrap":
        return PROGRAM
    if "libgomp" in kind:
        return LIBGOMP
    # CET is x86-64's. arm64's marks would need Debian's start-up objects to have them, whose code has no landing pads.
    marks = "IBT SHSTK" if architecture == "x86_64" else ""
    return {**SAFE, "search path": SEARCH_PATHS[kind], "marks": marks}


def differences(found: Properties, wanted: Properties) -> list[str]:
    """In words."""
    return [f"{name}: {found[name]!r} instead of {wanted[name]!r}" for name in wanted if found[name] != wanted[name]]


def property_problems(path: Path, kind: str, architecture: str) -> list[str]:
    return differences(properties(path), expected(kind, architecture))


def allowed(name: str) -> list[str]:
    """A list of allowed/: one name a line, and why in comments."""
    lines = (line.partition("#")[0].strip() for line in (ALLOWED / f"{name}.txt").read_text().splitlines())
    return sorted(line for line in lines if line)


def _compared(what: str, found: list[str], name: str) -> list[str]:
    wanted = allowed(name)
    where = f"tests/artifacts/allowed/{name}.txt"
    return [f"{what} {each}, which {where} does not allow" for each in found if each not in wanted] + [
        f"{what} no {each}, which is in {where}" for each in wanted if each not in found
    ]


def export_problems(path: Path, kind: str) -> list[str]:
    return _compared("exports", sorted(dynamic_symbols(path)[0]), f"exports-{kind.removeprefix('wheel-')}")


def needed_problems(path: Path, kind: str, architecture: str) -> list[str]:
    names = sorted(re.sub(r"^libgomp-[0-9a-f]+\.", "libgomp-HASH.", name) for name in needed(path))
    return _compared("needs", names, f"needed-{kind}-{architecture}")
