"""A hundred items of uneven costs in one event: how many threads took them, and what part of their time was idle.

An answer does not tell what its threads did, but one can ask how long the same items take on one thread. That time,
times the processors that one thread has, is the work. What all threads could have done is their time, times their
processors. What is missing between the two was idle, or lost to narrower lane groups: so it is an upper limit.

Here the kernel also counts how long each thread ran and how long it waited for a processor. What is left is idle time.
"""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click
from rich.console import Console

from .tables import NOTHING, TITLES, number, table
from .targets import Function, Session, Target, counted, hashing_threads

MIX = "8:40,9:30,10:20,11:8,12:2"


def parse_mix(text: str) -> dict[int, int]:
    """Cost: items, from "8:40,9:30". Raises click.BadParameter."""
    mix: dict[int, int] = {}
    for part in text.split(","):
        cost, _, count = part.partition(":")
        if not (cost.strip().isdecimal() and count.strip().isdecimal()) or not 4 <= int(cost) <= 14 or int(count) < 1:
            raise click.BadParameter(f"{part.strip()!r} is not COST:ITEMS with a cost of 4 to 14 and at least one item")
        if int(cost) in mix:
            raise click.BadParameter(f"cost {int(cost)} is there twice")
        mix[int(cost)] = int(count)
    return mix


def event(mix: dict[int, int], mode: str) -> bytes:
    """The costs are in an order drawn once for all, so that every function and every run has the same event."""
    costs = [cost for cost, count in mix.items() for _ in range(count)]
    random.Random("lanecrypt burst").shuffle(costs)
    items = [{"id": index, "password": f"password_{index:06}", "cost": cost} for index, cost in enumerate(costs)]
    return json.dumps({"op": "hash", "mode": mode, "items": items}, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Burst:
    """Medians over the runs, milliseconds. `ran_ms`, `waited_ms`: of all threads in a parallel run, None if unseen."""

    function: Function
    items: int
    threads: int
    processors: float  # of those threads between them
    one_processor: float  # that a single thread has: less than one where the memory pays for less
    sequential_ms: float
    parallel_ms: float
    ran_ms: float | None
    waited_ms: float | None

    @property
    def idle(self) -> float:
        """The upper limit, as a share of what the processors could have done; at least 0."""
        return max(1 - self.sequential_ms * self.one_processor / (self.parallel_ms * self.processors), 0.0)

    @property
    def idle_ms(self) -> float:
        """The same of all threads together."""
        return self.idle * self.parallel_ms * self.processors

    @property
    def waited_share(self) -> float | None:
        return None if self.waited_ms is None else self.waited_ms / (self.parallel_ms * self.threads)

    @property
    def idle_share(self) -> float | None:
        """Of the threads' time, as the kernel counts it."""
        if self.ran_ms is None or self.waited_ms is None:
            return None
        return max(1 - (self.ran_ms + self.waited_ms) / (self.parallel_ms * self.threads), 0.0)


def measure(
    target: Target, functions: Sequence[Function], mix: dict[int, int], runs: int, step: Callable[[], None]
) -> list[Burst]:
    bursts = []
    for function in functions:
        with target.open(function) as session:
            bursts.append(_measure_one(target, function, session, mix, runs, step))
    return bursts


def _measure_one(
    target: Target, function: Function, session: Session, mix: dict[int, int], runs: int, step: Callable[[], None]
) -> Burst:
    items = sum(mix.values())
    warm_up = event({min(mix): 1}, "sequential")
    counted(function, session.invoke(warm_up), 1)
    times: dict[str, list[int]] = {"sequential": [], "parallel": []}
    used: list[tuple[float, float]] = []
    threads = 1
    for _ in range(runs):  # in turns, so that a change of the machine's speed meets both
        for mode, taken in times.items():
            before = session.thread_ms()
            answer = counted(function, session.invoke(event(mix, mode)), items)
            after = session.thread_ms()
            taken.append(max(answer["duration_ms"], 1))
            if mode == "parallel":
                threads = answer["threads_used"]
                took = hashing_threads(before, after, threads)
                used += [(sum(ran for ran, _ in took), sum(waited for _, waited in took))] if took else []
            step()
    available = target.processors(function)
    return Burst(
        function=function,
        items=items,
        threads=threads,
        processors=min(threads, available),
        one_processor=min(1, available),
        sequential_ms=statistics.median(times["sequential"]),
        parallel_ms=statistics.median(times["parallel"]),
        ran_ms=statistics.median(ran for ran, _ in used) if used else None,
        waited_ms=statistics.median(waited for _, waited in used) if used else None,
    )


def show(out: Console, bursts: list[Burst], mix: dict[int, int], label: str) -> None:
    costs = ", ".join(f"{count} at cost {cost}" for cost, count in mix.items())
    names = ["workers", "threads", "processors", "one thread\nms", "all threads\nms", "hashes/s"]
    names += ["idle\nat most", "of all threads\nms"]
    measured = any(burst.ran_ms is not None for burst in bursts)
    names += ["waited for\na processor", "idle by\nthe kernel"] if measured else []
    shown = table(f"{bursts[0].items} items in one event: {costs}. {TITLES[label]}", ["function"], names)
    for each in bursts:
        seen = [each.waited_share, each.idle_share] if measured else []
        shown.add_row(
            each.function.name,
            str(each.function.workers),
            str(each.threads),
            f"{each.processors:.2f}".rstrip("0").rstrip("."),
            number(each.sequential_ms),
            number(each.parallel_ms),
            number(each.items / each.parallel_ms * 1e3, 1),
            f"{each.idle:.1%}",
            number(each.idle_ms),
            *(NOTHING if share is None else f"{share:.1%}" for share in seen),
        )
    out.print(shown)
    out.print("Idle at most: 1 - one thread's ms * its processor / (all threads' ms * their processors).")
    if measured:
        out.print(
            "By the kernel: shares of all threads' ms * threads. Idle is when they neither ran nor waited to run."
        )
