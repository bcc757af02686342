"""The threads of a Batcher, one for each core, and what they share: calls that wait, groups that run, and the end.

A thread computes one group after the other, each on its own core (threads=1): no core waits for another, two lone calls
run side by side, and the process's one gate for batches of several threads stays free for those.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from .._errors import Error, ItemError
from ._lines import Call, Group, Lines
from ._settled import settle, start_thread

Outcome = tuple["asyncio.Future[Any]", Any, "BaseException | None"]


class QueueFull(Error):
    """Too many calls wait in a Batcher already. ``code`` is ``queue_full``. Nothing was computed: try again later."""

    def __init__(self, max_queue: int) -> None:
        super().__init__("queue_full", f"{max_queue} calls wait already")
        self.max_queue = max_queue
        self.args = (max_queue,)  # what pickle and copy hand to __init__


class Stats(NamedTuple):
    """What a Batcher does and has done; in a forked child, since the fork."""

    waiting: int
    """Calls that wait for a core."""
    running: int
    """Calls in groups that are being computed."""
    groups: int
    """Groups computed so far."""
    calls: int
    """Calls in those groups; calls / groups is how many lanes were shared on average."""


def closed_error() -> Error:
    return Error("closed", "the Batcher was closed")


def deliver(calls: Iterable[Call], answers: Iterable[Any]) -> None:
    """Hands each call its answer, or the exception that stands in its place, in the thread of its loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Outcome]] = {}
    for call, answer in zip(calls, answers):
        call.password = call.hash = call.group = None
        error = answer if isinstance(answer, BaseException) else None
        by_loop.setdefault(call.loop, []).append((call.future, answer, error))
    for loop, outcomes in by_loop.items():
        with contextlib.suppress(RuntimeError):  # that loop was closed: nobody waits there
            loop.call_soon_threadsafe(_settle_all, outcomes)


def _settle_all(outcomes: list[Outcome]) -> None:
    for future, answer, error in outcomes:
        settle(future, answer, error)


class Workers:
    """Threads that compute(group) -> answers, started as they are needed, up to ``most``. Safe from any thread."""

    def __init__(self, compute: Callable[[Group], list[Any]], *, widest: int, most: int, max_queue: int) -> None:
        self._compute = compute
        self._widest = widest
        self._most = most
        self._max_queue = max_queue
        self._closed = False
        self.begin_anew()
        _all.add(self)

    def begin_anew(self) -> None:
        """Nothing waits, nothing runs. In a forked child the threads and the calls were the parent's, and the lock may
        be held by a thread that is not there."""
        self._changed = threading.Condition()  # reentrant: the garbage collector may call close() inside of it
        self._lines = Lines(self._widest)
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._running: set[Group] = set()
        self._groups_done = self._calls_done = 0
        self._closers: list[Callable[[], None]] = []

    def stats(self) -> Stats:
        with self._changed:
            running = sum(len(group.calls) for group in self._running)
            return Stats(self._lines.count, running, self._groups_done, self._calls_done)

    def submit(self, call: Call) -> None:
        """Puts a call into its line. It is computed after the next wake(), or by a thread that becomes free before."""
        with self._changed:
            if self._closed:
                raise closed_error()
            if self._lines.count >= self._max_queue:
                raise QueueFull(self._max_queue)
            if self._idle <= self._lines.count and len(self._threads) < self._most:
                self._start_one()
            self._lines.add(call)

    def _start_one(self) -> None:
        thread = threading.Thread(target=self._work, name="lanecrypt.aio worker", daemon=True)
        try:
            start_thread(thread)
        except Error:
            if not self._threads:
                raise
        else:
            self._threads.add(thread)
            self._idle += 1  # from now on, so that it gets its share of what waits

    def wake(self) -> None:
        """Idle threads share what waits."""
        with self._changed:
            self._changed.notify(self._lines.count)

    def withdraw(self, call: Call) -> None:
        """Its task does not wait any more. Calls beside it are computed all the same."""
        with self._changed:
            call.password = call.hash = None
            group = call.group
            if not self._lines.remove(call) and group is not None:
                group.wanted -= 1
                if group.wanted == 0:
                    group.cancel.set()

    def close(self, finish: bool) -> None:
        """Takes no more calls. Those that wait are finished, or fail at once together with those that run."""
        with self._changed:
            self._closed = True
            left = [] if finish else self._lines.clear()
            for group in self._running if not finish else ():
                group.refused = True
                group.cancel.set()
            self._changed.notify_all()
        deliver(left, [closed_error() for _ in left])

    def when_ended(self, tell: Callable[[], None]) -> None:
        """Calls tell() when the last thread has ended, in that thread; at once if there is none."""
        with self._changed:
            if self._threads:
                self._closers.append(tell)
                return
        tell()

    def join(self) -> None:
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join()

    def _work(self) -> None:
        """One thread."""
        group: Group | None = None
        try:
            while (group := self._next()) is not None:
                answers = self._answers(group)
                self._done(group)
                deliver(group.calls, answers)
                del answers
                group = None  # nothing is kept while it waits for the next one
                self._rest()
        finally:
            self._leave(group)

    def _next(self) -> Group | None:
        with self._changed:
            try:
                while self._lines.count == 0:
                    if self._closed:
                        return None
                    self._changed.wait()
                group = self._lines.take(self._idle)
                self._running.add(group)
                return group
            finally:
                self._idle -= 1

    def _rest(self) -> None:
        with self._changed:
            self._idle += 1

    def _answers(self, group: Group) -> list[Any]:
        """An answer or an exception for each call, each with an exception of its own: its traceback is its task's."""
        try:
            answers = self._compute(group)
        except Error as error:
            return [Error(error.code, error.message) for _ in group.calls]
        except BaseException as error:
            text = f"a group of calls could not be computed: {type(error).__name__}"
            return [Error("internal", text) for _ in group.calls]
        return [_for_one_call(answer, group) for answer in answers]

    def _done(self, group: Group) -> None:
        with self._changed:
            self._running.discard(group)
            self._groups_done += 1
            self._calls_done += len(group.calls)

    def _leave(self, group: Group | None) -> None:
        """The end of a thread. If it still has a group, it ends by an exception, and nobody shall wait for it."""
        with self._changed:
            self._threads.discard(threading.current_thread())
            left = [] if group is None else list(group.calls)
            if group is not None:
                self._running.discard(group)
            closers: list[Callable[[], None]] = []
            if not self._threads:
                left += self._lines.clear()
                closers, self._closers = self._closers, []
        deliver(left, [Error("internal", "a thread of the Batcher ended") for _ in left])
        for tell in closers:
            tell()


def _for_one_call(answer: Any, group: Group) -> Any:
    if not isinstance(answer, ItemError):
        return answer
    if group.refused and answer.code == "cancelled":
        return closed_error()
    return ItemError(0, answer.code, answer.message)  # its place in the group means nothing to the caller


_all: weakref.WeakSet[Workers] = weakref.WeakSet()


def _begin_anew_in_child() -> None:
    for workers in list(_all):
        workers.begin_anew()


def _end_all() -> None:
    """Before the interpreter goes: a thread that comes back from the C library later would end the process badly."""
    for workers in list(_all):
        workers.close(finish=False)
        workers.join()


os.register_at_fork(after_in_child=_begin_anew_in_child)
atexit.register(_end_all)
