"""The answers that have fields: named tuples. Apart, because most programs need none and typing is slow to import.

Annotations are evaluated here: help() shows them.
"""

from typing import NamedTuple, Optional


class Verified(NamedTuple):
    """The answer of verify_many for one item where ``upgrade_to`` was given. Its truth value is ``match``."""

    match: bool
    """Whether the password is the hash's."""
    new_hash: Optional[bytes]
    """A hash to store from now on; None where the stored one is good enough, or did not match."""
    upgrade_error: Optional[str]
    """Why an upgrade that was due could not be made: a code such as ``deadline``; else None."""

    def __bool__(self) -> bool:
        return self.match


class Engine(NamedTuple):
    """One way to compute bcrypt. All give the same bits."""

    name: str
    lanes: int
    """How many passwords it advances in lockstep at most."""
    state: str
    """``ready``; ``cpu_lacks`` instructions; or ``failed_test``: it gave a wrong known answer and is not used."""
    relative_time: tuple[float, ...]
    """``[w - 1]``: time of a group of w lanes over that of one lane, as the planner takes it."""


class Budget(NamedTuple):
    """What bounds the number of threads. None: that bound does not apply here."""

    threads: int
    """The least of the bounds, at least 1: what a batch uses where ``threads`` is None."""
    visible_cores: int
    affinity: Optional[int]
    cgroup: Optional[int]
    """CPU quota, in whole processors rounded up."""
    lambda_: Optional[int]
    """On AWS Lambda: what the function's memory pays for."""


class Plan(NamedTuple):
    """How a batch of equal costs would be cut."""

    engine: str
    threads: int
    widths: tuple[int, ...]
    """Lanes of each group, in the order in which they would start."""
    relative_time: float
    """Predicted time of the batch over that of one hash alone."""
    width_limit: int
    """The widest group on this machine: its lanes must fit into the L1 data cache."""
    width_reason: str
    """Why it is not wider."""
    l1d_bytes: Optional[int]
    """L1 data cache of one core. None: unknown."""
    l1d_threads: int
    """Hardware threads that share it."""


class HashInfo(NamedTuple):
    """What a stored hash says of itself."""

    prefix: bytes
    """b"2a", b"2b", b"2x" or b"2y"."""
    cost: int
    setting: bytes
    """Its first 29 bytes."""
