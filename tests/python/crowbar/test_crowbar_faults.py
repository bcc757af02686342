"""liblambda behind AWS's runtime client and a scripted Runtime API: what our code answers to events that are faults.

Connections, headers and signals are the client's business; here each event is one invocation of one process, which
must answer every one of them and go on.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted_api import Connection, Request, ScriptedApi, event, status
from secret_events import SECRET

GOOD = {"op": "hash", "cost": 4, "items": [{"id": 1, "password": SECRET}]}
ITEM = json.dumps({"password": SECRET, "cost": 4})
SQS = {"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q"}
MIB = 1 << 20
PAST = "1000000000001"


def http(body: str, **more: Any) -> dict[str, Any]:
    context = {"http": {"method": "POST", "path": "/hash"}, "stage": "$default"}
    return {"rawPath": "/hash", "requestContext": context, "body": body, "isBase64Encoded": False, **more}


class Function:
    """A Python process with AWS's client in it, and the one connection that it keeps."""

    def __init__(self, api: ScriptedApi) -> None:
        self.api = api
        self.connection: Connection = api.accept()
        self.invocations = 0

    def answer(self, body: Any, **headers: str) -> Request:
        self.invocations += 1
        request_id = f"8476a536-e9f4-11e8-9739-{self.invocations:012}"
        arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
        told = {"Lambda_Runtime_Deadline_Ms": "4000000000000", "Lambda_Runtime_Invoked_Function_Arn": arn, **headers}
        assert self.connection.request().path.endswith("/invocation/next")
        self.connection.send(event(body, request_id, **told))
        answer = self.connection.request()
        assert answer.path.split("/")[-2] == request_id
        self.connection.send(status(202))
        assert SECRET.encode() not in answer.body
        return answer

    def resident_bytes(self) -> int:
        pages = int(Path(f"/proc/{self.api.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(scope="module")
def function(build: Path) -> Iterator[Function]:
    folder = build / "python"
    if not (folder / "liblambda").exists():
        pytest.skip("this build has no Python modules")
    command = [sys.executable, "-m", "awslambdaric", "liblambda.handler"]
    with ScriptedApi(command, {"PYTHONPATH": os.fspath(folder)}) as api:
        running = Function(api)
        yield running
        assert SECRET not in api.log_text()


REFUSED: dict[str, tuple[Any, str]] = {
    "broken JSON": (json.dumps(GOOD)[:-1].encode(), "Runtime.UnmarshalError"),
    "no UTF-8": (b'{"op":"\xff"}', "Runtime.UnmarshalError"),
    "nothing": (b"", "Runtime.UnmarshalError"),
    "an array": ([], "InvalidRequest"),
    "a text": (SECRET, "InvalidRequest"),
    "17 levels": ({"op": "hash", "items": [{"id": json.loads("[" * 15 + "]" * 15)}]}, "InvalidRequest"),
    "1,001 fields": ({f"f{number}": 0 for number in range(1001)}, "InvalidRequest"),
    "10,001 items": ({"op": "hash", "items": [{}] * 10_001}, "InvalidRequest"),
    "7 MiB": ({**GOOD, "x": "x" * (7 * MIB)}, "InvalidRequest"),
    "a number beyond all": (b'{"op":"hash","cost":1e400,"items":[]}', "InvalidRequest"),
    "half a surrogate": (b'{"op":"hash","items":[],"' + SECRET.encode() + b'":"\\ud800"}', "InvalidRequest"),
    "two sources": ({**GOOD, "Records": []}, "InvalidRequest"),
    "a queue without a destination": ({"Records": [{**SQS, "messageId": "m", "body": ITEM}]}, "NoDestination"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_events_that_fail(function: Function, fault: str) -> None:
    body, kind = REFUSED[fault]
    answer = function.answer(body)
    assert answer.path.endswith("/error")
    assert answer.json()["errorType"] == kind


HTTP: dict[str, tuple[Any, int]] = {
    "an empty body": (http(""), 400),
    "a body cut off": (http(json.dumps(GOOD)[:-1]), 400),
    "a deep body": (http("[" * 100_000), 400),
    "no base64": (http("%", isBase64Encoded=True), 400),
    "base64 of no JSON": (http(base64.b64encode(SECRET.encode()).decode(), isBase64Encoded=True), 400),
    "too many items": (http(json.dumps({"items": [{}] * 10_001})), 413),
    "a body of 6 MiB": (http(" " * (6 * MIB)), 413),
    "no such path": (http("{}", rawPath="/" + SECRET), 404),
}


@pytest.mark.parametrize("fault", HTTP)
def test_events_from_http_have_a_status(function: Function, fault: str) -> None:
    body, code = HTTP[fault]
    answer = function.answer(body)
    assert answer.path.endswith("/response")
    assert answer.json()["statusCode"] == code
    assert set(json.loads(answer.json()["body"])["error"]) == {"code", "message"}


@pytest.mark.parametrize(("deadline", "code"), [(PAST, "deadline"), ("4000000000000", "done")])
def test_deadlines(function: Function, deadline: str, code: str) -> None:
    (item,) = function.answer(GOOD, Lambda_Runtime_Deadline_Ms=deadline).json()["items"]
    assert item.get("error", {"code": "done"})["code"] == code


def test_each_record_of_a_pipe_has_its_answer(function: Function) -> None:
    bodies = {"good": ITEM, "empty": "", "deep": "[" * 100_000, "broken": ITEM[:-1], "long": " " * MIB}
    answer = function.answer([{**SQS, "messageId": name, "body": body} for name, body in bodies.items()]).json()
    assert [result["record"] for result in answer] == list(bodies)
    assert ["error" in result for result in answer] == [False, True, True, True, True]


# What would leave megabytes each time, were the event kept, or the answer. Lists, because the client holds an event
# that failed, by its exception's traceback, until Python collects garbage: that goes by the number of containers made.
HEAVY: dict[str, tuple[Any, str]] = {
    "refused": ({**GOOD, "x": [["x" * 1024]] * (7 * 1024)}, "error"),
    "answered": ({"op": "hash", "items": [{}] * 10_000}, "response"),
}


@pytest.mark.parametrize("way", HEAVY)
def test_nothing_stays_of_an_event(function: Function, way: str) -> None:
    """An environment lives for hours, and the same faults come again."""
    body, end = HEAVY[way]
    resident = []
    for _ in range(40):
        assert function.answer(body).path.endswith(f"/{end}")
        resident.append(function.resident_bytes())
    assert max(resident[20:]) - max(resident[:20]) < 6 * MIB
    (item,) = function.answer(GOOD).json()["items"]
    assert "hash" in item
