"""hash_many and verify_many: whole batches, every core, several passwords in flight per core."""

from __future__ import annotations

from . import _core
from ._core import Cancel, Column, make_column
from ._errors import Error, ItemError
from ._options import checked_cancel, checked_progress, deadline_ns, make_options, one_of

TYPE_CHECKING = False  # typing would be most of the time that importing lanecrypt takes
if TYPE_CHECKING:
    from typing import Any

    from ._types import Verified

    Call = tuple[int, Any, Cancel | None]  # deadline in ns since 1970 or 0, progress, cancel


def make_call(deadline: float | None, progress: Any, cancel: Cancel | None) -> Call:
    """What belongs to one call and not to its options. Raises for values out of range."""
    return deadline_ns(deadline), checked_progress(progress), checked_cancel(cancel)


def hash_columns(
    passwords: Column, settings: Column | None, start: int, stop: int, options: _core.Options, call: Call
) -> list[Any]:
    """Hashes items start to stop: hashes, and an ItemError in the place of each that failed."""
    status, results, failures, _ = _core.hash_batch(passwords, settings, start, stop, options, *call)
    return _with_errors(status, results, failures, start, _refused(passwords=passwords, settings=settings))


def verify_columns(
    passwords: Column, hashes: Column, start: int, stop: int, options: _core.Options, call: Call, *, upgrades: bool
) -> list[Any]:
    """Verifies items start to stop: bool or Verified, and an ItemError in the place of each that failed."""
    status, results, failures, _ = _core.verify_batch(passwords, hashes, start, stop, options, *call)
    if upgrades:
        results = [None if each is None else _verified(*each) for each in results]
    return _with_errors(status, results, failures, start, _refused(passwords=passwords, hashes=hashes))


def _verified(match: bool, new_hash: bytes | None, upgrade_code: str) -> Verified:
    from ._types import Verified

    return Verified(match, new_hash, None if upgrade_code == "ok" else upgrade_code)


def _refused(**columns: Column | None) -> dict[int, tuple[str, str]]:
    """Which argument's item is no bytes, and what is wrong with it, by index."""
    reasons: dict[int, tuple[str, str]] = {}
    for name, column in columns.items():
        if column is not None:
            for index, reason in column.refusals():
                reasons.setdefault(index, (name, reason))
    return reasons


_SINGULAR = {"passwords": "password", "hashes": "hash", "settings": "setting"}


def _item_error(index: int, code: str, refused: tuple[str, str] | None) -> ItemError:
    if refused is not None:
        name, reason = refused
        return ItemError(index, "invalid_argument", f"its {_SINGULAR[name]} {reason}")
    # The C library has no null passwords; the module hands them over as an argument that it refuses.
    return ItemError(index, code, "its password is null" if code == "invalid_argument" else None)


def _with_errors(
    status: str, results: list[Any], failures: list[tuple[int, str]], start: int, refused: dict[int, tuple[str, str]]
) -> list[Any]:
    if status != "ok":
        raise Error(status)
    for index, code in failures:
        results[index - start] = _item_error(index, code, refused.get(index))
    return results


def raise_first(results: list[Any]) -> None:
    """Raises the first error of results, which goes with it.

    What is raised is a copy: an error that stands in its own results would be a cycle, and its traceback, with all
    that the frames in it hold, would live until the garbage collector runs.
    """
    for result in results:
        if isinstance(result, ItemError):
            error = ItemError(*result.args)
            error.results = results
            try:
                raise error
            finally:
                del error


def refuse_types(**columns: Column | None) -> None:
    """Raises TypeError for the first item that is no bytes: found before anything was computed."""
    for index, (name, reason) in sorted(_refused(**columns).items())[:1]:
        raise TypeError(f"{name}[{index}] {reason}")
    passwords = columns["passwords"]
    if passwords is not None:
        for index in passwords.nulls()[:1]:
            raise TypeError(f"passwords[{index}] must be bytes, not None")


def same_length(passwords: Column, name: str, other: Column) -> None:
    if len(passwords) != len(other):
        raise ValueError(f"passwords has {len(passwords)} items and {name} has {len(other)}: they must be paired")


