"""What an ELF file needs of the system that loads it, and what of that AWS Lambda's images do not have."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

# What provided.al2023 and python3.12 and later have: the newest version of each name space of symbols.
CEILINGS = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13), "GCC": (12, 0, 0)}
LIBRARIES = re.compile(r"lib(c\.so\.6|m\.so\.6|dl\.so\.2|pthread\.so\.0|stdc\+\+\.so\.6|gcc_s\.so\.1)")
LOADERS = re.compile(r"ld-linux-(x86-64\.so\.2|aarch64\.so\.1)")
# What it has not, and what therefore is packed beside who needs it. OpenMP's symbols are all its own.
PACKED = "libgomp.so.1"
MACHINES = {"x86_64": "Advanced Micro Devices X86-64", "arm64": "AArch64"}


def _readelf(path: Path, *options: str) -> str:
    command = ["readelf", "-W", *options, str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def machine(path: Path) -> str:
    """The architecture as file names have it, or what readelf says of others."""
    found = re.search(r"Machine:\s+(.+)", _readelf(path, "-h"))
    assert found is not None
    return next((name for name, text in MACHINES.items() if text == found[1].strip()), found[1])


def search_path(path: Path) -> list[Path]:
    """The folders of its own that it looks for libraries in."""
    found = re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", _readelf(path, "-d"))
    return [Path(each.replace("$ORIGIN", str(path.parent))) for text in found for each in text.split(":")]


def too_new(path: Path) -> list[str]:
    """The versions of symbols that it asks for and that Lambda's libraries do not have."""
    needs = _readelf(path, "-V").partition("Version needs section")[2]
    return sorted(name for name in set(re.findall(r"Name: (\S+)", needs)) if not _is_there(name))


def _is_there(symbol_version: str) -> bool:
    """Of libgomp there are all: it is packed as it was linked."""
    space, _, number = symbol_version.rpartition("_")
    if space in ("GOMP", "OMP"):
        return True
    return space in CEILINGS and tuple(map(int, number.split("."))) <= CEILINGS[space]


def missing(path: Path) -> list[str]:
    """The libraries that it needs and that neither Lambda has nor its own search path."""
    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", _readelf(path, "-d"))
    own = {name for name in needed if any((folder / name).exists() for folder in search_path(path))}
    return [name for name in needed if not (LIBRARIES.fullmatch(name) or LOADERS.fullmatch(name) or name in own)]


def problems(path: Path) -> list[str]:
    """All of it, in words."""
    return [f"needs {each}" for each in too_new(path)] + [f"{each} is not there" for each in missing(path)]
