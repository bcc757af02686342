"""What an ELF file says of itself, as far as it is a matter of safety: read by pyelftools, judged by shipped.py.

What it needs of the system that loads it is in needs.py.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elftools.elf.constants import P_FLAGS
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import NoteSection, SymbolTableSection

Properties = dict[str, str | bool]

DF_TEXTREL, DF_BIND_NOW, DF_1_NOW, DF_1_PIE = 0x4, 0x8, 0x1, 0x08000000
# NT_GNU_PROPERTY_TYPE_0's properties: which of them, and the names of its bits.
MARKS = {0xC0000002: {1: "IBT", 2: "SHSTK"}, 0xC0000000: {1: "BTI", 2: "PAC"}}


@contextmanager
def opened(path: Path) -> Iterator[ELFFile]:
    with path.open("rb") as file:
        yield ELFFile(file)


def is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _tags(elf: ELFFile) -> dict[str, list[int | str]]:
    """The dynamic section: values by tag, texts where a tag has one."""
    found: dict[str, list[int | str]] = {}
    for section in elf.iter_sections():
        if isinstance(section, DynamicSection):
            for tag in section.iter_tags():
                text = next((getattr(tag, name) for name in ("needed", "rpath", "runpath") if hasattr(tag, name)), None)
                found.setdefault(tag.entry.d_tag, []).append(tag.entry.d_val if text is None else text)
    return found


def _marks(elf: ELFFile) -> str:
    """What NT_GNU_PROPERTY_TYPE_0 promises of indirect branches and returns."""
    for section in elf.iter_sections():
        if isinstance(section, NoteSection) and section.name == ".note.gnu.property":
            return " ".join(_mark_names(section.data(), 8 if elf.elfclass == 64 else 4))
    return ""


def _mark_names(note: bytes, alignment: int) -> Iterator[str]:
    at, end = 16, 16 + struct.unpack_from("<I", note, 4)[0]  # behind the header and its name, "GNU"
    while at < end:
        kind, size = struct.unpack_from("<II", note, at)
        if kind in MARKS:
            (bits,) = struct.unpack_from("<I", note, at + 8)
            yield from (name for bit, name in MARKS[kind].items() if bits & bit)
        at += 8 + -(-size // alignment) * alignment


def _kind(elf: ELFFile, flags_1: int) -> str:
    if elf["e_type"] == "ET_EXEC":
        return "program at a fixed address"
    return "program at any address" if flags_1 & DF_1_PIE else "shared library"


def needed(path: Path) -> list[str]:
    """The libraries that its loader has to find, in their order."""
    with opened(path) as elf:
        return [str(name) for name in _tags(elf).get("DT_NEEDED", [])]


def dynamic_symbols(path: Path) -> tuple[set[str], set[str]]:
    """What it exports and what it asks others for."""
    exported: set[str] = set()
    imported: set[str] = set()
    with opened(path) as elf:
        table = elf.get_section_by_name(".dynsym")
        for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
            if symbol.name:
                (imported if symbol["st_shndx"] == "SHN_UNDEF" else exported).add(symbol.name)
    return exported, imported


def properties(path: Path) -> Properties:
    """All that shipped.py has an opinion of."""
    imported = dynamic_symbols(path)[1]
    with opened(path) as elf:
        tags = _tags(elf)
        flags = sum(int(value) for value in tags.get("DT_FLAGS", []))
        flags_1 = sum(int(value) for value in tags.get("DT_FLAGS_1", []))
        segments = [(segment["p_type"], segment["p_flags"]) for segment in elf.iter_segments()]
        stacks = [bits for kind, bits in segments if kind == "PT_GNU_STACK"]
        both = P_FLAGS.PF_W | P_FLAGS.PF_X
        return {
            "kind": _kind(elf, flags_1),
            "read-only relocations": any(kind == "PT_GNU_RELRO" for kind, _ in segments),
            "bound at start": bool(flags & DF_BIND_NOW or flags_1 & DF_1_NOW or "DT_BIND_NOW" in tags),
            "executable stack": not stacks or bool(stacks[0] & P_FLAGS.PF_X),  # unsaid is executable
            "writable code": any(kind == "PT_LOAD" and bits & both == both for kind, bits in segments),
            "text relocations": bool(flags & DF_TEXTREL or "DT_TEXTREL" in tags),
            "search path": ":".join(str(each) for tag in ("DT_RPATH", "DT_RUNPATH") for each in tags.get(tag, [])),
            "canaries": "__stack_chk_fail" in imported,
            "checked calls of libc": any(name.startswith("__") and name.endswith("_chk") for name in imported),
            "marks": _marks(elf),
        }


def object_marks(path: Path) -> tuple[str, bool]:
    """Of an object file: its marks, and whether it allows a stack that is not executable."""
    with opened(path) as elf:
        stack = elf.get_section_by_name(".note.GNU-stack")
        return _marks(elf), stack is not None and not stack["sh_flags"] & 4


def branch_targets(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each address of code that data of a position independent file point to, with the four bytes there."""
    with opened(path) as elf:
        code = [each for each in elf.iter_segments() if each["p_type"] == "PT_LOAD" and each["p_flags"] & P_FLAGS.PF_X]
        relocations = elf.get_section_by_name(".rela.dyn")
        assert isinstance(relocations, RelocationSection)
        for relocation in relocations.iter_relocations():
            target = relocation["r_addend"]
            for segment in code:
                if 0 <= target - segment["p_vaddr"] < segment["p_filesz"]:
                    yield target, segment.data()[target - segment["p_vaddr"] :][:4]
