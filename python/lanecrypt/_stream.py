"""hash_stream and verify_stream: inputs larger than memory, in order, in chunks of about a second of work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Optional

from . import _core
from ._batch import hash_columns, make_call, same_length, verify_columns
from ._core import Cancel, Column
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


def _object_chunks(items: Iterable[Any], size: ChunkSize) -> Iterator[_Chunk]:
    iterator = iter(items)
    while True:
        taken, error = _take(iterator, size.size)
        if taken:
            yield _Chunk(Column(taken, "passwords"), None, 0, len(taken))
        if error is not None:
            raise error
        if not taken:
            return


def _pair_chunks(passwords: Iterable[Any], hashes: Iterable[Any], size: ChunkSize) -> Iterator[_Chunk]:
    left, right = iter(passwords), iter(hashes)
    done = 0
    while True:
        some, error = _take(left, size.size)
        # One more where passwords has ended: does hashes end there too?
        others, other_error = _take(right, len(some) if len(some) == size.size or error else len(some) + 1)
        pairs = min(len(some), len(others))
        if pairs:
            yield _Chunk(Column(some[:pairs], "passwords"), Column(others[:pairs], "hashes"), 0, pairs)
        done += pairs
        if error or other_error:
            raise error or other_error or AssertionError
        if len(some) != len(others):
            longer = "passwords" if len(some) > len(others) else "hashes"
            raise ValueError(f"{longer} goes on after {done} items, where the other ended: they must be paired")
        if not some:
            return


def _column_chunks(passwords: Column, hashes: Column | None, size: ChunkSize) -> Iterator[_Chunk]:
    start = 0
    while start < len(passwords):
        stop = min(start + size.size, len(passwords))
        yield _Chunk(passwords, hashes, start, stop)
        start = stop


def _arrow_chunks(stream: Any, size: ChunkSize) -> Iterator[_Chunk]:
    if hasattr(stream, "__arrow_c_array__"):
        yield from _column_chunks(Column(stream, "passwords"), None, size)
        return
    columns = _core.ArrowStream(stream, "passwords")
    while (column := columns.next()) is not None:
        yield from _column_chunks(column, None, size)


class _Run(NamedTuple):
    """Computes chunk after chunk and yields the answers, each error with its place in the whole stream."""

    chunks: Iterator[_Chunk]
    size: ChunkSize
    compute: Callable[[_Chunk, Call], list[Any]]
    call: Call
    raises: bool

    def answers(self) -> Iterator[Any]:
        base = 0
        for chunk in self.chunks:
            began = time.monotonic()
            results = self.compute(chunk, _shifted(self.call, base))
            self.size.took(len(results), time.monotonic() - began)
            for i, result in enumerate(results):
                yield self._placed(base + i, result)
            base += len(results)

    def _placed(self, index: int, result: Any) -> Any:
        if not isinstance(result, ItemError):
            return result
        placed = ItemError(index, result.code, result.message)
        if self.raises:
            raise placed
        return placed


def _shifted(call: Call, base: int) -> Call:
    """The same call with a progress that counts from the stream's beginning."""
    deadline_ns, progress, cancel = call
    if progress is None:
        return call
    return deadline_ns, lambda done, _total: progress(base + done, None), cancel


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
) -> Iterator[Any]:
    """Hashes passwords as hash_many does, but as they come: yields hashes in order, in bounded memory.

    passwords may be any iterable, a generator among them, or an Arrow stream that is larger than memory. Items are
    taken in chunks of about a second of work, 65,536 at most. With on_error="raise" the first ItemError ends the
    stream, after all answers before it; with "return" errors are yielded in place. What the iterable itself raises is
    raised after the answers to all items that it gave before. progress is called as progress(done, None). deadline
    counts for the whole stream, from the call.
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
    return _Run(chunks, size, compute, call, raises).answers()


def verify_stream(
    passwords: Any,
    hashes: Any,
    *,
    upgrade_to: int | None = None,
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
) -> Iterator[Any]:
    """Verifies pairs as verify_many does, but as they come: yields bool, or Verified, in order, in bounded memory.

    passwords and hashes are iterables of the same length, read side by side; ValueError, after the answers to all
    pairs, where one ends before the other. Arrow arrays and streams are taken whole: their rows stay where they are.
    Everything else is as in hash_stream and verify_many.
    """
    options = make_options(rounds, prefix, long_passwords, max_cost, threads, engine, upgrade_to)
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
        columns = Column(passwords, "passwords"), Column(hashes, "hashes")
        same_length(columns[0], "hashes", columns[1])
        chunks = _column_chunks(*columns, size)
    else:
        chunks = _pair_chunks(passwords, hashes, size)
    return _Run(chunks, size, compute, call, raises).answers()


def _refuse_text(name: str, items: Any) -> None:
    if isinstance(items, (str, bytes, bytearray, memoryview)) or not (_is_arrow(items) or hasattr(items, "__iter__")):
        raise TypeError(f"{name} must be an iterable of bytes or an Arrow array, not {type(items).__name__}")
