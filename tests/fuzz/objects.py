"""Python objects of all kinds out of a fuzzer's bytes: for the atheris targets."""

from __future__ import annotations

import array
from typing import Any

SETTING = "$2b$04$CCCCCCCCCCCCCCCCCCCCC."
KNOWN = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
KEYS = (
    *("op", "items", "id", "password", "password_base64", "setting", "hash", "cost", "prefix", "mode", "count"),
    *("long_passwords", "upgrade_to", "Records", "Items", "BatchInput", "requestContext", "http", "body", "headers"),
    *("messageId", "eventSource", "httpMethod", "path", "isBase64Encoded", "kinesis", "data"),
)
WORDS = (
    *("hash", "verify", "auto", "parallel", "sequential", "2a", "2b", "2y", "refuse", "truncate", "POST", "/hash"),
    *("aws:sqs", "aws:kinesis", SETTING, KNOWN, "pw", "", "\0", "\ud800", "ü€😀", "YX5i", "$2x$31$", "a" * 73),
)
NUMBERS = (0, 1, 4, 12, 14, 31, 32, -1, -5, 2**31, 2**32 + 4, 2**63, -(2**63), 2**64, 10**30)
FLOATS = (0.0, -0.0, 1.5, 12.0, 1e300, 5e-324, float("inf"), float("-inf"), float("nan"))


class OwnInt(int):
    """A subclass whose text is not its own."""

    def __repr__(self) -> str:
        return '"}'


class Event:
    """A tree that is now and then an event, and otherwise anything at all."""

    def __init__(self, provider: Any) -> None:
        self.provider = provider
        self.left = 200  # of objects

    def below(self, count: int) -> int:
        number: int = self.provider.ConsumeIntInRange(0, count - 1)
        return number

    def pick(self, values: tuple[Any, ...]) -> Any:
        return values[self.below(len(values))]

    def text(self) -> str:
        if self.below(4) != 0:
            return str(self.pick(WORDS))
        text: str = self.provider.ConsumeUnicode(self.below(80))
        return text

    def leaf(self) -> Any:
        kind = self.below(12)
        if kind < 4:
            return self.text()
        if kind < 6:
            return self.pick(NUMBERS)
        if kind == 6:
            return self.provider.ConsumeInt(9)
        if kind == 7:
            return self.pick(FLOATS)
        if kind == 8:
            return self.pick((b"bytes", object(), {1, 2}, 1j, OwnInt(7), range(3), bytearray(b"x")))
        return self.pick((None, True, False))

    def value(self, depth: int) -> Any:
        self.left -= 1
        kind = self.below(8)
        if self.left < 0 or depth > 20 or kind < 5:
            return self.leaf()
        if kind == 5:
            return [self.value(depth + 1) for _ in range(self.below(5))]
        if kind == 6:
            return tuple(self.value(depth + 1) for _ in range(self.below(3)))
        return self.dict(depth)

    def dict(self, depth: int) -> Any:
        made: dict[Any, Any] = {}
        for _ in range(self.below(6)):
            key = self.pick(KEYS) if self.below(8) != 0 else self.leaf()
            if isinstance(key, (set, bytearray)):
                continue
            made[key] = made if self.below(64) == 63 else self.value(depth + 1)
        return made

    def item(self) -> Any:
        item: dict[str, Any] = {"password": self.text()}
        if self.below(2) == 1:
            item["id"] = self.value(2)
        if self.below(2) == 1:
            item[self.pick(("setting", "hash", "cost", "password_base64"))] = self.pick((SETTING, KNOWN, 5, None))
        return item if self.below(8) != 7 else self.value(2)

    def tree(self) -> Any:
        if self.below(4) == 0:
            return self.value(0)
        event: dict[str, Any] = {
            "op": self.pick(("hash", "verify")),
            "items": [self.item() for _ in range(self.below(6))],
        }
        if self.below(4) == 3:
            event[self.pick(KEYS)] = self.value(1)
        return event


class Items:
    """Passwords as callers of the package hand them over: bytes, buffers of all formats, and what is neither."""

    def __init__(self, provider: Any) -> None:
        self.provider = provider

    def below(self, count: int) -> int:
        number: int = self.provider.ConsumeIntInRange(0, count - 1)
        return number

    def blob(self) -> bytes:
        text: bytes = self.provider.ConsumeBytes(self.below(80))
        return text

    def buffer(self) -> Any:
        """A buffer, and the bytes that it holds or None where it is not of single bytes in a row."""
        blob = self.blob()
        kind = self.below(8)
        if kind == 0:
            return bytearray(blob), blob
        if kind == 1:
            return memoryview(blob), blob
        if kind == 2:
            return memoryview(blob)[1:], blob[1:]
        if kind == 3:
            return memoryview(blob)[::2], blob[::2] if len(blob[::2]) == 1 else None  # as Python sees a row
        if kind == 4:
            return memoryview(blob).cast("c"), blob
        if kind == 5:
            return array.array("b", blob), blob
        if kind == 6:
            return array.array("H", blob[: len(blob) // 2 * 2]), None
        even = blob + bytes(2 - len(blob) % 2)  # never empty: a view of two dimensions cannot be
        return memoryview(even).cast("B", (2, len(even) // 2)), None

    def item(self) -> tuple[Any, bytes | None]:
        """An item, and the bytes that it is, or None."""
        kind = self.below(8)
        if kind < 4:
            blob = self.blob()
            return blob, blob
        if kind < 7:
            item: tuple[Any, bytes | None] = self.buffer()
            return item
        wrong: tuple[Any, ...] = (None, "text", 5, [], object(), 1.5)
        return wrong[self.below(len(wrong))], None
