"""bcrypt in bulk: batches hashed and verified on every core, with several passwords in flight per core.

    import lanecrypt

    hashes = lanecrypt.hash_many([b"correct horse", b"battery staple"], rounds=12)
    lanecrypt.verify_many([b"correct horse", b"wrong"], hashes)  # [True, False]

One password at a time goes by the names that pyca/bcrypt has, with the same arguments and errors, so that
``import lanecrypt as bcrypt`` works: gensalt, hashpw, checkpw, kdf.

Batches        hash_many, verify_many; hash_stream, verify_stream for inputs larger than memory; lanecrypt.aio for
               asyncio
Stored hashes  identify, needs_rehash
The machine    engines, cpu_budget, plan
Errors         ItemError for one item, Error for a call as a whole; Cancel ends a batch from another thread

Passwords are bytes: encode text first. All functions may be called from any thread, with or without a GIL, and
before and after a fork. No error text holds a password or a hash.
"""

from __future__ import annotations

from ._batch import hash_many, verify_many
from ._core import Cancel
from ._core import version as _version
from ._errors import Error, ItemError
from ._pyca import checkpw, gensalt, hashpw, kdf

__version__ = _version()

# Imported when first asked for: they need typing, which takes longer to import than all of the above.
_LAZY = {
    "Budget": "_types",
    "Engine": "_types",
    "HashInfo": "_types",
    "Plan": "_types",
    "Verified": "_types",
    "aio": "aio",
    "cpu_budget": "_machine",
    "engines": "_machine",
    "hash_stream": "_stream",
    "identify": "_machine",
    "needs_rehash": "_machine",
    "plan": "_machine",
    "verify_stream": "_stream",
}

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


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = import_module(f".{_LAZY[name]}", __name__)
    value = module if name == _LAZY[name] else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
