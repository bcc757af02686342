"""Bodies that are too large, too deep, broken or slow, from each source: each is answered, and says what was wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from faults.conftest import Stage
from faults.harness import BULKY, HASH, ID, Fault, Play
from scripted_api import event, event_head, status
from secret_events import SECRET

MIB = 1 << 20
ERROR = ("error",)
DEEP = b'{"op":"hash","items":[{"password":"' + SECRET.encode() + b'","id":'


def refused(body: Any, kind: str = "InvalidRequest") -> Callable[[Play], None]:
    def script(play: Play) -> None:
        play.hand(body)
        assert play.posted().json()["errorType"] == kind
        play.tell()
        play.wait_for_next()
        assert play.connections == 1, "the connection is not kept"

    return script


def chunked(total: int) -> Callable[[Play], None]:
    """A body of spaces in chunks of 64 KiB."""

    def script(play: Play) -> None:
        play.reply(event_head(ID) + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(total >> 16):
            play.send(b"10000\r\n" + b" " * 65536 + b"\r\n")
        play.send(b"0\r\n\r\n")
        assert play.posted().json()["errorMessage"] == "the event is larger than 6 MiB"
        play.tell()

    return script


def until_closed(play: Play) -> None:
    play.reply(event_head(ID) + b"\r\n" + b" " * (7 * MIB))
    play.drop()
    assert play.posted().json()["errorType"] == "InvalidRequest"
    play.tell()


def in_pieces(play: Play) -> None:
    """A large event that the API sends as slowly as it likes, and a large answer that it takes so."""
    data = event(BULKY)
    play.wait_for_next()
    for at in range(0, len(data), 50_001):
        play.send(data[at : at + 50_001])
    play.asked = False
    answer = play.posted().json()
    assert [item["id"] for item in answer["items"]] == [item["id"] for item in BULKY["items"]]
    play.tell()


def too_large_for_lambda(play: Play) -> None:
    """Lambda has failed the invocation itself: no error is posted behind it."""
    play.hand(BULKY)
    play.posted()
    play.tell(413, b'{"errorType":"RequestEntityTooLarge"}')
    play.wait_for_next()
    (line,) = [each for each in play.api.log_lines(1) if "413" in each["message"]]
    assert (line["level"], line["requestId"]) == ("ERROR", ID)


def too_large_before_it_was_read(end: Callable[[Play], None]) -> Callable[[Play], None]:
    """What was not sent of the answer must not run into the next request."""

    def script(play: Play) -> None:
        play.hand(BULKY)
        old = play.peer
        old.head()
        old.send(status(413))
        end(play)
        play.connection = None
        play.wait_for_next()
        old.close()

    return script


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "a NUL": b"\0",
    "spaces": b" " * 100,
    "no JSON": b"<event/>",
    "an array": b"[]",
    "null": b"null",
    "a string": json.dumps(SECRET).encode(),
    "a number of 100,000 digits": b"9" * 100_000,
    "not UTF-8": b'{"op":"\xff"}',
    "UTF-16": json.dumps(HASH).encode("utf-16"),
    "with a byte order mark": b"\xef\xbb\xbf" + json.dumps(HASH).encode(),
    "half a surrogate": b'{"op":"hash","items":[{"password":"\\ud800"}]}',
    "cut in a string": json.dumps(HASH).encode()[:40],
    "cut before its last brace": json.dumps(HASH).encode()[:-1],
    "two in one": json.dumps(HASH).encode() * 2,
    "an event and a NUL": json.dumps(HASH).encode() + b"\0",
    "a key twice": b'{"op":"hash","op":"verify","items":[]}',
    "17 levels": DEEP + b"[" * 15 + b"]" * 15 + b"}]}",
    "a million levels": DEEP + b"[" * 1_000_000,
    "a million levels of objects": b'{"a":' * 1_000_000,
    "of 1,001 fields": json.dumps({f"f{number}": 0 for number in range(1001)}).encode(),
    "10,001 items": json.dumps({"op": "hash", "items": [{}] * 10_001}).encode(),
    "a cost beyond all": json.dumps({**HASH, "cost": 31}).encode(),
    "a cost of 1e400": b'{"op":"hash","cost":1e400,"items":[]}',
    "of another service": json.dumps({"Records": [{"eventSource": "aws:s3"}]}).encode(),
    "of two sources": json.dumps({**HASH, "Records": []}).encode(),
}


# ---- what comes through a service is answered as that service takes it

SQS = {"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q"}
GOOD = json.dumps({"password": SECRET, "cost": 4})
RECORD_BODIES = {"good": GOOD, "empty": "", "deep": "[" * 100_000, "broken": GOOD[:-1], "long": " " * MIB}


def http(body: str, encoded: bool = False) -> dict[str, Any]:
    context = {"http": {"method": "POST", "path": "/hash"}, "stage": "$default"}
    return {"rawPath": "/hash", "requestContext": context, "body": body, "isBase64Encoded": encoded}


HTTP: dict[str, tuple[Any, int]] = {
    "an empty body": (http(""), 400),
    "a body cut off": (http(json.dumps(HASH)[:-1]), 400),
    "a body that is deep": (http("[" * 100_000), 400),
    "a body that is no base64": (http("%", encoded=True), 400),
    "a body whose base64 is no JSON": (http(base64.b64encode(SECRET.encode()).decode(), encoded=True), 400),
    "a body of 7 MiB": (http(" " * (6 * MIB)), 413),
    "too many items": (http(json.dumps({"items": [{}] * 10_001})), 413),
    "no such path": ({**http("{}"), "rawPath": "/" + SECRET}, 404),
}


def http_answered(body: Any, code: int) -> Callable[[Play], None]:
    def script(play: Play) -> None:
        play.hand(body)
        answer = play.posted().json()
        assert answer["statusCode"] == code
        assert set(json.loads(answer["body"])["error"]) == {"code", "message"}
        play.tell()

    return script


def pipe_answered(play: Play) -> None:
    """Each record has its answer, in its place: what is wrong for good is said there."""
    play.hand([{**SQS, "messageId": name, "body": body} for name, body in RECORD_BODIES.items()])
    answer = play.posted().json()
    assert [result["record"] for result in answer] == list(RECORD_BODIES)
    assert ["error" in result for result in answer] == [False, True, True, True, True]
    play.tell()


def pipe_out_of_time(play: Play) -> None:
    """Another attempt would do better, and a Pipe forgets what was answered: so the invocation fails as a whole."""
    play.hand([{**SQS, "messageId": "m", "body": GOOD}], Lambda_Runtime_Deadline_Ms="1000000000001")
    play.posted()
    play.tell()


def records_refused(play: Play) -> None:
    """The bootstrap has nowhere to send hashes: no record may count as done."""
    play.hand({"Records": [{**SQS, "messageId": "m", "body": GOOD}]})
    assert play.posted().json()["errorType"] == "NoDestination"
    play.tell()


FAULTS = [
    *(Fault(f"a body: {name}", refused(body), ERROR) for name, body in BROKEN.items()),
    Fault("6 MiB and a byte", refused(b" " * (6 * MIB + 1)), ERROR),
    Fault("7 MiB", refused(b"[" * (7 * MIB)), ERROR),
    Fault("100 MiB", refused(b"0" * (100 * MIB)), ERROR),
    Fault("7 MiB in chunks", chunked(7 * MIB), ERROR),
    Fault("100 MiB in chunks", chunked(100 * MIB), ERROR),
    Fault("1 GiB in chunks", chunked(1 << 30), ERROR, long=True),
    Fault("7 MiB until the connection ends", until_closed, ERROR),
    Fault(
        "6 MiB that need all memory",
        refused(b'{"op":"hash","items":[' + b",".join([b"[[[[[0]]]]]"] * 480_000) + b"]}", "OutOfMemory"),
        ERROR,
    ),
    Fault("large both ways, in pieces", in_pieces),
    Fault("413", too_large_for_lambda),
    Fault("413 before the answer was read", too_large_before_it_was_read(lambda _: None), ()),
    Fault("413 and the end before the answer was read", too_large_before_it_was_read(lambda play: play.drop()), ()),
    *(Fault(f"HTTP: {name}", http_answered(body, code)) for name, (body, code) in HTTP.items()),
    Fault("records of a Pipe", pipe_answered),
    Fault("records of a Pipe, too late", pipe_out_of_time, ERROR),
    Fault("records of a queue", records_refused, ERROR),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_bodies(fault: Fault, stage: Stage) -> None:
    stage.play(fault)
