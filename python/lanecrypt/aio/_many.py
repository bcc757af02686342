"""hash_many and verify_many for asyncio: a batch runs in a thread of its own, and ends with the task that awaits it."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

from .. import _batch
from .._core import Cancel
from .._options import checked_cancel, checked_progress
from ._settled import settle, settled, start_thread


async def hash_many(
    passwords: Any, *, progress: Any = None, cancel: Cancel | None = None, **arguments: Any
) -> list[Any]:
    """lanecrypt.hash_many in a thread of its own: the same arguments, answers and errors.

    Cancelling the task ends the batch: in a few ms, or within 100 ms where ``cancel`` is given (which is left alone, as
    other batches may share it). CancelledError goes on when the thread has ended: nothing keeps running.

    progress  called in the event loop's thread as progress(done, total), so that it may touch what belongs to the loop;
              the batch does not wait for it. Where the loop is late, calls in between are left out. False ends the
              batch, and what it raises ends the batch and is raised here. It must not be a coroutine function.
    deadline  counts from the await.

    An iterable of passwords is read in that thread, and must not be changed before this returns. The thread is new for
    each call and no daemon: a program that ends without its loop waits for it. Safe in any event loop, in any thread.
    """
    return await _Run(progress, cancel).answers(_batch.hash_many, passwords, **arguments)


async def verify_many(
    passwords: Any, hashes: Any, *, progress: Any = None, cancel: Cancel | None = None, **arguments: Any
) -> list[Any]:
    """lanecrypt.verify_many in a thread of its own: the same arguments, answers and errors. See hash_many."""
    return await _Run(progress, cancel).answers(_batch.verify_many, passwords, hashes, **arguments)


class _Run:
    """One batch in its thread, and the task that waits for it."""

    def __init__(self, progress: Any, cancel: Cancel | None) -> None:
        if inspect.iscoroutinefunction(progress):
            raise TypeError("progress must not be a coroutine function")
        self._progress = checked_progress(progress)
        self._shared = checked_cancel(cancel) is not None
        self._cancel = cancel if cancel is not None else Cancel()
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self._done: asyncio.Future[list[Any]] = self._loop.create_future()
        self._stopped = False
        self._latest = (0, 0)  # what progress is to be told next,
        self._telling = False  # if the loop was asked to
        self._raised: BaseException | None = None

    async def answers(self, function: Callable[..., list[Any]], *columns: Any, **arguments: Any) -> list[Any]:
        call = functools.partial(function, *columns, progress=self._watch, cancel=self._cancel, **arguments)
        start_thread(threading.Thread(target=self._compute, args=(call,), name="lanecrypt.aio batch"))
        answers: list[Any] = []
        try:
            answers = await settled(self._done, self._stop)
        except Exception:
            if self._raised is None:
                raise
        if self._raised is not None:
            raise self._raised
        return answers

    def _stop(self) -> None:
        """In the loop's thread: ends the batch."""
        self._stopped = True
        if not self._shared:
            self._cancel.set()

    def _tell(self) -> None:
        """In the loop's thread: calls progress."""
        self._telling = False  # before the figures are read: newer ones are told again rather than lost
        if self._stopped:
            return
        try:
            if self._progress(*self._latest) is False:
                self._stop()
        except BaseException as error:
            self._raised = error
            self._stop()

    def _watch(self, done: int, total: int) -> bool:
        """In the batch's thread, about every 50 ms: whether to go on."""
        if self._loop.is_closed():
            return False  # nobody waits any more
        self._latest = (done, total)
        if self._progress is not None and not self._telling:
            self._telling = True
            self._in_loop(self._tell)
        return not self._stopped

    def _compute(self, call: Callable[[], list[Any]]) -> None:
        """The batch's thread."""
        try:
            self._in_loop(settle, self._done, call())
        except BaseException as error:
            self._in_loop(settle, self._done, None, error)

    def _in_loop(self, function: Callable[..., None], *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed
            self._loop.call_soon_threadsafe(function, *arguments, context=self._context)
