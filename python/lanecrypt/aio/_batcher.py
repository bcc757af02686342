"""Batcher: single calls from many tasks, gathered into the lanes of each core. See the class."""

from __future__ import annotations

import asyncio
import weakref
from types import TracebackType
from typing import TYPE_CHECKING, Any, Union, overload

from .. import _batch
from .._machine import cpu_budget, identify
from .._options import THREADS_MAX, make_options, whole_number
from .._types import Verified
from ._lines import Call, Group, Kind, widest_group
from ._settled import settle, settled
from ._workers import Stats, Workers

_QUEUE_MAX = 1_000_000
if TYPE_CHECKING:
    _Bytes = Union[bytes, bytearray, memoryview]


class _Computes:
    """Computes a group on the calling thread, with a Batcher's options. It does not hold the Batcher, which can be
    collected while threads wait for work."""

    def __init__(self, *, equal_time: bool, **options: Any) -> None:
        self._options = options
        self._equal_time = equal_time

    def __call__(self, group: Group) -> list[Any]:
        kind = group.calls[0].kind
        options = dict(self._options, threads=1, on_error="return", cancel=group.cancel)
        passwords = [call.password for call in group.calls]
        if not kind.verifies:
            return _batch.hash_many(passwords, **options)
        hashes = [call.hash for call in group.calls]
        options.update(upgrade_to=kind.upgrade_to, equal_time=self._equal_time)
        return _batch.verify_many(passwords, hashes, **options)


