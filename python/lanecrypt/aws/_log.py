"""One line of JSON for what an invocation did, as the other functions write it: on standard error."""

from __future__ import annotations

import json
import os
import sys
import time

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


def line(level: str, request_id: str, message: str, **fields: object) -> None:
    """Writes a line, unless AWS_LAMBDA_LOG_LEVEL is above its level. No field may hold what came in a row or record."""
    wanted = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "")
    if wanted in LEVELS and LEVELS.index(level) < LEVELS.index(wanted):
        return
    seconds = time.time()
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds * 1000) % 1000:03}Z"
    entry = {"timestamp": moment, "level": level, "requestId": request_id, "message": message, **fields}
    print(json.dumps(entry), file=sys.stderr, flush=True)
