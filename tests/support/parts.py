"""How pytest's tests are dealt out to workers (pytest-xdist): a file is one part, and so is what shares a workshop.

A part runs on one worker, in its order. Tests that build in one folder, or whose fixtures take long to make, are one
part; what takes longest comes first, so that no worker ends with it alone.

Each worker collects the tests for itself and must find the same names: no clock, no random number in a parameter's.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

# What belongs together, longest first: wheels are built once for both, at build/wheel; the others have fixtures of
# their own that take long.
TOGETHER = (
    ("tests/python/test_wheels.py", "tests/artifacts/"),
    ("tests/python/crowbar/",),
    ("tests/arm64/",),
    ("tests/aws/data/test_objects.py",),
    ("tests/aws/",),
    ("tests/runtime/",),  # faults that wait are begun by the first and asked for last
)


def part(node: str) -> str:
    """The part to which a test belongs, by its node's name."""
    file = node.partition("::")[0]
    return next((names[0] for names in TOGETHER if file.startswith(names)), file)


def place(node: str) -> int:
    """Where its part comes: those of TOGETHER in their order, then all others."""
    firsts = [names[0] for names in TOGETHER]
    return firsts.index(part(node)) if part(node) in firsts else len(firsts)


class ByPart(LoadScopeScheduling):
    """A part on one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return part(nodeid)
