"""The catalogue of mutants: one-line defects of the sources, each with the test that must find it.

Data are in *.toml beside this file, one for each part of the tree. An entry:

    name     what the table calls it
    file     the source that is changed
    old      text that occurs in it exactly once
    new      what stands there instead
    what     what that breaks, in a phrase
    killers  what must fail then: "PROGRAM FILTER" of a GoogleTest program, or the node of a pytest test, which may have
             " -k EXPRESSION" behind it; words NAME=VALUE before either are set in its environment
    timeout  optional: seconds after which a killer that hangs has found it
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# What has to be built for a killer: programs are targets of their own name, tests in Python by their folder.
PYTEST_TARGETS = {
    "tests/runtime": ("bootstrap",),
    "tests/python/crowbar": ("liblambda", "bootstrap", "lanecrypt_python"),
    "tests/python": ("lanecrypt_python", "liblambda", "lanecrypt_failing_new"),
    "tests/engines": ("lanecrypt_engine_verdicts", "lanecrypt_engine_answers"),
    "tests/processes": ("bootstrap", "lanecrypt_shared", "lanecrypt_process_worker"),
    "tests/secrets": ("bootstrap", "lanecrypt_secret_scan"),
    "tests/aws/data": ("liblambda", "bootstrap", "lanecrypt_python"),
}


@dataclass(frozen=True)
class Killer:
    """A test that must be red: of pytest where its name is a file's, else of a program of GoogleTest."""

    name: str
    filter: str = ""  # --gtest_filter, or pytest's -k
    environment: tuple[str, ...] = ()  # NAME=VALUE

    def __str__(self) -> str:
        parts = [*self.environment, self.name, "-k" if self.filter and self.is_pytest else "", self.filter]
        return " ".join(part for part in parts if part)

    @property
    def is_pytest(self) -> bool:
        return self.name.startswith("tests/")

    @property
    def targets(self) -> tuple[str, ...]:
        if not self.is_pytest:
            return (self.name,)
        folder = next(folder for folder in PYTEST_TARGETS if self.name.startswith(folder + "/"))
        return PYTEST_TARGETS[folder]


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str
    what: str
    killers: tuple[Killer, ...]
    timeout: float | None

    @property
    def targets(self) -> list[str]:
        return sorted({target for killer in self.killers for target in killer.targets})

    def problem(self, source: str) -> str:
        """Why the mutant cannot be made of this source; empty where it can."""
        found = source.count(self.old)
        if found != 1:
            return f"the old text occurs {found} times in {self.file}, and must once: has the source moved?"
        return "" if self.old != self.new else "nothing is changed"

    def apply(self, source: str) -> str:
        if problem := self.problem(source):
            raise ValueError(f"{self.name}: {problem}")
        return source.replace(self.old, self.new)


def read_killer(text: str) -> Killer:
    settings = re.match(r"(?:[A-Z_]+=\S+ )*", text)
    set_there = settings[0] if settings else ""
    rest = text[len(set_there) :]
    name, _, tests = rest.partition(" -k " if rest.startswith("tests/") else " ")
    return Killer(name, tests, tuple(set_there.split()))


def load(folder: Path = HERE) -> list[Mutant]:
    """All entries, those of one source together: it is then compiled once for each of them and no more."""
    mutants = []
    for path in sorted(folder.glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]:
            killers = tuple(read_killer(text) for text in entry.pop("killers"))
            mutants.append(Mutant(killers=killers, timeout=entry.pop("timeout", None), **entry))
    return sorted(mutants, key=lambda mutant: mutant.file)


def killer_problem(killer: Killer) -> str:
    """Why a killer is none of this tree: a test that was renamed would otherwise be missed by the long run alone."""
    if killer.is_pytest:
        path, _, test = killer.name.partition("::")
        source = ROOT / path
        test = test.partition("[")[0]
        there = source.is_file() and (not test or re.search(rf"^def {test}\(", source.read_text(), re.MULTILINE))
        return "" if there else f"no such test: {killer.name}"
    for pattern in killer.filter.split(":"):
        if not any(fnmatchcase(test, pattern) for test in google_tests()):
            return f"no test is called {pattern}"
    return ""


@cache
def google_tests() -> frozenset[str]:
    return frozenset(_google_tests())


def _google_tests() -> Iterator[str]:
    for path in (ROOT / "tests").glob("*/*.cpp"):
        for kind, suite, test in re.findall(r"^TEST(|_F|_P)\((\w+), (\w+)\)", path.read_text(), re.MULTILINE):
            yield f"Parameters/{suite}.{test}/0" if kind == "_P" else f"{suite}.{test}"
