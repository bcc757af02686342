"""Plants every mutant of the catalogue, one at a time, and demands that a test finds it.

    .venv/bin/python -m tests.mutants.mutants [--only NAME ...] [--jobs N] [--minutes N] [--list]
        [--markdown FILE]

A copy of the tree in build/mutants is configured and built once (release preset). Source by source, the killers must
be green there; then, for each mutant, the source is changed, what its killers need is built, and one of the killers
must fail, by an assertion, a crash, or a timeout. A mutant that does not compile is no kill. Results are kept in
build/mutants for as long as the tree is the same: a run that was interrupted goes on where it was.

Exit status: 0 if all that were run were killed; 1 if one survived, could not be planted or does not compile, or a
killer was red before.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from tests.mutants.catalogue import ROOT, Killer, Mutant, load
from tests.mutants.workshop import BuildFailed, Workshop, files_of_tree

LONGEST_KILLER = 600.0  # seconds, unmutated

T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    killed: bool
    how: str
    killer: str
    seconds: float


def digest_of_tree(for_pytest: bool) -> str:
    """Of all that a killer depends on: programs on no Python, pytest's tests on no tests in C++."""
    digest = hashlib.sha256()
    for name in sorted(files_of_tree()):
        if name.startswith(("tests/mutants/", "bench/", "docs/")) or name.endswith((".md", ".svg")):
            continue
        if name.startswith("tests/") and name.endswith("_test.cpp") if for_pytest else name.endswith(".py"):
            continue
        digest.update(name.encode() + b"\0" + hashlib.sha256((ROOT / name).read_bytes()).digest())
    return digest.hexdigest()


