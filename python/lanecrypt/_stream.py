"""hash_stream and verify_stream: inputs larger than memory, in order, in chunks of about a second of work."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, NamedTuple, Optional

from . import _core
from ._batch import hash_columns, make_call, same_length, verify_columns
from ._core import Cancel, Column, make_column
from ._errors import ItemError
from ._machine import plan
from ._options import make_options, one_of

Call = tuple[int, Any, Optional[Cancel]]

_GROUPS_AT_ONCE = 4
_LARGEST = 1 << 16


class ChunkSize:
    """How many items to compute at once: whole lane groups for all threads, and about as many as take ``seconds``.

    Chunks that are multiples of what a machine computes side by side lose nothing at their ends.
    """

    def __init__(self, threads: int | None = None, engine: str | None = None, seconds: float = 1.0) -> None:
        wide = plan(4096, threads=threads, engine=engine)
        self._step = max(wide.widths) * wide.threads
        self._seconds = seconds
        self.size: int = self._step * _GROUPS_AT_ONCE
        """Items of the next chunk."""

    def took(self, count: int, seconds: float) -> None:
        """Tells that count items took so long. It grows fourfold at most: a short chunk tells little."""
        wanted = min(count * self._seconds / max(seconds, 1e-6), 4.0 * self.size, float(_LARGEST))
        self.size = max(round(wanted / self._step), 1) * self._step


class _Chunk(NamedTuple):
    """Items start to stop of columns that belong together."""

    passwords: Column
    hashes: Column | None
    start: int
    stop: int
    last: bool
    """Nothing else is cut from these columns."""


def _is_arrow(items: Any) -> bool:
    return hasattr(items, "__arrow_c_array__") or hasattr(items, "__arrow_c_stream__")


def _take(items: Iterator[Any], count: int) -> tuple[list[Any], Exception | None]:
    """Up to count items, and what the iterator raised after them: what it gave before that is not lost."""
    taken: list[Any] = []
    try:
        while len(taken) < count:
            taken.append(next(items))
    except StopIteration:
        pass
    except Exception as error:
        return taken, error
    return taken, None


def _object_chunk(passwords: list[Any], hashes: list[Any] | None) -> _Chunk:
    others = None if hashes is None else make_column(hashes, "hashes")
    return _Chunk(make_column(passwords, "passwords"), others, 0, len(passwords), last=True)


def _object_chunks(items: Iterable[Any], size: ChunkSize) -> Iterator[_Chunk]:
    iterator = iter(items)
    while True:
        taken, error = _take(iterator, size.size)
        if not taken and error is None:
            return
        if taken:
            chunk = _object_chunk(taken, None)
            del taken
            yield chunk
        if error is not None:
            raise error


def _pair_chunks(passwords: Iterable[Any], hashes: Iterable[Any], size: ChunkSize) -> Iterator[_Chunk]:
    left, right = iter(passwords), iter(hashes)
    done = 0
    while True:
        some, error = _take(left, size.size)
        # One more where passwords has ended: does hashes end there too?
        ended = len(some) < size.size and error is None
        others, other_error = _take(right, len(some) + ended)
        lengths = len(some), len(others)
        pairs = min(lengths)
        chunk = _object_chunk(some[:pairs], others[:pairs])
        del some, others
        if pairs:
            yield chunk
        done += pairs
        for raised in (error, other_error):
            if raised is not None:
                raise raised
        if lengths[0] != lengths[1]:
            longer = "passwords" if lengths[0] > lengths[1] else "hashes"
            raise ValueError(f"{longer} goes on after {done} items, where the other ended: they must be paired")
        if ended:
            return


def _column_chunks(passwords: Column, hashes: Column | None, size: ChunkSize) -> Iterator[_Chunk]:
    start, count = 0, len(passwords)
    while start < count:
        stop = min(start + size.size, count)
        yield _Chunk(passwords, hashes, start, stop, last=stop == count)
        start = stop


def _arrow_chunks(stream: Any, size: ChunkSize) -> Iterator[_Chunk]:
    if hasattr(stream, "__arrow_c_array__"):
        yield from _column_chunks(make_column(stream, "passwords"), None, size)
        return
    columns = _core.make_arrow_stream(stream, "passwords")
    while (column := columns.next()) is not None:
        yield from _column_chunks(column, None, size)


class _Run:
    """Computes chunk after chunk and yields the answers, each error with its place in the whole stream."""

    def __init__(
        self, chunks: Iterator[_Chunk], size: ChunkSize, compute: Callable[[_Chunk, Call], list[Any]], call: Call
    ) -> None:
        self._chunks, self._size, self._compute = chunks, size, compute
        self._deadline_ns, self._progress, self._cancel = call
        self._done = 0

    def answers(self, raises: bool) -> Generator[Any, None, None]:
        for chunk in self._chunks:
            results = self._computed(chunk)
            del chunk  # while the answers are taken, no password is held
            for i, result in enumerate(results):
                if isinstance(result, ItemError):
                    result = ItemError(self._done + i, result.code, result.message)
                    if raises:
                        raise result
                yield result
            self._done += len(results)

    def _computed(self, chunk: _Chunk) -> list[Any]:
        began = time.monotonic()
        progress = None if self._progress is None else self._report
        try:
            results = self._compute(chunk, (self._deadline_ns, progress, self._cancel))
        finally:
            if chunk.last:
                chunk.passwords.forget()
        self._size.took(len(results), time.monotonic() - began)
        return results

    def _report(self, done: int, _total: int) -> bool | None:
        """Counts from the stream's beginning. A False ends this chunk, and those that are still to come."""
        answer: bool | None = self._progress(self._done + done, None)
        if answer is False:
            self._cancel = Cancel()
            self._cancel.set()
        return answer


