"""How fast this machine computes bcrypt: a short measurement, for estimate and for the doctor's check."""

from __future__ import annotations

import os
import time

import lanecrypt

DEAREST = 10  # dearer costs are measured at this one: time doubles with each step, but for less than 1 %
PASSWORD = b"a password of usual length"


def hashes_per_second(cost: int, threads: int, seconds: float) -> float:
    """The rate at a cost, of batches as long as fill about this time."""
    measured = min(cost, DEAREST)
    lanes = max(lanecrypt.plan(4096, threads=threads).widths)
    done, began = 0, time.perf_counter()
    count = lanes * threads
    while (spent := time.perf_counter() - began) < seconds:
        lanecrypt.hash_many([PASSWORD] * count, rounds=measured, threads=threads)
        done += count
        # Whole groups; long batches when one is short, so that Python's share of it is nothing.
        per_second = done / max(time.perf_counter() - began, 1e-6)
        steps = int(max(0.0, seconds - spent) / 4 * per_second) // (lanes * threads)
        count = lanes * threads * max(1, steps)
    return done / (time.perf_counter() - began) / 2.0 ** (cost - measured)


def others_computing() -> str | None:
    """A remark where a measurement would be of this machine and its other work together."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    return f"{load:.1f} on {cores} cores: others are computing here too" if load > cores / 2 else None
