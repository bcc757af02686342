"""What is measured, section by section. All contestants of a group take turns; a group is what one table row or one bar
compares. Every turn takes about the same time, whoever's it is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.peers import john
from bench.peers.catalogue import LIBCRYPT, MANY, OURS, SAMPLE, Peer, engines, ours
from bench.peers.turns import Contestant, Hashing, Row, alternate
from bench.peers.worker import Request, Worker, usable_cores

COSTS = (4, 5, 8, 10, 12)
BATCHES = (1, 2, 3, 4, 8, 20, 64, 1000)
BATCH = 64  # of peers with lanes; a quarter at cost 12
LANES_MOST = 16  # bcrypt-rust's: with fewer jobs for each core it leaves cores idle
STEPS = range(1, 33)
STEPS_OF_PEERS = {MANY: (1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 17, 18, 20, 24, 28, 31, 32), LIBCRYPT: (1, 2, 4)}
SAMPLE_ITEMS = 20
SAMPLE_WORKERS = range(1, 7)
SINGLE = "lanecrypt, single call"
SEQUENTIAL = 0  # workers of the sample's sequential mode


@dataclass(frozen=True)
class Pace:
    """How long everything takes."""

    rounds: int = 5
    turn: float = 0.4  # seconds
    sustained: float = 3.0  # seconds of a turn beside John
    costs: tuple[int, ...] = COSTS
    longest: float = 15.0  # seconds of one batch; what is predicted to take longer is left out, by name


QUICK = Pace(rounds=1, turn=0.02, sustained=1.0, costs=(4, 5), longest=0.5)


@dataclass
class Bench:
    peers: dict[str, Peer]
    skipped: dict[str, str]
    pace: Pace
    place: Path
    say: Callable[[str], None] = print
    rows: list[Row] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def cores(self) -> int:
        return len(usable_cores())

    def core_counts(self) -> list[int]:
        return [1, self.cores] if self.cores > 1 else [1]

    @contextlib.contextmanager
    def workers(self) -> Iterator[Workers]:
        started = Workers()
        try:
            yield started
        finally:
            started.stop()

    def run(self, section: str, contestants: list[Contestant], rounds: int | None = None) -> None:
        self.rows += alternate(section, contestants, rounds or self.pace.rounds)

    def find(self, section: str, peer: str, cost: int, jobs: int, threads: int) -> Row | None:
        return find(self.rows, section, peer, cost, jobs, threads)


def find(rows: list[Row], section: str, peer: str, cost: int, jobs: int, threads: int) -> Row | None:
    wanted = (section, peer, cost, jobs, threads)
    return next((row for row in rows if (row.section, row.peer, row.cost, row.jobs, row.threads) == wanted), None)


class Workers:
    """Workers of a group of contestants: started at most once each, ended together."""

    def __init__(self) -> None:
        self._started: dict[tuple[str, ...], Worker] = {}

    def get(self, peer: Peer, cores: int, threads: int | None = None) -> Worker:
        key = (*peer.command, str(cores), str(threads if peer.environment(1) else None))
        if key not in self._started:
            self._started[key] = peer.start(cores, threads)
        return self._started[key]

    def stop(self) -> None:
        for each in self._started.values():
            each.stop()


def hashing(workers: Workers, peer: Peer, pace: Pace, cost: int, cores: int) -> Hashing:
    """A peer on so many cores, with as many threads."""
    worker = workers.get(peer, cores)
    if peer.lanes:
        size = max(BATCH if cost < 12 else BATCH // 4, LANES_MOST * cores)
        return Hashing(peer.name, worker, Request(size, cost, cores), pace.turn)
    return Hashing(peer.name, worker, Request(1, cost, cores), pace.turn, divisible=True)


def on(cores: int) -> str:
    return "one core" if cores == 1 else f"{cores} cores"


def beside_john(bench: Bench) -> None:
    """Both sides sustained: seconds at a stretch, John's own figure at cost 5 and a search at cost 10."""
    if john.TEST in bench.skipped:
        return
    costs = (5, 10)
    for cores in bench.core_counts():
        bench.say(f"beside John the Ripper, {on(cores)}")
        with bench.workers() as workers:
            worker = workers.get(bench.peers[OURS], cores)
            seconds = bench.pace.sustained
            sides: list[Contestant] = [Hashing(OURS, worker, Request(BATCH * cores, c, cores), seconds) for c in costs]
            sides.insert(1, john.Test(cores, seconds, bench.place / "john"))
            sides.append(john.Search(10, cores, seconds, bench.place / "john"))
            bench.run("john", sides)


def rates(bench: Bench) -> None:
    """Hashes per second of everybody, at every cost, on one core and on all."""
    for cores in bench.core_counts():
        for cost in bench.pace.costs:
            bench.say(f"all peers at cost {cost}, {on(cores)}")
            able = [peer for peer in bench.peers.values() if able_on(peer, cores)]
            with bench.workers() as workers:
                bench.run("rates", [hashing(workers, peer, bench.pace, cost, cores) for peer in able])


