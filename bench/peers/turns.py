"""Timing in turns: A B C, C B A, A B C, ... Whatever slows the machine down slows all of them."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from bench.peers import oracle
from bench.peers.worker import Request, Worker

LONG = 2.0  # seconds of a request that need not be asked twice to know how long it takes
PASSWORDS_MAX = 500  # of a turn of single calls; it is repeated beyond


@dataclass(frozen=True)
class Row:
    """What one contestant took for a hash, on all its threads together."""

    section: str
    peer: str
    cost: int
    jobs: int  # hashes in one call or batch
    threads: int
    best: float  # seconds for each hash
    median: float
    rounds: int
    turn: float  # seconds that a turn took, best
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Contestant(Protocol):
    """Knows what it is, prepares once, and then answers each turn with its seconds for a hash."""

    peer: str
    cost: int
    jobs: int
    threads: int
    note: str

    def prepare(self) -> None: ...
    def turn(self) -> tuple[float, float]: ...  # seconds for each hash, and of the whole turn


class Hashing:
    """A worker's batches or single calls, repeated until a turn is about `target` seconds long."""

    def __init__(
        self, peer: str, worker: Worker, request: Request, target: float, *, divisible: bool = False, note: str = ""
    ) -> None:
        self.peer, self.cost, self.jobs, self.threads = peer, request.cost, request.count, request.threads
        self.note = note
        self._worker, self._request, self._target = worker, request, target
        self._divisible = divisible  # hashes come one at a time: any number of them is a turn

    def prepare(self) -> None:
        """Untimed: a request of which every hash is verified, then one that tells how much makes a turn.

        The first may be slow: bcrypt-rust tries its widths at first use, and a just-in-time compiler compiles.
        """
        if self._divisible:
            self._request = replace(self._request, count=max(1, self.threads))
        answer = self._worker.ask(self._request)
        oracle.verify(answer.hashes, self.cost, range(len(answer.hashes)))
        seconds = answer.seconds
        if seconds < LONG or self._target > LONG:
            seconds = self._worker.ask(self._request).seconds
        times = max(1, round(self._target / max(seconds, 1e-6)))
        self._request = replace(self._request, times=times)
        if self._divisible:
            count = min(self.threads * times, PASSWORDS_MAX)
            self._request = replace(self._request, count=count, times=max(1, self.threads * times // count))

    def turn(self) -> tuple[float, float]:
        answer = self._worker.ask(self._request)
        oracle.verify(answer.hashes, self.cost, self._some(answer.hashes))
        return answer.seconds / (self._request.count * self._request.times), answer.seconds

    def _some(self, hashes: list[str]) -> list[int]:
        """Those whose right answer is known by now, up to 64, and two others."""
        known = [i for i, text in enumerate(hashes[:64]) if text[7 : oracle.SETTING] == oracle.numbered_salt(i)]
        return known + random.sample(range(len(hashes)), min(2, len(hashes)))


def alternate(
    section: str, contestants: Sequence[Contestant], rounds: int, step: Callable[[], None] = lambda: None
) -> list[Row]:
    for each in contestants:
        each.prepare()
    taken: list[list[tuple[float, float]]] = [[] for _ in contestants]
    for number in range(rounds):
        for i in range(len(contestants))[:: -1 if number % 2 else 1]:
            taken[i].append(contestants[i].turn())
            step()
    return [_row(section, each, turns) for each, turns in zip(contestants, taken, strict=True)]


def _row(section: str, each: Contestant, turns: list[tuple[float, float]]) -> Row:
    seconds = [turn[0] for turn in turns]
    return Row(
        section=section,
        peer=each.peer,
        cost=each.cost,
        jobs=each.jobs,
        threads=each.threads,
        best=min(seconds),
        median=statistics.median(seconds),
        rounds=len(turns),
        turn=min(turn[1] for turn in turns),
        note=each.note,
    )