def hash_stream(
    passwords: Any,
    *,
    rounds: int = 12,
    prefix: bytes = b"2b",
    long_passwords: str = "refuse",
    max_cost: int = 14,
    threads: int | None = None,
    deadline: float | None = None,
    progress: Any = None,
    on_error: str = "raise",
    cancel: Cancel | None = None,
    engine: str | None = None,
) -> Generator[Any, None, None]:
    """Hashes passwords as hash_many does, but as they come: yields hashes in order, in bounded memory.

    passwords may be any iterable, a generator among them, or an Arrow stream that is larger than memory. Items are
    taken in chunks of about a second of work, 65,536 at most. With on_error="raise" the first ItemError ends the
    stream, after all answers before it; with "return" errors are yielded in place. What the iterable itself raises is
    raised after the answers to all items that it gave before. progress is called as progress(done, None). deadline
    counts for the whole stream, from the call. After it, and when the stream was cancelled, every item that is still
    to come fails too.
    Arguments are checked at once. The iterator is for one thread at a time.
    """
    options = make_options(rounds, prefix, long_passwords, max_cost, threads, engine)
    raises = one_of("on_error", on_error, "raise", "return") == "raise"
    call = make_call(deadline, progress, cancel)
    size = ChunkSize(threads, engine)

    def compute(chunk: _Chunk, call: Call) -> list[Any]:
        return hash_columns(chunk.passwords, None, chunk.start, chunk.stop, options, call)

    _refuse_text("passwords", passwords)
    chunks = _arrow_chunks(passwords, size) if _is_arrow(passwords) else _object_chunks(passwords, size)
    return _Run(chunks, size, compute, call).answers(raises)


def verify_stream(
    passwords: Any,
    hashes: Any,
    *,
    upgrade_to: int | None = None,
    rounds: int = 12,
    prefix: bytes = b"2b",
    long_passwords: str = "refuse",
    equal_time: bool = False,
    max_cost: int = 14,
    threads: int | None = None,
    deadline: float | None = None,
    progress: Any = None,
    on_error: str = "raise",
    cancel: Cancel | None = None,
    engine: str | None = None,
) -> Generator[Any, None, None]:
    """Verifies pairs as verify_many does, but as they come: yields bool, or Verified, in order, in bounded memory.

    passwords and hashes are iterables of the same length, read side by side; ValueError, after the answers to all
    pairs, where one ends before the other. Arrow arrays and streams are taken whole: their rows stay where they are.
    Everything else is as in hash_stream and verify_many.
    """
    options = make_options(rounds, prefix, long_passwords, max_cost, threads, engine, upgrade_to, equal_time)
    raises = one_of("on_error", on_error, "raise", "return") == "raise"
    call = make_call(deadline, progress, cancel)
    size = ChunkSize(threads, engine)
    upgrades = upgrade_to is not None

    def compute(chunk: _Chunk, call: Call) -> list[Any]:
        assert chunk.hashes is not None
        return verify_columns(chunk.passwords, chunk.hashes, chunk.start, chunk.stop, options, call, upgrades=upgrades)

    _refuse_text("passwords", passwords)
    _refuse_text("hashes", hashes)
    if _is_arrow(passwords) or _is_arrow(hashes):
        columns = make_column(passwords, "passwords"), make_column(hashes, "hashes")
        same_length(columns[0], "hashes", columns[1])
        chunks = _column_chunks(*columns, size)
    else:
        chunks = _pair_chunks(passwords, hashes, size)
    return _Run(chunks, size, compute, call).answers(raises)


def _refuse_text(name: str, items: Any) -> None:
    if isinstance(items, (str, bytes, bytearray, memoryview)) or not (_is_arrow(items) or hasattr(items, "__iter__")):
        raise TypeError(f"{name} must be an iterable of bytes or an Arrow array, not {type(items).__name__}")
