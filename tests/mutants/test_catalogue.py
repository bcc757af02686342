"""The catalogue of mutants is one of the present sources. That each is killed takes a while: mutants.py."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.mutants.catalogue import ROOT, Killer, Mutant, killer_problem, load, read_killer

MUTANTS = load()


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len(MUTANTS) >= 60
    assert [name for name, times in Counter(mutant.name for mutant in MUTANTS).items() if times > 1] == []
    assert len({mutant.file for mutant in MUTANTS}) >= 30


def test_every_entry_applies_exactly_once() -> None:
    problems = {mutant.name: mutant.problem((ROOT / mutant.file).read_text()) for mutant in MUTANTS}
    assert {name: problem for name, problem in problems.items() if problem} == {}


def test_every_killer_is_there() -> None:
    assert all(mutant.killers for mutant in MUTANTS)
    problems = {str(killer): killer_problem(killer) for mutant in MUTANTS for killer in mutant.killers}
    assert {killer: problem for killer, problem in problems.items() if problem} == {}


def test_a_source_that_has_moved_is_told() -> None:
    mutant = Mutant("m", "f", "old", "new", "", (), None)
    assert mutant.apply("an old text") == "an new text"
    for source in ("nothing", "old and old"):
        with pytest.raises(ValueError, match="has the source moved"):
            mutant.apply(source)


def test_a_killer_that_is_none_is_told() -> None:
    assert killer_problem(read_killer("lanecrypt_kernel_tests Radix64.NoSuchTest"))
    assert killer_problem(read_killer("tests/python/test_package.py::test_no_such_test"))
    assert killer_problem(read_killer("A=1 tests/python/test_no_such_file.py -k some"))
    assert not killer_problem(read_killer("lanecrypt_kernel_tests Radix64.*"))


@pytest.mark.parametrize(
    ("text", "killer"),
    [
        ("lanecrypt_kernel_tests A.*:B.c", Killer("lanecrypt_kernel_tests", "A.*:B.c")),
        ("tests/a.py::test_b[an id: of words]", Killer("tests/a.py::test_b[an id: of words]")),
        ("tests/a.py -k b and not c", Killer("tests/a.py", "b and not c")),
        ("X=1 Y_Z=2 tests/a.py::test_b", Killer("tests/a.py::test_b", "", ("X=1", "Y_Z=2"))),
    ],
)
def test_killers_are_read(text: str, killer: Killer) -> None:
    assert read_killer(text) == killer
    assert str(killer) == text