def able_on(peer: Peer, cores: int) -> bool:
    """bcrypt-rust's own threads are a peer of their own where there is more than one core."""
    return peer.threads != "one" if cores > 1 else peer.threads != "cores"


def singles(bench: Bench) -> None:
    """One hash alone, again and again: latency."""
    bench.say("single hashes")
    alone = [ours("single", name=SINGLE), *(peer for peer in bench.peers.values() if able_on(peer, 1))]
    cost = 10 if 10 in bench.pace.costs else 5
    with bench.workers() as workers:
        contestants: list[Contestant] = [
            Hashing(peer.name, workers.get(peer, 1), Request(1, cost, 1), bench.pace.turn / 2) for peer in alone
        ]
        bench.run("singles", contestants, bench.pace.rounds * 2)


def steps(bench: Bench) -> None:
    """The time of a batch by its size, on one core."""
    bench.say("batch sizes 1 to 32")
    cost = 10 if 10 in bench.pace.costs else 5
    with bench.workers() as workers:
        contestants: list[Contestant] = []
        for name, sizes in {OURS: STEPS, **STEPS_OF_PEERS}.items():
            if (peer := bench.peers.get(name)) is not None:
                worker = workers.get(peer, 1)
                contestants += [Hashing(name, worker, Request(size, cost, 1), bench.pace.turn / 4) for size in sizes]
        bench.run("steps", contestants)


def groups(bench: Bench) -> None:
    """One lane group of every engine and width, below the C ABI."""
    for cost in (5, 10) if 10 in bench.pace.costs else (5,):
        bench.say(f"lane groups of every engine and width at cost {cost}")
        with bench.workers() as workers:
            contestants: list[Contestant] = []
            for engine, lanes in engines().items():
                worker = workers.get(ours("group", engine, engine), 1)
                widths = range(1, lanes + 1)
                contestants += [Hashing(engine, worker, Request(w, cost, 1), bench.pace.turn / 4) for w in widths]
            bench.run("groups", contestants)


def batches(bench: Bench) -> None:
    """Ours: batches of every size at every cost, on one core and on all."""
    for cores in bench.core_counts():
        for cost in bench.pace.costs:
            bench.say(f"our batches at cost {cost}, {on(cores)}")
            sizes = [size for size in BATCHES if affordable(bench, cost, size, cores)]
            with bench.workers() as workers:
                worker = workers.get(bench.peers[OURS], cores)
                turn = bench.pace.turn / 2
                bench.run("batches", [Hashing(OURS, worker, Request(size, cost, cores), turn) for size in sizes])


def affordable(bench: Bench, cost: int, size: int, cores: int) -> bool:
    """By the rate of the same cost; what would take too long is left out, and the report says so."""
    known = [row for row in bench.rows if (row.peer, row.cost, row.threads) == (OURS, cost, cores)]
    seconds = size * min((row.best for row in known), default=0.0)
    if seconds > bench.pace.longest:
        bench.left_out.append(f"a batch of {size:,} at cost {cost} on {on(cores)}, about {seconds:.0f} s each")
    return seconds <= bench.pace.longest


def threads(bench: Bench) -> None:
    """Everybody who has threads, on 1, 2, 3, ... cores."""
    cost = 10 if 10 in bench.pace.costs else 5
    able = [peer for peer in bench.peers.values() if peer.threads != "one"]
    bench.say(f"1 to {bench.cores} threads")
    with bench.workers() as workers:
        bench.run(
            "threads",
            [hashing(workers, peer, bench.pace, cost, n) for peer in able for n in range(1, bench.cores + 1)],
        )


def sample(bench: Bench) -> None:
    """20 items as the function that lanecrypt's replaces hashes them, by 1 to 6 workers, beside ours.

    Both run on all cores with so many threads, as WORKER_COUNT does it: beyond the cores they share them.
    """
    if SAMPLE not in bench.peers:
        return
    bench.say(f"{SAMPLE_ITEMS} items by 1 to {SAMPLE_WORKERS[-1]} workers")
    cost = 10 if 10 in bench.pace.costs else 5
    with bench.workers() as workers:
        contestants: list[Contestant] = []
        for name in (OURS, SAMPLE):
            worker = workers.get(bench.peers[name], bench.cores)
            modes = [*([SEQUENTIAL] if name == SAMPLE else []), *SAMPLE_WORKERS]
            contestants += [Hashing(name, worker, Request(SAMPLE_ITEMS, cost, n), bench.pace.turn) for n in modes]
        bench.run("sample", contestants)


SECTIONS: dict[str, Callable[[Bench], None]] = {
    "john": beside_john,
    "rates": rates,
    "singles": singles,
    "steps": steps,
    "groups": groups,
    "batches": batches,
    "threads": threads,
    "sample": sample,
}
