"""Each request of the handlers of objects and records, failing in each way that AWS and its network have.

moto makes none of these on demand: the front before it does (server.py). What passes by itself is tried again within
one invocation; after what does not, the next invocation finishes, and no row or record is lost or done in two ways.
"""

from __future__ import annotations

import importlib
import json
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import lanecrypt
import pytest
from data_harness import CANARY, Bucket, Context, Server, check, rows_of, table
from records_harness import failures, make_queue, make_table, poll_queue, rows_of_table, sqs

Load = Callable[..., Any]
Rule = dict[str, Any]
ROWS = 220
FILLING = "x" * 28_000  # a part of 5 MiB and a tail
IN_PARTS = {"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}


def refused(code: str) -> Rule:
    return {"how": "refused", "code": code}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits up to 20 s between attempts: how long is its own business."""
    standard: Any = importlib.import_module("botocore.retries.standard")
    monkeypatch.setattr(standard.ExponentialBackoff, "delay_amount", lambda *_: 0)


# ---- objects

PASSING = {
    "HeadObject": ["500", "dropped", "throttled"],
    "GetObject": ["500", "dropped", "throttled", "cut"],
    "PutObject": ["500", "dropped", "throttled", "done and dropped", "lost"],
    "DeleteObject": ["500", "dropped", "done and dropped"],
    "CreateMultipartUpload": ["500", "dropped", "done and dropped"],
    "UploadPart": ["500", "dropped", "throttled", "done and dropped", "lost"],
    "CompleteMultipartUpload": ["500", "dropped", "done and dropped", "lost", "error in 200"],
}
WAYS: dict[str, Rule] = {"500": refused("InternalError"), "throttled": refused("SlowDown")}


def put_input(bucket: Bucket, operation: str) -> tuple[dict[str, str], int]:
    count, filling = (ROWS, FILLING) if operation in IN_PARTS else (40, "")
    return bucket.put("users.csv", table(count, filling)), count


def check_output(bucket: Bucket, count: int) -> None:
    check(rows_of(bucket.get("out/users.csv")), count, sample=10)
    assert sorted(bucket.keys()) == ["out/users.csv", "users.csv"]


# Some seconds each, most of them moto's.
QUICK = {("UploadPart", "done and dropped"), ("CompleteMultipartUpload", "error in 200")}


def soaked(*values: str, quick: bool) -> Any:
    marks = () if quick else (pytest.mark.skipif("LANECRYPT_SOAK" not in os.environ, reason="with LANECRYPT_SOAK=1"),)
    return pytest.param(*values, marks=marks)


@pytest.mark.parametrize(
    ("operation", "way"),
    [
        soaked(operation, way, quick=operation not in IN_PARTS or (operation, way) in QUICK)
        for operation, ways in PASSING.items()
        for way in ways
    ],
)
def test_what_passes_by_itself(server: Server, bucket: Bucket, load: Load, operation: str, way: str) -> None:
    event, count = put_input(bucket, operation)
    handler = load(LANECRYPT_PART_MIB="5", LANECRYPT_SAVE_SECONDS="0")
    server.fail(**{operation: {"share": 1, "times": 1, **WAYS.get(way, {"how": way})}})
    assert handler(event)["rows"] == count
    assert server.counts()[f"{operation} failed"] == 1
    server.fail()
    check_output(bucket, count)


LASTING: dict[str, tuple[str, Rule, str]] = {
    "an upload that has expired": ("UploadPart", refused("NoSuchUpload"), "upload_gone"),
    "an upload that has expired at its end": ("CompleteMultipartUpload", refused("NoSuchUpload"), "upload_gone"),
    "an input that is gone": ("GetObject", refused("NoSuchKey"), ""),
    "an input that may not be looked at": ("HeadObject", refused("AccessDenied"), "forbidden"),
    "an input that has changed": ("HeadObject", refused("PreconditionFailed"), "input_changed"),
    "a checkpoint that may not be written": ("PutObject", refused("AccessDenied"), "Fault"),
    "a checkpoint that is another's": ("PutObject", refused("PreconditionFailed"), "taken_over"),
    "S3 that throttles for ever": ("PutObject", refused("SlowDown"), "Fault"),
    "S3 that hangs up for ever": ("PutObject", {"how": "dropped"}, "Fault"),
    "bodies that are cut off for ever": ("GetObject", {"how": "cut"}, "Fault"),
}


@pytest.mark.parametrize("fault", [soaked(name, quick=not name.endswith("at its end")) for name in LASTING])
def test_what_does_not(
    server: Server, bucket: Bucket, load: Load, fault: str, capfd: pytest.CaptureFixture[str]
) -> None:
    operation, rule, code = LASTING[fault]
    event, count = put_input(bucket, operation)
    handler = load(LANECRYPT_PART_MIB="5", LANECRYPT_SAVE_SECONDS="0")
    server.fail(**{operation: {"share": 1, **rule}})
    if code:
        with pytest.raises(Exception, match=r".") as caught:
            handler(event)
        assert getattr(caught.value, "code", type(caught.value).__name__) == code
        assert "pw-" not in str(caught.value) + "".join(capfd.readouterr())
        assert "out/users.csv" not in bucket_keys(server, bucket)
    server.fail()
    assert handler(event)["rows"] == count
    check_output(bucket, count)


def bucket_keys(server: Server, bucket: Bucket) -> list[str]:
    server.fail()
    return bucket.keys()


# ---- records

DELIVERIES: dict[str, tuple[Rule, bool]] = {  # and whether a queue that is no FIFO may have got a record twice
    "500": (refused("InternalServerError"), False),
    "throttled": ({"how": "refused"}, False),
    "dropped": ({"how": "dropped"}, False),
    "done and dropped": ({"how": "done and dropped"}, True),
    "lost": ({"how": "lost"}, True),
    "cut": ({"how": "cut"}, True),
    "denied": (refused("AccessDeniedException"), False),
    "expired": (refused("ExpiredTokenException"), False),
}
RECORDS = 12


def once(rule: Rule) -> Rule:
    return {"share": 1, "times": 1, **rule}


@pytest.mark.parametrize("way", [*DELIVERIES, "answered by nothing"])
@pytest.mark.parametrize("kind", ["standard", "fifo"])
def test_records_to_a_queue(server: Server, handler_of: Load, name: str, way: str, kind: str) -> None:
    queue = name + (".fifo" if kind == "fifo" else "")
    handler = handler_of("records", LANECRYPT_DESTINATION_QUEUE=make_queue(queue))
    rule, twice = DELIVERIES.get(way, ({"how": "empty"}, False))
    server.fail(SendMessageBatch=once(rule))
    group = "g" if kind == "fifo" else None
    poll_queue(handler, [sqs(number, group=group) for number in range(RECORDS)], 10)
    assert server.counts()["SendMessageBatch failed"] == 1
    server.fail()
    found = Counter(json.loads(message["body"])["record"] for message in server.messages(queue))
    assert sorted(found) == sorted(f"m{number}" for number in range(RECORDS))
    assert max(found.values()) <= (2 if twice and kind == "standard" else 1)


@pytest.mark.parametrize("way", DELIVERIES)
def test_records_to_a_table(server: Server, handler_of: Load, name: str, way: str) -> None:
    make_table(name)
    handler = handler_of("records", LANECRYPT_DESTINATION_TABLE=name, LANECRYPT_DELIVERY_REQUESTS="2")
    server.fail(PutItem=once(DELIVERIES[way][0]))
    records = [sqs(number) for number in range(RECORDS)]
    failed = failures(handler({"Records": records}))
    assert server.counts()["PutItem failed"] == 1
    server.fail()
    before = rows_of_table(name)
    assert {record["messageId"] for record in records} <= {*before, *failed}, "a record is lost"
    assert failures(handler({"Records": records})) == []
    rows = rows_of_table(name)
    assert len(rows) == RECORDS
    assert all(rows[key] == row for key, row in before.items()), "a record has two hashes"
    passwords = [f"pw-{row['item_id'][1:]}".encode() for row in rows.values()]
    assert all(lanecrypt.verify_many(passwords, [row["hash"].encode() for row in rows.values()]))


@pytest.mark.parametrize("way", DELIVERIES)
def test_records_that_cannot_be_delivered_in_time(
    server: Server, handler_of: Load, name: str, way: str, capfd: pytest.CaptureFixture[str]
) -> None:
    make_table(name)
    handler = handler_of("records", LANECRYPT_DESTINATION_TABLE=name)
    server.fail(PutItem={"share": 1, **DELIVERIES[way][0]})
    records = [sqs(number, json.dumps({"password": CANARY, "cost": 4})) for number in range(3)]
    failed = failures(handler({"Records": records}, Context(400)))
    server.fail()
    assert {record["messageId"] for record in records} <= {*rows_of_table(name), *failed}, "a record is lost"
    assert CANARY not in "".join(capfd.readouterr())
