"""What the tests of lanecrypt.aio share: a look at every group that is computed, and a gate that holds groups up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import lanecrypt._batch
import pytest


class Groups:
    """Every group that a Batcher computes, by what really computes it. Closed, its gate holds each up before that."""

    def __init__(self) -> None:
        self.seen: list[list[Any]] = []
        """The passwords of each group, in the order in which they began."""
        self.options: list[dict[str, Any]] = []
        self.gate = threading.Event()
        self.gate.set()

    def wrap(self, function: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
        def watched(passwords: Any, *hashes: Any, **options: Any) -> list[Any]:
            self.seen.append([bytes(each) for each in passwords])
            self.options.append(options)
            assert self.gate.wait(30)
            return function(passwords, *hashes, **options)

        return watched

    @property
    def sizes(self) -> list[int]:
        return [len(each) for each in self.seen]

    async def began(self, count: int) -> None:
        """Waits until so many groups have begun."""
        while len(self.seen) < count:
            await asyncio.sleep(0.001)


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> Iterator[Groups]:
    watched = Groups()
    for name in ("hash_many", "verify_many"):
        monkeypatch.setattr(lanecrypt._batch, name, watched.wrap(getattr(lanecrypt._batch, name)))
    yield watched
    watched.gate.set()
