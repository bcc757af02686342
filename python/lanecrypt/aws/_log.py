"""One line of JSON for what an invocation did, on standard output, where Lambda takes it from."""

from __future__ import annotations

import json
import os

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


def line(level: str, request_id: str, message: str, **fields: object) -> None:
    """Writes a line, unless AWS_LAMBDA_LOG_LEVEL is above its level. No field may hold what came in a row or record."""
    wanted = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "")
    if wanted in LEVELS and LEVELS.index(level) < LEVELS.index(wanted):
        return
    print(json.dumps({"level": level, "requestId": request_id, "message": message, **fields}), flush=True)
