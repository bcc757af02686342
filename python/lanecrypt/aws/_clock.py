"""How long an invocation has: Lambda's context as a deadline, less what ending well takes."""

from __future__ import annotations

import time
from typing import Any

FOREVER = 1e9  # seconds


class Deadline:
    """A moment of the monotonic clock. Safe from any thread."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then; below 0 behind it."""
        return self._at - time.monotonic()

    def earlier(self, seconds: float) -> Deadline:
        return Deadline(self.left() - seconds)


def of_context(context: Any) -> Deadline:
    """When Lambda ends this invocation. Never, where the context does not know."""
    ask = getattr(context, "get_remaining_time_in_millis", None)
    answer = ask() if callable(ask) else None
    return Deadline(answer / 1000 if isinstance(answer, (int, float)) else FOREVER)


def request_id(context: Any) -> str:
    found = getattr(context, "aws_request_id", "")
    return found if isinstance(found, str) else ""


class Earlier:
    """A Lambda context that ends some seconds before the real one: so much is left to deliver what was computed."""

    def __init__(self, context: Any, seconds: float) -> None:
        self._context, self._seconds = context, seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int(self._context.get_remaining_time_in_millis() - self._seconds * 1000))
