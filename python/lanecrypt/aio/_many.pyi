"""The types of hash_many and verify_many for asyncio: the arguments of the package's own, answers to await."""

from collections.abc import Callable, Iterable
from typing import Any, Literal, Protocol, overload

from .._core import Cancel
from .._errors import ItemError
from .._types import Verified

class _ArrowArray(Protocol):
    def __arrow_c_array__(self, requested_schema: Any = ...) -> Any: ...

class _ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: Any = ...) -> Any: ...

_Bytes = bytes | bytearray | memoryview
_Passwords = Iterable[_Bytes] | _ArrowArray | _ArrowStream
_Hashes = Iterable[_Bytes | None] | _ArrowArray | _ArrowStream
_Progress = Callable[[int, int], bool | None]

@overload
async def hash_many(
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
async def hash_many(
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
async def verify_many(
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
async def verify_many(
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
async def verify_many(
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
async def verify_many(
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
