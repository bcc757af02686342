"""The run: cold starts, warm calls and 20 items of every contestant, in turns, so that noise meets all of them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from emulator import EmulatorError

from bench.lambda_peers import samples
from bench.lambda_peers.catalogue import ITEMS, MINIMAL, ONE, TWENTY, Contestant, expect
from bench.lambda_peers.function import Function
from bench.lambda_peers.process import ThreadWatch, resident_kb
from bench.lambda_peers.samples import Sample, Samples

WORKERS = (1, 2)
WARM_UP = 30  # untimed calls of a fresh function
BLOCK = 25  # warm calls of one turn
FAILURES = (EmulatorError, TimeoutError, OSError, ValueError)


@dataclass(frozen=True)
class Pace:
    cold: int = 30
    first: int = 10  # of these cold starts, as many again with one hash
    warm: int = 500
    items: int = 7


@dataclass
class Run:
    contestants: list[Contestant]
    pace: Pace
    say: Callable[[str], None]
    rows: list[Sample] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def all(self) -> Samples:
        """Everything, without the contestants that failed on the way: half a measurement is none."""
        self.cold()
        self.warm()
        return Samples(self.rows).without(self.failed)

    def turns(self, rounds: int) -> Iterator[tuple[int, Contestant]]:
        """A B C, C B A, A B C, ..."""
        for number in range(rounds):
            for contestant in self.contestants[:: -1 if number % 2 else 1]:
                if contestant.key not in self.failed:
                    yield number, contestant

    @contextlib.contextmanager
    def guarded(self, contestant: Contestant) -> Iterator[None]:
        """A contestant that fails is out, and the others go on."""
        try:
            yield
        except FAILURES as error:
            self.failed[contestant.key] = f"it failed on the way: {error}"
            self.say(f"{contestant.name}: {self.failed[contestant.key]}")

    def cold(self) -> None:
        self.say(f"{self.pace.cold} cold starts each, and as many with the tap")
        for number, contestant in self.turns(self.pace.cold):
            with self.guarded(contestant):
                self.rows.append(cold(contestant, number))
                self.rows.append(cold_tapped(contestant, number))
                if number < self.pace.first and contestant.hashes:
                    self.rows.append(first_hash(contestant, number))

    def warm(self) -> None:
        with ExitStack() as stack:
            self.say("starting all of them, to be kept warm")
            running = self._started(stack)
            self._calls(running)
            self._items(running)

    def _started(self, stack: ExitStack) -> dict[tuple[str, int], Function]:
        """By contestant and workers; 0 workers is the one with the tap."""
        running: dict[tuple[str, int], Function] = {}
        for _, contestant in self.turns(1):
            with self.guarded(contestant):
                for workers in (0, *WORKERS) if contestant.hashes else (0, WORKERS[-1]):
                    function = contestant.function(workers or WORKERS[-1], tapped=workers == 0)
                    running[contestant.key, workers] = stack.enter_context(function)
                    for _ in range(WARM_UP):
                        function.timed(MINIMAL)
        return running

    def _calls(self, running: dict[tuple[str, int], Function]) -> None:
        self.say(f"{self.pace.warm} warm calls each, and as many with the tap")
        block = min(BLOCK, self.pace.warm)
        for number, contestant in self.turns(-(-self.pace.warm // block)):
            with self.guarded(contestant):
                self.rows += warm(contestant, running[contestant.key, WORKERS[-1]], number, block)
                self.rows += warm_tapped(contestant, running[contestant.key, 0], number, block)

    def _items(self, running: dict[tuple[str, int], Function]) -> None:
        self.say(f"{ITEMS} items, {self.pace.items} rounds; the threads are counted in a call of their own")
        for number, contestant in self.turns(self.pace.items):
            for workers in WORKERS if contestant.hashes else ():
                with self.guarded(contestant):
                    function = running[contestant.key, workers]
                    if number == 0:
                        self.rows.append(threads(contestant, function, workers))
                    self.rows.append(items(contestant, function, workers, number))


def cold(contestant: Contestant, number: int) -> Sample:
    """The first event of a function that is not running yet."""
    taken, since_start, rss = _first_call(contestant, MINIMAL)
    return Sample(
        samples.COLD, contestant.key, WORKERS[-1], number, round_trip=taken, since_start=since_start, rss_kb=rss
    )


def first_hash(contestant: Contestant, number: int) -> Sample:
    """The same with one password at cost 10: what is put off until it is needed is in this one."""
    taken, since_start, rss = _first_call(contestant, ONE)
    return Sample(
        samples.FIRST_HASH, contestant.key, WORKERS[-1], number, round_trip=taken, since_start=since_start, rss_kb=rss
    )


def _first_call(contestant: Contestant, event: bytes) -> tuple[float, float, int]:
    with contestant.function(WORKERS[-1]) as function:
        taken, _ = function.timed(event)
        ended = time.time_ns()
        return taken / 1e3, (ended - function.started) / 1e3, resident_kb(function.pids())


def cold_tapped(contestant: Contestant, number: int) -> Sample:
    """The same as the Runtime API sees it."""
    with contestant.function(WORKERS[-1], tapped=True) as function:
        assert function.tap is not None
        function.timed(MINIMAL)
        (invocation,) = function.tap.settled(1)
        assert function.tap.log.first_next is not None
        init = (function.tap.log.first_next - function.started) / 1e3
        return Sample(
            samples.COLD_TAPPED, contestant.key, WORKERS[-1], number, init=init, handle=invocation.handle / 1e3
        )


def warm(contestant: Contestant, function: Function, number: int, calls: int) -> list[Sample]:
    """The minimal event, one call after the other."""
    return [
        Sample(samples.WARM, contestant.key, WORKERS[-1], number, round_trip=function.timed(MINIMAL)[0] / 1e3)
        for _ in range(calls)
    ]


def warm_tapped(contestant: Contestant, function: Function, number: int, calls: int) -> list[Sample]:
    assert function.tap is not None
    known = len(function.tap.log.invocations)
    for _ in range(calls):
        function.timed(MINIMAL)
    return [
        Sample(
            samples.WARM_TAPPED,
            contestant.key,
            WORKERS[-1],
            number,
            handle=invocation.handle / 1e3,
            turn=invocation.turn / 1e3,
        )
        for invocation in function.tap.settled(known + calls)[known:]
    ]


def threads(contestant: Contestant, function: Function, workers: int) -> Sample:
    """Counted by the kernel's accounts, not by what the answer says."""
    with ThreadWatch(function.pids()) as watch:
        expect(contestant, function.timed(TWENTY)[1], ITEMS)
    return Sample(samples.THREADS, contestant.key, workers, 0, threads=watch.count)


def items(contestant: Contestant, function: Function, workers: int, number: int) -> Sample:
    taken, answer = function.timed(TWENTY)
    expect(contestant, answer, ITEMS)
    return Sample(samples.ITEMS, contestant.key, workers, number, round_trip=taken / 1e3)
