"""The events of examples/events with the answers that they must get. Neither sends anything nor prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).resolve().parents[2] / "examples" / "events"
MAX_EVENT_BYTES = 6 * 1024 * 1024


@dataclass(frozen=True)
class Event:
    name: str
    body: bytes
    expected: Any  # None: nothing is known of the answer
    made: bool = False  # at run time: too large for the repository

    @property
    def must_fail(self) -> bool:
        return self.name.startswith("error-")


def _too_many_items() -> bytes:
    items = [{"id": number, "password": "a"} for number in range(10_001)]
    return json.dumps({"op": "hash", "cost": 4, "items": items}).encode()


def _too_many_fields() -> bytes:
    fields = {f"field-{number}": 0 for number in range(1_001)}
    return json.dumps({"op": "hash", "cost": 4, "items": [{"id": fields, "password": "a"}]}).encode()


def _too_large() -> bytes:
    frame = b'{"op": "hash", "items": []}'
    return frame + b" " * (MAX_EVENT_BYTES + 1 - len(frame))


def _answer_too_large() -> bytes:
    items = [{"id": "i" * 620, "password": "a"} for _ in range(9_400)]
    return json.dumps({"op": "hash", "cost": 4, "items": items}).encode()


def _http(body: str) -> bytes:
    context = {"http": {"method": "POST", "path": "/hash"}, "stage": "$default"}
    event = {"version": "2.0", "rawPath": "/hash", "headers": {}, "requestContext": context, "body": body}
    return json.dumps(event).encode()


def _http_too_many() -> bytes:
    return _http(json.dumps({"cost": 4, "items": [{}] * 10_001}))


def _http_brackets() -> bytes:
    return _http("[" * (MAX_EVENT_BYTES - 1_000))


def _map_answer_too_large() -> bytes:
    return json.dumps({"BatchInput": {"cost": 4}, "Items": [{"id": number} for number in range(3_500)]}).encode()


MADE = {
    "error-too-many-items": _too_many_items,
    "error-too-many-fields": _too_many_fields,
    "error-too-large": _too_large,
    "error-answer-too-large": _answer_too_large,
    "error-map-answer-too-large": _map_answer_too_large,
    "http-413": _http_too_many,
    "http-brackets": _http_brackets,
}


def load(path: Path) -> Event:
    expected = path.parent / "expected" / path.name
    known = json.loads(expected.read_bytes()) if expected.exists() else None
    return Event(path.stem, path.read_bytes(), known)


def all_events() -> Iterator[Event]:
    """Requests first, then errors; those made at run time last."""
    for path in sorted(EVENTS.glob("*.json"), key=lambda each: (each.stem.startswith("error-"), each.stem)):
        yield load(path)
    for name, make in MADE.items():
        yield Event(name, make(), json.loads((EVENTS / "expected" / f"{name}.json").read_bytes()), made=True)


def difference(expected: Any, answer: Any, where: str = "answer") -> str | None:
    """The first difference, or None. Fields not expected are free; "text*" expects a beginning, "one|other" either."""
    if isinstance(expected, dict):
        if not isinstance(answer, dict):
            return f"{where} is not an object"
        missing = [key for key in expected if key not in answer]
        if missing:
            return f"{where} has no {missing[0]}"
        return _first(difference(expected[key], answer[key], f"{where}.{key}") for key in expected)
    if isinstance(expected, list):
        if not isinstance(answer, list) or len(answer) != len(expected):
            return f"{where} is not a list of {len(expected)}"
        return _first(difference(a, b, f"{where}[{i}]") for i, (a, b) in enumerate(zip(expected, answer, strict=True)))
    if isinstance(expected, str) and expected.endswith("*") and isinstance(answer, str):
        return None if answer.startswith(expected[:-1]) else f"{where} does not begin with {expected[:-1]}"
    if isinstance(expected, str) and "|" in expected:
        return None if answer in expected.split("|") else f"{where} is {answer!r} and none of {expected}"
    same = type(expected) is type(answer) and expected == answer
    return None if same else f"{where} is {answer!r} and not {expected!r}"


def _first(differences: Iterator[str | None]) -> str | None:
    return next((each for each in differences if each), None)


def unexpected(event: Event, answer: Any) -> str | None:
    """Why an answer is not what the event must get, or None."""
    failed = isinstance(answer, dict) and "errorType" in answer
    if event.must_fail != failed and (event.must_fail or event.expected is not None):
        return "the invocation failed" if failed else "the invocation should have failed"
    return None if event.expected is None else difference(event.expected, answer)
