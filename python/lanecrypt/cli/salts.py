"""How often salts occur, for any number of them in little memory: in a few hundred small files when there are many.

A salt that occurs twice means a broken generator, or one row copied to another.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from typing import IO

FILES = 256
KEY_BYTES = 16
SPILL_BYTES = 16 << 10  # 1,024 salts


class Repeated:
    """How many salts occur more than once, how many rows have them, and how many the commonest has."""

    def __init__(self) -> None:
        self.salts = self.rows = self.most = 0

    def count(self, keys: bytes) -> None:
        seen = Counter(keys[at : at + KEY_BYTES] for at in range(0, len(keys), KEY_BYTES))
        repeats = [times for times in seen.values() if times > 1]
        self.salts += len(repeats)
        self.rows += sum(repeats)
        self.most = max([self.most, *repeats])


class Salts:
    """Digests of salts, cut by their first byte, so that equal ones meet and each part can be counted alone."""

    def __init__(self) -> None:
        self._parts = [bytearray() for _ in range(FILES)]
        self._files: dict[int, IO[bytes]] = {}

    def add(self, salt: bytes) -> None:
        key = hashlib.blake2b(salt, digest_size=KEY_BYTES).digest()
        part = self._parts[key[0]]
        part += key
        if len(part) >= SPILL_BYTES:
            self._spill(key[0])

    def _spill(self, index: int) -> None:
        if index not in self._files:
            self._files[index] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - close() closes them
        self._files[index].write(self._parts[index])
        self._parts[index].clear()

    def _keys(self) -> Iterator[bytes]:
        for index, part in enumerate(self._parts):
            file = self._files.get(index)
            if file is not None:
                file.seek(0)
            yield (file.read() if file is not None else b"") + bytes(part)

    def repeated(self) -> Repeated:
        found = Repeated()
        for keys in self._keys():
            found.count(keys)
        return found

    def close(self) -> None:
        for file in self._files.values():
            file.close()