def hash_many(
    passwords: Any,
    *,
    rounds: int = 12,
    prefix: bytes = b"2b",
    settings: Any = None,
    long_passwords: str = "refuse",
    max_cost: int = 14,
    threads: int | None = None,
    deadline: float | None = None,
    progress: Any = None,
    on_error: str = "raise",
    cancel: Cancel | None = None,
    engine: str | None = None,
) -> list[Any]:
    """Hashes passwords, each with a salt of its own from the kernel's generator. Returns their hashes in order.

    passwords       an iterable of bytes (or bytearray, memoryview: copied, and the copies wiped), or an Arrow array,
                    chunked array or Series of strings (taken as UTF-8) or binary, which is read where it is. str is
                    refused.
    rounds          cost of the new hashes, 4 to max_cost; each step doubles the time.
    prefix          b"2b", b"2a" or b"2y".
    settings        None, or for each password None or a setting (29 bytes) or stored hash (60 bytes) to hash it with
                    in place of rounds, prefix and a new salt.
    long_passwords  "refuse": a password over 72 bytes is an error; "truncate": its first 72 bytes are used.
    max_cost        ceiling for rounds and settings, 4 to 31: cost 31 is a day and a half of work.
    threads         1 to 1024; None: as many as cpu_budget() says.
    deadline        seconds from now; items not finished by then fail with the code "deadline".
    progress        called about every 50 ms, in the calling thread, as progress(done, total). False cancels the batch;
                    what it raises ends the batch and is raised here. It must not hash or verify (Error "busy").
    on_error        "raise": the first item that failed raises ItemError, whose ``results`` has everything; an item that
                    is no bytes raises TypeError before anything is computed. "return": errors stand in their places.
    cancel          a Cancel, whose set() ends the batch from another thread.
    engine          an engine by name (see engines()); None: the best that runs here.

    The GIL is released meanwhile. A signal handler that raises (Ctrl-C) ends the batch within 100 ms. Safe from any
    thread; batches of several threads run one after the other in a process. Safe before and after a fork.
    Raises ItemError, TypeError and ValueError for a bad argument, and Error.
    """
    options = make_options(rounds, prefix, long_passwords, max_cost, threads, engine)
    raises = one_of("on_error", on_error, "raise", "return") == "raise"
    call = make_call(deadline, progress, cancel)
    password_column = make_column(passwords, "passwords")
    try:
        setting_column = None if settings is None else make_column(settings, "settings")
        if setting_column is not None:
            same_length(password_column, "settings", setting_column)
        if raises:
            refuse_types(passwords=password_column, settings=setting_column)
        results = hash_columns(password_column, setting_column, 0, len(password_column), options, call)
    finally:
        password_column.forget()
    if raises:
        raise_first(results)
    return results


def verify_many(
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
) -> list[Any]:
    """Verifies passwords against stored hashes, in constant time each. Returns True or False for each pair, in order.

    passwords       as for hash_many.
    hashes          as many stored hashes of 60 bytes, or an Arrow array of them. None or null: the user is unknown; the
                    same work is done with a dummy of cost ``rounds``, and the answer is False.
    upgrade_to      None, or a cost from 4 to max_cost: answers are then Verified, and where a password matches and its
                    hash is below that cost (or of an older variant than prefix), ``new_hash`` has one to store from now
                    on.
    rounds          cost of the dummy for unknown users.
    prefix          of upgraded hashes.
    equal_time      True: what cannot be verified (a malformed hash, one over max_cost, a password that is too long) is
                    computed all the same, as for an unknown user, and then is the same error: for callers who answer
                    every failed login alike and want it to take alike too. False: it takes no time.

    A stored hash that is malformed or whose cost is over max_cost is an ItemError ("invalid_hash", "cost_too_high"),
    never a False. All other arguments, errors and promises are those of hash_many.
    """
    options = make_options(rounds, prefix, long_passwords, max_cost, threads, engine, upgrade_to, equal_time)
    raises = one_of("on_error", on_error, "raise", "return") == "raise"
    call = make_call(deadline, progress, cancel)
    password_column = make_column(passwords, "passwords")
    try:
        hash_column = make_column(hashes, "hashes")
        same_length(password_column, "hashes", hash_column)
        if raises:
            refuse_types(passwords=password_column, hashes=hash_column)
        stop = len(password_column)
        results = verify_columns(password_column, hash_column, 0, stop, options, call, upgrades=upgrade_to is not None)
    finally:
        password_column.forget()
    if raises:
        raise_first(results)
    return results
