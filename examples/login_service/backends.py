"""What computes bcrypt for the login service: lanecrypt's Batcher, or pyca/bcrypt in a thread pool to compare it with.

Both hash, verify with an upgrade, do the same work for unknown users, use every core and bound what waits.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from lanecrypt import ItemError, cpu_budget
from lanecrypt.aio import Batcher, QueueFull

PASSWORD_MAX = 72


class TooBusy(Exception):
    """So many calls wait that one more had better come back later."""


class Backend(Protocol):
    async def hash(self, password: bytes) -> bytes: ...

    async def verify(self, password: bytes, hash: bytes | None) -> tuple[bool, bytes | None]:
        """Whether the password is the hash's, and a hash to store in its place, if that one has grown too weak."""

    def figures(self) -> dict[str, Any]: ...

    async def __aenter__(self) -> Any: ...

    async def __aexit__(self, *error: Any) -> None: ...


class WithLanecrypt:
    """A call is a line; the Batcher does the rest."""

    def __init__(self, rounds: int, queue: int) -> None:
        self._rounds = rounds
        self._batcher = Batcher(rounds=rounds, max_queue=queue)

    async def hash(self, password: bytes) -> bytes:
        try:
            return await self._batcher.hash(password)
        except QueueFull:
            raise TooBusy from None

    async def verify(self, password: bytes, hash: bytes | None) -> tuple[bool, bytes | None]:
        try:
            answer = await self._batcher.verify(password, hash, upgrade_to=self._rounds)
        except QueueFull:
            raise TooBusy from None
        return answer.match, answer.new_hash

    def figures(self) -> dict[str, Any]:
        return {"backend": "lanecrypt", **self._batcher.stats._asdict()}

    async def __aenter__(self) -> Any:
        await self._batcher.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._batcher.__aexit__(*error)


class WithPyca:
    """The usual way: one password for each thread, one thread for each core."""

    def __init__(self, rounds: int, queue: int) -> None:
        import bcrypt

        self._bcrypt = bcrypt
        self._rounds = rounds
        self._cores = cpu_budget().threads
        self._pool = ThreadPoolExecutor(self._cores, "bcrypt")
        self._unfinished = 0
        self._most = queue + self._cores
        self._dummy = bcrypt.hashpw(secrets.token_bytes(16), bcrypt.gensalt(rounds))

    async def hash(self, password: bytes) -> bytes:
        hash: bytes = await self._run(self._hash, password)
        return hash

    async def verify(self, password: bytes, hash: bytes | None) -> tuple[bool, bytes | None]:
        answer: tuple[bool, bytes | None] = await self._run(self._verify, password, hash)
        return answer

    def _hash(self, password: bytes) -> bytes:
        return self._bcrypt.hashpw(password, self._bcrypt.gensalt(self._rounds))

    def _verify(self, password: bytes, hash: bytes | None) -> tuple[bool, bytes | None]:
        matches = self._bcrypt.checkpw(password, hash or self._dummy) and hash is not None
        weak = hash is not None and int(hash[4:6]) < self._rounds
        return matches, self._hash(password) if matches and weak else None

    async def _run(self, function: Callable[..., Any], password: bytes, *arguments: Any) -> Any:
        if len(password) > PASSWORD_MAX:
            raise ItemError(0, "password_too_long")
        if self._unfinished >= self._most:
            raise TooBusy
        self._unfinished += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function, password, *arguments)
        finally:
            self._unfinished -= 1

    def figures(self) -> dict[str, Any]:
        running = min(self._unfinished, self._cores)
        return {"backend": "pyca", "waiting": self._unfinished - running, "running": running}

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._pool.shutdown()


def make_backend(name: str, rounds: int, queue: int) -> Backend:
    if name == "lanecrypt":
        return WithLanecrypt(rounds, queue)
    if name == "pyca":
        return WithPyca(rounds, queue)
    raise ValueError(f"LOGIN_BACKEND must be lanecrypt or pyca, not {name}")
