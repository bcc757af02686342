"""`./dev bench check`: has it become slower? Ratios over libcrypt and John, of one run, against bench/floors.json.

Ratios hold from machine to machine where seconds do not. Exit code 1: one is under its floor by more than the margin;
2: it could not be measured, which is no answer.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers import bars, catalogue, install, john, machine
from bench.peers.oracle import WrongHash
from bench.peers.sections import BATCH, SINGLE, Workers, find
from bench.peers.turns import Contestant, Hashing, Row, alternate
from bench.peers.worker import Request, WorkerFailed

FLOORS = install.ROOT / "bench" / "floors.json"
ROUNDS = 7
TURN = 0.5  # seconds
SUSTAINED = 2.0  # seconds beside John, in ROUNDS_JOHN rounds
ROUNDS_JOHN = 5
COST = 10

FINE, SLOWER, UNKNOWN = 0, 1, 2


class CannotTell(Exception):
    """Something that the floors are about could not be measured."""


@dataclass(frozen=True)
class Verdict:
    ratio: str
    measured: float
    floor: float  # as committed
    least: float  # less the margin

    @property
    def slower(self) -> bool:
        return self.measured < self.least

    def __str__(self) -> str:
        words = f"{self.ratio:<12} measured {self.measured:.3f}   floor {self.floor:.2f}, fails under {self.least:.3f}"
        return f"{words}   {'SLOWER' if self.slower else 'fine'}"


def judge(measured: Mapping[str, float], floors: Mapping[str, float], margin: float) -> list[Verdict]:
    """Each floor against what was measured. A floor without a measurement is no pass."""
    if not floors:
        raise CannotTell("there are no floors for this engine")
    if missing := [name for name in floors if name not in measured]:
        raise CannotTell(f"not measured: {', '.join(missing)}")
    return [Verdict(name, measured[name], floor, floor * (1 - margin)) for name, floor in floors.items()]


def exit_code(verdicts: list[Verdict]) -> int:
    return SLOWER if any(verdict.slower for verdict in verdicts) else FINE


def ratios() -> dict[str, float]:
    """How many times faster than each, by the best turns."""
    workers = Workers()
    try:
        rows = beside_libcrypt(workers) + beside_john(workers)
    finally:
        workers.stop()

    def ratio(theirs: tuple[str, int, int], ours: tuple[str, int, int], factor: float = 1) -> float:
        pair = bars.over(find(rows, "check", *theirs, 1), find(rows, "check", *ours, 1), factor)
        if pair is None:
            raise CannotTell(f"no figure for {theirs[0]} or for {ours[0]}")
        return pair[0]

    batch, theirs = (catalogue.OURS, COST, BATCH), (catalogue.LIBCRYPT, COST, 1)
    test = (john.TEST, 5, 1)
    return {
        "libcrypt": ratio(theirs, batch),
        "single": ratio(theirs, (SINGLE, COST, 1)),
        "john_test": ratio(test, ("beside John", COST, BATCH), john.work(COST) / john.work(5)),
        "john_search": ratio((john.SEARCH, COST, 1), ("beside John", COST, BATCH)),
        "john_cost_5": ratio(test, ("beside John", 5, BATCH)),
    }


def beside_libcrypt(workers: Workers) -> list[Row]:
    ours, single, libcrypt = catalogue.ours("batch"), catalogue.ours("single", name=SINGLE), catalogue.libcrypt()
    contestants: list[Contestant] = [
        Hashing(ours.name, workers.get(ours, 1), Request(BATCH, COST, 1), TURN),
        Hashing(libcrypt.name, workers.get(libcrypt, 1), Request(1, COST, 1), TURN, divisible=True),
        Hashing(single.name, workers.get(single, 1), Request(1, COST, 1), TURN, divisible=True),
    ]
    return alternate("check", contestants, ROUNDS)


def beside_john(workers: Workers) -> list[Row]:
    catalogue.try_john()
    worker = workers.get(catalogue.ours("batch"), 1)
    with tempfile.TemporaryDirectory() as folder:
        sides: list[Contestant] = [
            Hashing("beside John", worker, Request(BATCH, 5, 1), SUSTAINED),
            john.Test(1, SUSTAINED, Path(folder)),
            Hashing("beside John", worker, Request(BATCH, COST, 1), SUSTAINED),
            john.Search(COST, 1, SUSTAINED, Path(folder)),
        ]
        return alternate("check", sides, ROUNDS_JOHN)


def main() -> int:
    settings: dict[str, Any] = json.loads(FLOORS.read_text())
    engine = catalogue.engine()
    about = machine.describe()
    print(f"engine {engine}; {machine.sentence(about)}")
    try:
        verdicts = judge(ratios(), settings["floors"].get(engine, {}), settings["margin"])
    except (CannotTell, install.Missing, WrongHash, WorkerFailed) as error:
        print(f"./dev bench check: cannot tell: {error}", file=sys.stderr)
        return UNKNOWN
    print(*verdicts, sep="\n")
    if exit_code(verdicts) == SLOWER and about["load_average"] > machine.QUIET:
        print("The machine was not quiet: try again when it is, before you believe this.")
    return exit_code(verdicts)


if __name__ == "__main__":
    sys.exit(main())
