"""The C ABI for Python. Private: the package's own modules are its only users."""

from typing import Any, final

@final
class Cancel:
    """A flag that ends the batches that were given it."""

    def __init__(self) -> None: ...
    def set(self) -> None:
        """Ends the batches that were given this object."""

    def is_set(self) -> bool:
        """Whether set() was called."""

@final
class Options:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...  # TypeError: make_options makes them

def make_options(
    *,
    cost: int,
    prefix: str,
    truncate: bool,
    max_cost: int,
    threads: int,
    upgrade_cost: int,
    equal_time: bool,
    engine: str | None,
) -> Options: ...

@final
class Column:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...  # TypeError: make_column makes them
    def __len__(self) -> int: ...
    def forget(self) -> None: ...
    def refusals(self) -> list[tuple[int, str]]: ...
    def nulls(self) -> list[int]: ...

def make_column(items: Any, argument: str) -> Column: ...

@final
class ArrowStream:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...  # TypeError: make_arrow_stream makes them
    def next(self) -> Column | None: ...

def make_arrow_stream(stream: Any, argument: str) -> ArrowStream: ...
def version() -> str: ...
def engines() -> list[tuple[str, int, str, tuple[float, ...]]]: ...
def cpu_budget() -> tuple[int, int, int, int, int]: ...
def plan(
    count: int, threads: int, engine: str | None
) -> tuple[str, str, int, tuple[int, ...], float, int, str, int, int]: ...
def gensalt(cost: int, prefix: str) -> bytes | None: ...
def parse_hash(hash: bytes) -> tuple[bytes, int, bytes] | None: ...
def needs_rehash(hash: bytes, cost: int, prefix: str) -> tuple[str, bool]: ...
def status_text(name: str) -> str | None: ...
def hash_batch(
    passwords: Column,
    settings: Column | None,
    start: int,
    stop: int,
    options: Options,
    deadline_ns: int,
    progress: Any,
    cancel: Any,
) -> tuple[str, list[Any], list[tuple[int, str]], tuple[str | None, int, int]]: ...
def verify_batch(
    passwords: Column,
    hashes: Column,
    start: int,
    stop: int,
    options: Options,
    deadline_ns: int,
    progress: Any,
    cancel: Any,
) -> tuple[str, list[Any], list[tuple[int, str]], tuple[str | None, int, int]]: ...
def hash_one(password: bytes, setting: bytes, options: Options) -> tuple[str, bytes | None]: ...
def verify_one(password: bytes, hash: bytes, options: Options) -> str: ...
def pbkdf_hash(password_digest: bytes, salt_digests: bytes) -> tuple[str, bytes]: ...
