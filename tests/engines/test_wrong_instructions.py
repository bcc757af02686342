"""The self-test finds one wrong instruction wherever it is, and blames no other engine for it."""

from __future__ import annotations

import itertools
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import wrong_instructions
from tests.engines.programs import verdicts_of
from tests.engines.wrong_instructions import Mutant

SEED = 20260729
ENGINES = {"x86_64_bmi2": 10, "x86_64": 8}  # and their widest groups
ROUNDS = 16


class Copy:
    """A program of which an instruction can be changed, one at a time."""

    def __init__(self, program: Path, to: Path) -> None:
        self.path = to
        self._offset = wrong_instructions.text_offset(program)
        shutil.copy(program, to)

    def replace(self, address: int, old: bytes, new: bytes) -> None:
        with self.path.open("r+b") as file:
            file.seek(address + self._offset)
            assert file.read(len(old)) == old
            file.seek(address + self._offset)
            file.write(new)

    def verdicts_with(self, mutant: Mutant) -> dict[str, str]:
        at = mutant.instruction
        self.replace(at.address, at.code, mutant.code)
        try:
            return verdicts_of(self.path, *ENGINES)
        finally:
            self.replace(at.address, mutant.code, at.code)


def chosen(all_mutants: list[Mutant]) -> Iterator[Mutant]:
    """Of each engine and width one in every round, of each kind in turn; and one of each kind in the others."""
    draw = random.Random(SEED)
    by_place: dict[tuple[str, int, str, int], list[Mutant]] = {}
    for mutant in all_mutants:
        at = mutant.instruction
        part = ROUNDS * at.number // at.of if at.function == "block" else 0
        by_place.setdefault((at.engine, at.width, at.function, part), []).append(mutant)
    for turn, place in enumerate(sorted(by_place)):
        of_kind = {kind: list(same) for kind, same in itertools.groupby(sorted(by_place[place], key=kind_of), kind_of)}
        kinds = sorted(of_kind)
        for kind in [kinds[turn % len(kinds)]] if place[2] == "block" else kinds:
            yield draw.choice(of_kind[kind])


def kind_of(mutant: Mutant) -> str:
    return mutant.kind


@pytest.fixture(scope="module")
def all_mutants(verdicts_program: Path) -> list[Mutant]:
    listing = wrong_instructions.instructions(verdicts_program)
    return [mutant for instruction in listing for mutant in wrong_instructions.mutants(instruction)]


@pytest.mark.parametrize("engine", ENGINES)
def test_there_are_wrong_instructions_everywhere(all_mutants: list[Mutant], engine: str) -> None:
    mutants = [mutant for mutant in chosen(all_mutants) if mutant.instruction.engine == engine]
    assert len(mutants) >= 60
    assert {mutant.kind for mutant in mutants} >= {
        mutant.kind for mutant in all_mutants if mutant.instruction.engine == engine
    }
    assert {mutant.instruction.width for mutant in mutants} == set(range(1, ENGINES[engine] + 1))
    assert {mutant.instruction.function for mutant in mutants} == {"block", "expand", "expand_salted", "encrypt"}


@pytest.mark.parametrize("engine", ENGINES)
def test_each_is_found(all_mutants: list[Mutant], verdicts_program: Path, tmp_path: Path, engine: str) -> None:
    copy = Copy(verdicts_program, tmp_path / "verdicts")
    expected = verdicts_of(copy.path, *ENGINES)
    if expected[engine] == "cpu_lacks":
        pytest.skip(f"this CPU cannot run {engine}")
    assert "wrong" not in expected.values()
    expected[engine] = "wrong"
    missed = []
    for mutant in chosen(all_mutants):
        if mutant.instruction.engine != engine:
            continue
        try:
            verdicts = copy.verdicts_with(mutant)
        except subprocess.CalledProcessError as ended:
            missed.append(f"{mutant}: ended with {ended.returncode}")  # it shall be a wrong answer and no more
            continue
        if verdicts != expected:
            missed.append(f"{mutant}: {verdicts}")
    assert missed == []
