"""Waiting for work in a thread so that a task that is cancelled meanwhile does not leave it running behind its back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from .._errors import Error


def start_thread(thread: threading.Thread) -> None:
    """Starts a thread. Error "out_of_memory" where the machine has none left."""
    try:
        thread.start()
    except RuntimeError:
        raise Error("out_of_memory", "no thread could be started") from None


def settle(future: asyncio.Future[Any], result: Any, error: BaseException | None = None) -> None:
    """Gives a future its end, in the thread of its loop, unless it was cancelled before."""
    if future.done():
        return
    if error is None:
        future.set_result(result)
    elif isinstance(error, StopIteration):  # which no future takes
        future.set_exception(RuntimeError("StopIteration was raised"))
    else:
        future.set_exception(error)


async def settled(future: asyncio.Future[Any], stop: Callable[[], None]) -> Any:
    """Waits until the future is done, whatever happens to the task: its result.

    If the task is cancelled, stop() is called, the future is awaited all the same, and then CancelledError goes on.
    """
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = cancelled or error
            stop()
    if cancelled is None:
        return future.result()
    future.exception()  # looked at, or asyncio logs that nobody did
    raise cancelled
