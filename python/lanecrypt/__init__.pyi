"""The types of the public interface. The docstrings stand with the code."""

from collections.abc import Callable, Generator, Iterable
from typing import Any, Literal, Protocol, overload

from . import aio as aio
from ._core import Cancel as Cancel
from ._errors import Error as Error
from ._errors import ItemError as ItemError
from ._machine import cpu_budget as cpu_budget
from ._machine import engines as engines
from ._machine import identify as identify
from ._machine import needs_rehash as needs_rehash
from ._machine import plan as plan
from ._pyca import checkpw as checkpw
from ._pyca import gensalt as gensalt
from ._pyca import hashpw as hashpw
from ._pyca import kdf as kdf
from ._types import Budget as Budget
from ._types import Engine as Engine
from ._types import HashInfo as HashInfo
from ._types import Plan as Plan
from ._types import Verified as Verified

__version__: str
__all__ = [
    "Budget",
    "Cancel",
    "Engine",
    "Error",
    "HashInfo",
    "ItemError",
    "Plan",
    "Verified",
    "__version__",
    "checkpw",
    "cpu_budget",
    "engines",
    "gensalt",
    "hash_many",
    "hash_stream",
    "hashpw",
    "identify",
    "kdf",
    "needs_rehash",
    "plan",
    "verify_many",
    "verify_stream",
]

class _ArrowArray(Protocol):
    def __arrow_c_array__(self, requested_schema: Any = ...) -> Any: ...

class _ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: Any = ...) -> Any: ...

_Bytes = bytes | bytearray | memoryview
_Passwords = Iterable[_Bytes] | _ArrowArray | _ArrowStream
_Hashes = Iterable[_Bytes | None] | _ArrowArray | _ArrowStream
_Progress = Callable[[int, int], bool | None]
_StreamProgress = Callable[[int, None], bool | None]

