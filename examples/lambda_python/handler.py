"""An ordinary Python Lambda handler that hashes and verifies in bulk.

Set the handler to ``handler.handler`` and put the lanecrypt wheel into the function's zip or a layer. It takes

    {"op": "hash", "cost": 12, "items": [{"id": "u1", "password": "..."}]}
    {"op": "verify", "items": [{"id": "u1", "password": "...", "hash": "$2b$12$..."}]}

and answers each item in its place, with its id: {"hash": ...}, {"match": ...} or {"error": {"code": ..., "message":
...}}.
"""

from __future__ import annotations

import base64
from typing import Any

import lanecrypt

RESERVE_SECONDS = 0.2  # kept back of the deadline for sending the answer


class InvalidRequest(Exception):
    """The event as a whole cannot be understood. Lambda reports the name of the class as the error's type."""


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Lambda's entry. Items that are not finished before the function's deadline answer the code ``deadline``."""
    items = event.get("items") if isinstance(event, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidRequest("items must be an array of objects")
    deadline = context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    passwords = [password_of(item) for item in items]
    if event.get("op") == "hash":
        answers = hashed(passwords, event.get("cost", 12), deadline)
    elif event.get("op") == "verify":
        if not all("hash" in item for item in items):
            raise InvalidRequest("each item needs a hash; null stands for an unknown user")
        answers = verified(passwords, [encoded(item.get("hash")) for item in items], deadline)
    else:
        raise InvalidRequest("op must be hash or verify")
    failed = sum("error" in answer for answer in answers)
    named = [
        {**({"id": item["id"]} if "id" in item else {}), **answer} for item, answer in zip(items, answers, strict=True)
    ]
    return {"op": event["op"], "processed": len(items), "failed": failed, "items": named}


def hashed(passwords: list[Any], cost: Any, deadline: float) -> list[dict[str, Any]]:
    try:
        results = lanecrypt.hash_many(passwords, rounds=cost, deadline=deadline, on_error="return")
    except (TypeError, ValueError) as error:
        raise InvalidRequest(f"cost: {error}") from None
    return [failure(each) if isinstance(each, Exception) else {"hash": each.decode()} for each in results]


def verified(passwords: list[Any], hashes: list[Any], deadline: float) -> list[dict[str, Any]]:
    results = lanecrypt.verify_many(passwords, hashes, deadline=deadline, on_error="return")
    return [failure(each) if isinstance(each, Exception) else {"match": each} for each in results]


def password_of(item: dict[str, Any]) -> Any:
    """Of an item: its text, or with password_base64 its bytes."""
    if "password_base64" not in item:
        return encoded(item.get("password"))
    try:
        return base64.b64decode(item["password_base64"], validate=True)
    except (TypeError, ValueError):
        return None


def encoded(text: Any) -> Any:
    """Text as UTF-8. Anything else is left to lanecrypt, which says what is wrong with it."""
    try:
        return text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError:  # whose own text would show the password
        raise InvalidRequest("items hold half of a surrogate pair, which is no character") from None


def failure(error: lanecrypt.ItemError) -> dict[str, Any]:
    return {"error": {"code": error.code, "message": error.message}}
