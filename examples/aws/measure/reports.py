"""What Lambda says of an invocation: its REPORT line, or the platform.report record of functions that log in JSON.

Durations are milliseconds. The emulator writes the same REPORT line, but measures no memory: see local.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

_REPORT = "REPORT RequestId:"
_FIELD = re.compile(r"(Init Duration|Billed Duration|Duration|Memory Size|Max Memory Used): ([0-9.]+) (?:ms|MB)")


@dataclass(frozen=True)
class Report:
    duration_ms: float
    billed_ms: int
    memory_mb: int
    max_memory_mb: int | None = None
    init_ms: float | None = None  # of cold starts only


def parse(line: str) -> Report | None:
    """The report in a log line, or None if it is another line or lacks what every report has."""
    if (start := line.find(_REPORT)) >= 0:
        return _report(dict(_FIELD.findall(line[start:])), _LINE_NAMES)
    if line.lstrip().startswith("{") and "platform.report" in line:
        return _record(line)
    return None


def last(lines: Iterable[str]) -> Report | None:
    """The last report, as in the tail of a log that Lambda sends back with an answer."""
    return next((report for line in reversed(list(lines)) if (report := parse(line))), None)


_LINE_NAMES = ("Duration", "Billed Duration", "Memory Size", "Max Memory Used", "Init Duration")
_RECORD_NAMES = ("durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB", "initDurationMs")


def _record(line: str) -> Report | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if not isinstance(event, dict) or event.get("type") != "platform.report":
        return None
    record = event.get("record")
    metrics = record.get("metrics") if isinstance(record, dict) else None
    return _report(metrics, _RECORD_NAMES) if isinstance(metrics, dict) else None


def _report(found: dict[str, Any], names: tuple[str, ...]) -> Report | None:
    duration, billed, memory, most, init = names

    def number(name: str, kind: Callable[[float], Any]) -> Any:
        return kind(float(found[name])) if name in found else None

    try:
        return Report(
            float(found[duration]),
            int(float(found[billed])),
            int(float(found[memory])),
            number(most, int),
            number(init, float),
        )
    except (KeyError, TypeError, ValueError):
        return None