@overload
def hash_many(
    passwords: _Passwords,
    *,
    rounds: int = ...,
    prefix: bytes = ...,
    settings: _Hashes | None = ...,
    long_passwords: Literal["refuse", "truncate"] = ...,
    max_cost: int = ...,
    threads: int | None = ...,
    deadline: float | None = ...,
    progress: _Progress | None = ...,
    on_error: Literal["raise"] = ...,
    cancel: Cancel | None = ...,
    engine: str | None = ...,
) -> list[bytes]: ...
@overload
def hash_many(
    passwords: _Passwords,
    *,
    rounds: int = ...,
    prefix: bytes = ...,
    settings: _Hashes | None = ...,
    long_passwords: Literal["refuse", "truncate"] = ...,
    max_cost: int = ...,
    threads: int | None = ...,
    deadline: float | None = ...,
    progress: _Progress | None = ...,
    on_error: Literal["return"],
    cancel: Cancel | None = ...,
    engine: str | None = ...,
) -> list[bytes | ItemError]: ...
@overload
def hash_stream(
    passwords: _Passwords,
    *,
    rounds: int = ...,
    prefix: bytes = ...,
    long_passwords: Literal["refuse", "truncate"] = ...,
    max_cost: int = ...,
    threads: int | None = ...,
    deadline: float | None = ...,
    progress: _StreamProgress | None = ...,
    on_error: Literal["raise"] = ...,
    cancel: Cancel | None = ...,
    engine: str | None = ...,
) -> Generator[bytes]: ...
@overload
def hash_stream(
    passwords: _Passwords,
    *,
    rounds: int = ...,
    prefix: bytes = ...,
    long_passwords: Literal["refuse", "truncate"] = ...,
    max_cost: int = ...,
    threads: int | None = ...,
    deadline: float | None = ...,
    progress: _StreamProgress | None = ...,
    on_error: Literal["return"],
    cancel: Cancel | None = ...,
    engine: str | None = ...,
) -> Generator[bytes | ItemError]: ...
@overload
def verify_many(
    passwords: _Passwords,
    hashes: _Hashes,
    *,
    upgrade_to: None = ...,
    rounds: int = ...,
    prefix: bytes = ...,
    long_passwords: Literal["refuse", "truncate"] = ...,
    equal_time: bool = ...,
    max_cost: int = ...,
    threads: int | None = ...,
    deadline: float | None = ...,
    progress: _Progress | None = ...,
    on_error: Literal["raise"] = ...,
    cancel: Cancel | None = ...,
    engine: str | None = ...,
) -> list[bool]: ...
@overload
def verify_many(
    passwords: _Passwords,
    hashes: _Hashes,
    *,
    upgrade_to: None = ...,
    rounds: int = ...,
    prefix: bytes = ...,
    long_passwords: Literal["refuse", "truncate"] = ...,
    equal_time: bool = ...,
    max_cost: int = ...,
    threads: int | None = ...,
    deadline: float | None = ...,
    progress: _Progress | None = ...,
    on_error: Literal["return"],
    cancel: Cancel | None = ...,
    engine: str | None = ...,
) -> list[bool | ItemError]: ...
@overload
def verify_many(
    passwords: _Passwords,
    hashes: _Hashes,
    *,
    upgrade_to: int,
    rounds: int = ...,
    prefix: bytes = ...,
    long_passwords: Literal["refuse", "truncate"] = ...,
    equal_time: bool = ...,
    max_cost: int = ...,
    threads: int | None = ...,
    deadline: float | None = ...,
    progress: _Progress | None = ...,
    on_error: Literal["raise"] = ...,
    cancel: Cancel | None = ...,
    engine: str | None = ...,
) -> list[Verified]: ...
@overload
def verify_many(
    passwords: _Passwords,
    hashes: _Hashes,
    *,
    upgrade_to: int,
    rounds: int = ...,
    prefix: bytes = ...,
    long_passwords: Literal["refuse", "truncate"] = ...,
    equal_time: bool = ...,
    max_cost: int = ...,
    threads: int | None = ...,
    deadline: float | None = ...,
    progress: _Progress | None = ...,
    on_error: Literal["return"],
    cancel: Cancel | None = ...,
    engine: str | None = ...,
) -> list[Verified | ItemError]: ...
@overload
def verify_stream(
    passwords: _Passwords,
    hashes: _Hashes,
    *,
    upgrade_to: None = ...,
    rounds: int = ...,
    prefix: bytes = ...,
    long_passwords: Literal["refuse", "truncate"] = ...,
    equal_time: bool = ...,
    max_cost: int = ...,
    threads: int | None = ...,
    deadline: float | None = ...,
    progress: _StreamProgress | None = ...,
    on_error: Literal["raise"] = ...,
    cancel: Cancel | None = ...,
    engine: str | None = ...,
) -> Generator[bool]: ...
@overload
def verify_stream(
    passwords: _Passwords,
    hashes: _Hashes,
    *,
    upgrade_to: None = ...,
    rounds: int = ...,
    prefix: bytes = ...,
    long_passwords: Literal["refuse", "truncate"] = ...,
    equal_time: bool = ...,
    max_cost: int = ...,
    threads: int | None = ...,
    deadline: float | None = ...,
    progress: _StreamProgress | None = ...,
    on_error: Literal["return"],
    cancel: Cancel | None = ...,
    engine: str | None = ...,
) -> Generator[bool | ItemError]: ...
@overload
def verify_stream(
    passwords: _Passwords,
    hashes: _Hashes,
    *,
    upgrade_to: int,
    rounds: int = ...,
    prefix: bytes = ...,
    long_passwords: Literal["refuse", "truncate"] = ...,
    equal_time: bool = ...,
    max_cost: int = ...,
    threads: int | None = ...,
    deadline: float | None = ...,
    progress: _StreamProgress | None = ...,
    on_error: Literal["raise"] = ...,
    cancel: Cancel | None = ...,
    engine: str | None = ...,
) -> Generator[Verified]: ...
@overload
def verify_stream(
    passwords: _Passwords,
    hashes: _Hashes,
    *,
    upgrade_to: int,
    rounds: int = ...,
    prefix: bytes = ...,
    long_passwords: Literal["refuse", "truncate"] = ...,
    equal_time: bool = ...,
    max_cost: int = ...,
    threads: int | None = ...,
    deadline: float | None = ...,
    progress: _StreamProgress | None = ...,
    on_error: Literal["return"],
    cancel: Cancel | None = ...,
    engine: str | None = ...,
) -> Generator[Verified | ItemError]: ...
