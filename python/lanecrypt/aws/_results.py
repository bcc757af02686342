"""What a destination is given, and what it answers: one file per destination, one row for it in records.py.

A result is what liblambda's record handler computed of one record: {"record", "source", "group", "arn", "answer"}.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from lanecrypt.aws._clock import Deadline

Result = dict[str, Any]


class Delivered:
    """``failed``: indexes of results that are not there. ``codes``: why, and how often. ``results``: what is there now,
    which may be what an earlier delivery of the same record put there."""

    def __init__(self, results: list[Result]) -> None:
        self.results = list(results)
        self.failed: set[int] = set()
        self.codes: Counter[str] = Counter()

    def fail(self, index: int, code: str) -> None:
        self.failed.add(index)
        self.codes[code] += 1


class Destination:
    def deliver(self, results: list[Result], deadline: Deadline) -> Delivered:
        """Delivers as many as it can until the deadline. One result that cannot be delivered spoils no other."""
        raise NotImplementedError


def items_of(answer: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The items of a request's answer; None for the answer of a body that was one item."""
    items = answer.get("items")
    return items if isinstance(items, list) and "op" in answer else None


def of_group(result: Result) -> tuple[str, str]:
    """What must stay in order: a FIFO queue's group, a stream's partition key; else the record alone."""
    return result["arn"], str(result.get("group", result["record"]))
