"""One wrong instruction in an assembly engine: which there can be, read from objdump's listing of a program.

Each keeps its instruction's length, ends, and stays in memory that is the group's: a wrong answer and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.engines.programs import output_of

FUNCTION = re.compile(r"^([0-9a-f]+) <(x86_64(?:_bmi2)?)_(block|expand_salted|expand|encrypt)_(\d+)>:$")
INSTRUCTION = re.compile(r"^ *([0-9a-f]+):\t((?:[0-9a-f]{2} )+) *\t(.*)$")


@dataclass(frozen=True)
class Instruction:
    engine: str
    function: str
    width: int
    number: int  # in the function, from 0
    of: int  # how many the function has
    address: int
    code: bytes
    text: str


@dataclass(frozen=True)
class Mutant:
    instruction: Instruction
    kind: str
    code: bytes

    def __str__(self) -> str:
        at = self.instruction
        name = f"{at.engine}_{at.function}_{at.width}, instruction {at.number} of {at.of}"
        return f"{name}: {self.kind} of '{at.text}' ({at.code.hex()} -> {self.code.hex()})"


def instructions(program: Path) -> list[Instruction]:
    functions: list[tuple[str, str, int, list[tuple[int, bytes, str]]]] = []
    inside = False
    for line in output_of("objdump", "-dw", "-M", "intel", program).splitlines():
        if begin := FUNCTION.match(line):
            functions.append((begin[2], begin[3], int(begin[4]), []))
            inside = True
        elif (found := INSTRUCTION.match(line)) and inside:
            functions[-1][3].append((int(found[1], 16), bytes.fromhex(found[2]), found[3].strip()))
            inside = not found[3].startswith("ret")  # what follows fills up to the next function
    return [
        Instruction(engine, function, width, number, len(rows), *row)
        for engine, function, width, rows in functions
        for number, row in enumerate(rows)
    ]


def text_offset(program: Path) -> int:
    """What to add to an address for the place in the file."""
    (row,) = re.findall(r" \.text +PROGBITS +(\w+) +(\w+) ", output_of("readelf", "-SW", program))
    return int(row[1], 16) - int(row[0], 16)


def mutants(at: Instruction) -> Iterator[Mutant]:
    """Every wrong instruction that can stand in the place of a right one."""
    code = at.code
    for kind, place, change in changes(at):
        yield Mutant(at, kind, code[:place] + bytes([code[place] ^ change]) + code[place + 1 :])


def changes(at: Instruction) -> Iterator[tuple[str, int, int]]:
    """Kind, which byte, and what is xored to it."""
    code, text = at.code, at.text
    if code[0] == 0xC4:
        yield from changes_of_bmi2(code)
        return
    op = 1 if code[0] & 0xF0 == 0x40 else 0  # behind a REX prefix
    last = len(code) - 1
    if code[op] in (0x03, 0x33):
        yield "add for xor or xor for add", op, 0x30
    if code[op] == 0x31 and text != same_register(text):
        yield "add for xor", op, 0x30
    if code[op] == 0x8B and "rbp" in text:
        yield "add for load", op, 0x88  # 8b -> 03
    if indexed := re.search(r"\[rbp\+\w+\*4\+0x(\w+)\]", text):
        if code[op + 1] & 0xC0 == 0x80:  # four bytes of displacement
            yield "another S box", last - 2, 0x04
            if int(indexed[1], 16) // 4096 ^ 1 < at.width:
                yield "another lane's S box", last - 2, 0x10
        yield "another word of the S box", last - (3 if code[op + 1] & 0xC0 == 0x80 else 0), 0x04
    elif code[op] == 0x33:  # of P; the other half where a lane has two registers
        yield "another word of P", last - 3, 0x08 if at.width > 4 else 0x04
    if code[op] == 0xC1:
        # A shift of more bits, for the index must stay one; a rotation of fewer.
        yield "another count", last, {0x18: 0x01, 0x08: 0x01, 0x10: 0x1F, 0x20: 0x3F}[code[last]]
    if code[op] == 0x89 and code[op + 1] & 0xC0 == 0xC0 and re.match(r"mov +(e|r\d+d)", text):
        yield "another register", op + 1, 0x08
    # The exchange of the last lane's halves leaves one in eax too, and so ecx can be stored from there.
    equivalent = at.width == 3 and re.match(r"mov +DWORD PTR \[rbp\+0x\w+\],ecx", text)
    if code[op] == 0x89 and re.match(r"mov +[DQ]WORD PTR \[r(?:ax|bp)", text) and not equivalent:
        yield "another register stored", op + 1, 0x08
    if code[op : op + 2] == b"\x0f\xb6" and at.function == "block":
        if code[op + 2] & 0xC0 == 0xC0:
            yield "another register", op + 2, 0x01
        else:
            yield "another byte of the copy", last - 3, 0x01
    if code[op] == 0xBD and text.startswith("mov"):
        yield "another constant", last if code[last] else op + 1, 0x01
    if text.startswith("add    rax,"):
        yield "another step", op + 2, code[op + 2] ^ (code[op + 2] * 2 & 0x7F or 8)
    if text.startswith("lea    r15,"):
        yield "another end", last - 3, 0x40
    if code[op] in (0x72, 0x75) and code[op + 1] & 0x80:
        yield "another condition", op, 0x04 if code[op] == 0x72 else 0x01


def changes_of_bmi2(code: bytes) -> Iterator[tuple[str, int, int]]:
    """pext and shrx: another source, which is not in the same field. rorx: another source, or another count."""
    yield "another register", *((2, 0x08) if code[3] == 0xF5 else (4, 0x01))
    if code[3] == 0xF0:
        yield "another count", 5, {0x08: 0x01, 0x10: 0x1F, 0x20: 0x3F}[code[5]]


def same_register(text: str) -> str:
    """The instruction with its first operand twice."""
    return re.sub(r"(\w+),\w+$", r"\1,\1", text)
