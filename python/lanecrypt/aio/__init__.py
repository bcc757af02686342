"""lanecrypt for asyncio: batches that do not block the event loop, and single calls that share lanes.

    from lanecrypt.aio import Batcher, hash_many, verify_many

    hashes = await hash_many([b"correct horse", b"battery staple"], rounds=12)

    async with Batcher(rounds=12) as batcher:              # one for the whole program, a login service for example
        stored = await batcher.hash(b"correct horse")
        await batcher.verify(b"correct horse", stored)     # True

hash_many, verify_many   whole batches, each in a thread of its own; cancelling the task ends the batch in milliseconds
Batcher                  single calls from many tasks, computed side by side in the lanes of each core
QueueFull                what a Batcher raises where too many calls wait already

Imported by name or as ``lanecrypt.aio``: ``import lanecrypt`` alone does not load asyncio.
"""

from __future__ import annotations

from ._batcher import Batcher
from ._many import hash_many, verify_many
from ._workers import QueueFull, Stats

__all__ = ["Batcher", "QueueFull", "Stats", "hash_many", "verify_many"]
