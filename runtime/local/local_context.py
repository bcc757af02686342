"""A context for calling a Python handler by hand or in a test: handler(event, LocalContext())."""

from __future__ import annotations

import time


class LocalContext:
    """What Lambda passes to a handler beside the event, with a clock that runs from now on."""

    def __init__(self, timeout_ms: int = 3_000, request_id: str = "local") -> None:
        self._end = time.monotonic() + timeout_ms / 1000
        self.aws_request_id = request_id
        self.function_name = "local"
        self.function_version = "$LATEST"
        self.invoked_function_arn = "arn:aws:lambda:local:000000000000:function:local"
        self.memory_limit_in_mb = "3008"
        self.log_group_name = "/aws/lambda/local"
        self.log_stream_name = "local"

    def get_remaining_time_in_millis(self) -> int:
        return max(int((self._end - time.monotonic()) * 1000), 0)