class Batcher:
    """Hashes and verifies single passwords for many tasks at once, several per core.

        async with Batcher(rounds=12) as batcher:
            stored = await batcher.hash(b"correct horse")
            matches = await batcher.verify(b"correct horse", stored)

    A lone call starts at once: there is no timer. Calls that come while every core is busy wait, and a core that
    becomes free takes as many of one kind as its lanes compute best side by side. Calls are of one kind if they all
    hash, or all verify against hashes of one cost with the same upgrade_to; kinds take turns, group by group, so that
    none starves and a cheap call waits for one group at most of each dearer kind.

    rounds          cost of new hashes and of the work done for unknown users, 4 to max_cost; default 12.
    prefix          of new hashes: b"2b", b"2a" or b"2y".
    max_cost        ceiling for every cost, 4 to 31: a stored hash above it is an error; default 14.
    long_passwords  "refuse": a password over 72 bytes is an error; "truncate": its first 72 bytes are used.
    equal_time      True: a stored hash that is malformed or over max_cost, and a password that is too long, are errors
                    as ever, and take the time of an unknown user; see verify_many.
    threads         how many cores to use, 1 to 1024; None: as many as cpu_budget() says. They start when needed.
    max_queue       how many calls may wait, 1 to 1,000,000; default 10,000. One more raises QueueFull.
    engine          an engine by name (see engines()); None: the best that runs here.

    Raises TypeError and ValueError for a bad argument, Error "unsupported" for an engine that cannot run here.

    One for the whole program is best. It belongs to no event loop: make it anywhere, before or after a fork, and call
    it from any loop in any thread. In a forked child it is as new: without the parent's calls, with threads of its own.
    (A loop that was running when it was forked cannot go on in the child; nor can the calls that wait in it.) Without
    aclose() its threads end when it is collected, or with the program; calls that wait then fail with "closed".

    A password is held until its group has been computed or its call was cancelled. A bytearray or memoryview is read
    when the group begins, and may be wiped when the call has returned.
    """

    def __init__(
        self,
        *,
        rounds: int = 12,
        prefix: bytes = b"2b",
        max_cost: int = 14,
        long_passwords: str = "refuse",
        equal_time: bool = False,
        threads: int | None = None,
        max_queue: int = 10_000,
        engine: str | None = None,
    ) -> None:
        make_options(rounds, prefix, long_passwords, max_cost, threads, engine, None, equal_time)  # for its errors
        limit = whole_number("max_queue", max_queue, 1, _QUEUE_MAX)
        most = cpu_budget().threads if threads is None else whole_number("threads", threads, 1, THREADS_MAX)
        self._rounds, self._prefix, self._max_cost = rounds, prefix, max_cost
        self._long_passwords, self._equal_time, self._engine = long_passwords, equal_time, engine
        computes = _Computes(
            equal_time=equal_time,
            rounds=rounds,
            prefix=prefix,
            max_cost=max_cost,
            long_passwords=long_passwords,
            engine=engine,
        )
        self._workers = Workers(computes, widest=widest_group(engine), most=most, max_queue=limit)
        weakref.finalize(self, self._workers.close, False).atexit = False  # what is left then has a place of its own

    @property
    def stats(self) -> Stats:
        """What waits, runs and was done. From any thread."""
        return self._workers.stats()

    async def hash(self, password: _Bytes) -> bytes:
        """The hash of a password, with a new salt: 60 bytes.

        Raises TypeError where it is no bytes; ItemError ("password_too_long", "no_entropy"); QueueFull; and Error
        ("closed", "out_of_memory", "internal"). A call that is cancelled before its group begins is not computed; one
        that is cancelled later leaves the others of its group alone.
        """
        _check_bytes("password", password)
        call = Call(Kind(False, self._rounds, None), password, None)
        del password  # tracebacks keep what this frame holds
        answer: bytes = await self._answer(call)
        return answer

    @overload
    async def verify(self, password: _Bytes, hash: _Bytes | None, *, upgrade_to: None = ...) -> bool: ...

    @overload
    async def verify(self, password: _Bytes, hash: _Bytes | None, *, upgrade_to: int) -> Verified: ...

    async def verify(self, password: _Bytes, hash: _Bytes | None, *, upgrade_to: int | None = None) -> bool | Verified:
        """Whether a password is that of a stored hash of 60 bytes, in constant time.

        hash        None: the user is unknown. The same work is done as for a hash of the Batcher's rounds, in the
                    same groups, and the answer is False.
        upgrade_to  None, or a cost from 4 to max_cost: the answer is then Verified, and where the password matches and
                    the hash is below that cost (or of an older variant), its new_hash is to be stored from now on.

        Raises what hash() raises, ValueError for upgrade_to, and ItemError ("invalid_hash", "cost_too_high").
        """
        _check_bytes("password", password)
        if hash is not None:
            _check_bytes("hash", hash)
            hash = bytes(hash)
        if upgrade_to is not None:
            make_options(self._rounds, self._prefix, self._long_passwords, self._max_cost, 1, self._engine, upgrade_to)
        call = Call(self._verify_kind(hash, upgrade_to), password, hash)
        del password  # as in hash()
        answer: bool | Verified = await self._answer(call)
        return answer

    def _verify_kind(self, hash: bytes | None, upgrade_to: int | None) -> Kind:
        known = None if hash is None else identify(hash)
        if known is not None and known.cost <= self._max_cost:
            cost = known.cost
        else:  # what is not computed costs nothing, and so waits for none that does
            cost = self._rounds if hash is None or self._equal_time else 0
        return Kind(True, cost, None if upgrade_to is None else int(upgrade_to))

    async def _answer(self, call: Call) -> Any:
        self._workers.submit(call)
        # Behind the calls that other tasks make in this turn of the loop, so that these share its lanes.
        call.loop.call_soon(self._workers.wake)
        try:
            return await call.future
        except BaseException:
            self._workers.withdraw(call)
            raise

    async def aclose(self, *, finish: bool = True) -> None:
        """Takes no more calls (Error "closed"), and returns when the threads have ended.

        finish  True: calls that wait are computed before. False: they fail with Error "closed", and so do those that
                are being computed, within milliseconds. To wait for a while only, cancel aclose(), with wait_for() for
                example: it then goes on as False, and returns when that is done.

        May be called again, and from any loop. ``async with`` finishes, unless it is left by an exception.
        """
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()

        def tell() -> None:
            try:
                loop.call_soon_threadsafe(settle, ended, None)
            except RuntimeError:  # the loop was closed
                return

        self._workers.close(finish)
        self._workers.when_ended(tell)
        await settled(ended, lambda: self._workers.close(False))

    async def __aenter__(self) -> Batcher:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose(finish=kind is None)


def _check_bytes(name: str, value: Any) -> None:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{name} must be bytes, not {type(value).__name__}")
