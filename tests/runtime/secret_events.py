"""Events in which every text is a secret, and a process's memory, for tests that look for the secret in it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

SECRET = "correct-horse-battery-staple"


def secret_events() -> list[bytes]:
    encoded = base64.b64encode(SECRET.encode()).decode()
    items = [
        {"id": 1, "password": SECRET},
        {"id": 2, "password_base64": encoded},
        {"id": 3, "password": SECRET, "setting": SECRET},
        {"id": 4, SECRET: 1},
        {"id": SECRET, "password": 5},
    ]
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in SECRET)
    return [
        json.dumps({"op": "hash", "cost": 4, "items": items}).encode(),
        json.dumps({"op": "verify", "items": [{"password": SECRET, "hash": "$2b$04$" + SECRET}]}).encode(),
        json.dumps({"op": SECRET}).encode(),
        json.dumps({"op": "hash", SECRET: SECRET}).encode(),
        f'{{"op":"hash","cost":4,"items":[{{"password":"{escaped}"}}]}}'.encode(),
        f'{{"op":"hash","items":[{{"password":"{SECRET}"'.encode(),
        json.dumps({"op": "hash", "cost": 4, "items": [{"password": SECRET + "x" * 60}] * 3000}).encode(),
        *(json.dumps(event).encode() for event in events_of_services()),
    ]


def events_of_services() -> list[Any]:
    """A secret in every place that an event of AWS's has for it."""
    one = {"password": SECRET, "cost": 4}
    request = json.dumps({"op": "hash", "cost": 4, "items": [one, {SECRET: 1}]})
    context = {"http": {"method": "POST", "path": "/hash"}, "stage": "$default"}
    http = {"rawPath": "/hash", "headers": {"authorization": SECRET}, "requestContext": context}
    message = {"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q", "messageId": "m"}
    record = {"eventSource": "aws:kinesis", "sequenceNumber": "1", "partitionKey": SECRET}
    return [
        {**http, "body": request},
        {**http, "body": request[:-2]},
        {**http, "body": SECRET},
        {**http, "rawPath": "/" + SECRET, "body": SECRET},
        {**http, "body": base64.b64encode(request.encode()).decode(), "isBase64Encoded": True},
        [{**message, "body": body} for body in (request, json.dumps(one), SECRET, request[:-1])],
        [{**record, "data": base64.b64encode(body.encode()).decode()} for body in (request, json.dumps(one), SECRET)],
        {"Records": [{**message, "body": request}]},
        {"Items": [one, {SECRET: SECRET}], "BatchInput": {"cost": 4}},
        {"Items": [], "BatchInput": {SECRET: 4}},
    ]


def memory_of(pid: int) -> bytes:
    data = b""
    maps = Path(f"/proc/{pid}/maps").read_text()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps.splitlines():
            area, rights = line.split()[:2]
            start, end = (int(part, 16) for part in area.split("-"))
            # Only what is resident could hold a secret; reading a thread's untouched 64 MiB would create it.
            if rights.startswith("rw") and end - start <= 32 * 2**20:
                memory.seek(start)
                data += memory.read(end - start)
    return data