class Memory:
    """Results and the times of green killers, in a file, by the digest of what they depend on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._trees = {for_pytest: digest_of_tree(for_pytest) for for_pytest in (False, True)}
        self._lock = threading.Lock()
        self._all: dict[str, dict[str, object]] = json.loads(path.read_text()) if path.exists() else {}

    def _key(self, what: Mutant | Killer) -> str:
        killers = what.killers if isinstance(what, Mutant) else (what,)
        trees = [self._trees[killer.is_pytest] for killer in killers]
        return hashlib.sha256(f"{trees} {what!r}".encode()).hexdigest()

    def result(self, mutant: Mutant) -> Result | None:
        found = self._all.get(self._key(mutant))
        return Result(**found) if found else None  # type: ignore[arg-type]

    def green(self, killer: Killer) -> float | None:
        found = self._all.get(self._key(killer))
        return float(str(found["seconds"])) if found else None

    def keep(self, what: Mutant | Killer, value: dict[str, object]) -> None:
        with self._lock:
            self._all[self._key(what)] = value
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps(self._all))
            fresh.replace(self._path)


class Bench:
    """One workshop with what is known of the killers: computes mutants one after the other."""

    def __init__(self, workshop: Workshop, memory: Memory) -> None:
        self._workshop = workshop
        self._memory = memory

    def prepare(self, targets: list[str], jobs: int) -> None:
        self._workshop.copy()
        self._workshop.configure()
        self._workshop.build(targets, jobs)

    def see_green(self, killer: Killer) -> str:
        """Runs a killer on the sources as they are. What is the matter with it, if anything is."""
        if self._memory.green(killer) is not None:
            return ""
        self._workshop.build(list(killer.targets))
        run = self._workshop.run(killer, LONGEST_KILLER)
        if not run.green:
            return run.red or "it ran no test, or could not begin"
        self._memory.keep(killer, {"seconds": run.seconds})
        return ""

    def judge(self, mutant: Mutant) -> Result:
        start = time.monotonic()
        source = self._workshop.read(mutant.file)
        if problem := mutant.problem(source):
            return Result(False, f"CANNOT BE PLANTED: {problem}", "", 0)
        greens = [killer for killer in mutant.killers if self._memory.green(killer) is not None]
        if not greens:
            return Result(False, "HAS NO GREEN KILLER", "", 0)
        try:
            self._workshop.write(mutant.file, mutant.apply(source))
            how, killer = self._kill(mutant, greens)
        except BuildFailed as failed:
            print(failed, file=sys.stderr)
            how, killer = "DOES NOT COMPILE", ""
        finally:
            self._workshop.write(mutant.file, source)
        return Result(bool(killer), how, killer, time.monotonic() - start)

    def _kill(self, mutant: Mutant, killers: list[Killer]) -> tuple[str, str]:
        for killer in killers:
            self._workshop.build(list(killer.targets))
            usual = self._memory.green(killer) or 0
            run = self._workshop.run(killer, max(mutant.timeout or 30 + 10 * usual, 3 * usual))
            if run.red:
                return run.red, str(killer)
        return "SURVIVED", ""


class Benches:
    """Several, each used by one thread at a time."""

    def __init__(self, benches: list[Bench]) -> None:
        self._benches = benches
        self._idle: queue.SimpleQueue[Bench] = queue.SimpleQueue()
        for bench in benches:
            self._idle.put(bench)

    # One after the other: what the first has compiled is in ccache for the others.
    def prepare(self, targets: list[str]) -> None:
        for bench in self._benches:
            bench.prepare(targets, len(self._benches))

    def for_each(self, do: Callable[[Bench, T], None], work: Iterable[T]) -> None:
        def on_one(part: T) -> None:
            bench = self._idle.get()
            try:
                do(bench, part)
            finally:
                self._idle.put(bench)

        with ThreadPoolExecutor(len(self._benches)) as pool:
            list(pool.map(on_one, work))


def red_killers(killers: set[Killer], bench: Bench, end: float) -> list[Killer]:
    """Runs killers on the sources as they are."""
    red = []
    for killer in sorted(killers, key=str):
        if time.monotonic() > end:
            break
        if problem := bench.see_green(killer):
            red.append(killer)
            print(f"RED BEFORE ANY MUTANT: {killer}: {problem}", flush=True)
    return red


def judge_all(
    mutants: list[Mutant], benches: Benches, memory: Memory, end: float
) -> tuple[dict[str, Result], list[Killer]]:
    """All mutants of one source on one bench: it is then compiled once for each of them and once more at the end.
    What cannot begin before the end has no result. Answers the results, and the killers that were red before."""
    results: dict[str, Result] = {}
    red: list[Killer] = []

    def judge_source(bench: Bench, same: list[Mutant]) -> None:
        fresh = [mutant for mutant in same if memory.result(mutant) is None]
        red.extend(red_killers({killer for mutant in fresh for killer in mutant.killers}, bench, end))
        for mutant in same:
            result = memory.result(mutant)
            if result is None:
                if time.monotonic() > end:
                    continue
                result = bench.judge(mutant)
            if result.killed:
                memory.keep(mutant, asdict(result))
            results[mutant.name] = result
            mark = "killed" if result.killed else "ALIVE "
            print(f"{mark} {mutant.name:<44} {result.how} ({result.seconds:.0f} s)", flush=True)

    by_source = [list(same) for _, same in groupby(mutants, lambda mutant: mutant.file)]
    benches.for_each(judge_source, sorted(by_source, key=len, reverse=True))
    return results, red


def markdown(mutants: list[Mutant], results: dict[str, Result]) -> str:
    killed = sum(result.killed for result in results.values())
    lines = [
        "# Mutants",
        "",
        f"{date.today()}: {killed} of {len(results)} defects that were planted in the sources were found by the tests;",
        f"{len(mutants) - len(results)} of {len(mutants)} were not run. Written by `python -m tests.mutants.mutants",
        "--markdown`; the catalogue is in this folder's TOML files.",
        "",
        "| mutant | file | what it breaks | killer | how it died |",
        "|---|---|---|---|---|",
    ]
    for mutant in mutants:
        result = results.get(mutant.name, Result(False, "NOT RUN", "", 0))
        cells = (mutant.name, f"`{mutant.file}`", mutant.what, f"`{result.killer}`", result.how)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def chosen(mutants: list[Mutant], only: set[str]) -> list[Mutant]:
    unknown = only - {name for mutant in mutants for name in (mutant.name, mutant.file)}
    if unknown:
        raise SystemExit(f"no mutant has this name or file: {', '.join(sorted(unknown))}")
    return [mutant for mutant in mutants if {mutant.name, mutant.file} & only]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Plants every mutant and demands that a test finds it.")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these mutants, or those of a file")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="copies of the tree side by side (2)")
    parser.add_argument("--minutes", type=float, default=math.inf, metavar="N", help="begin no mutant after that")
    parser.add_argument("--list", action="store_true", help="say which there are, and end")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a table of all that was run")
    parser.add_argument("--scratch", type=Path, default=ROOT / "build" / "mutants", metavar="FOLDER")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    mutants = load()
    if arguments.only:
        mutants = chosen(mutants, set(arguments.only))
    if arguments.list:
        for mutant in mutants:
            print(f"{mutant.name:<44} {mutant.file}: {mutant.what}")
        return 0
    start = time.monotonic()
    scratch = arguments.scratch.resolve()
    scratch.mkdir(parents=True, exist_ok=True)
    memory = Memory(scratch / "results.json")
    copies = range(max(1, min(arguments.jobs, len(mutants))))
    benches = Benches([Bench(Workshop(scratch / str(number)), memory) for number in copies])
    try:
        benches.prepare(sorted({target for mutant in mutants for target in mutant.targets}))
    except BuildFailed as failed:
        print(failed, "\nThe tree itself cannot be built.", file=sys.stderr)
        return 1
    results, red = judge_all(mutants, benches, memory, start + 60 * arguments.minutes)
    alive = [name for name, result in results.items() if not result.killed]
    print(f"{len(results) - len(alive)} of {len(results)} killed in {(time.monotonic() - start) / 60:.0f} min")
    if len(results) < len(mutants):
        print(f"not run: {', '.join(mutant.name for mutant in mutants if mutant.name not in results)}")
    for name in alive:
        print(f"alive: {name}: {results[name].how}")
    if arguments.markdown:
        arguments.markdown.write_text(markdown(mutants, results), encoding="utf-8")
    return 1 if red or alive else 0


if __name__ == "__main__":
    sys.exit(main())
