"""Records of SQS and Kinesis through the handler, with the real liblambda: to a queue and to a table that refuse."""

from __future__ import annotations

import importlib
import json
import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import lanecrypt
import pytest
from data_harness import CANARY, Context, Server
from records_harness import (
    body,
    failures,
    kinesis,
    make_queue,
    make_table,
    poll_queue,
    poll_stream,
    request,
    rows_of_table,
    sqs,
)

Load = Callable[..., Any]
# moto takes some 10 ms for a request: 100,000 are minutes, and for whoever asks for them.
RECORDS = int(os.environ.get("LANECRYPT_TEST_RECORDS", "3000"))
ROWS = int(os.environ.get("LANECRYPT_TEST_ROWS", "1000"))


@pytest.fixture
def to_queue(server: Server, handler_of: Load, name: str) -> Any:  # noqa: ARG001
    return handler_of("records", LANECRYPT_DESTINATION_QUEUE=make_queue(name))


@pytest.fixture
def to_fifo(server: Server, handler_of: Load, name: str) -> Any:  # noqa: ARG001
    return handler_of("records", LANECRYPT_DESTINATION_QUEUE=make_queue(name + ".fifo"))


@pytest.fixture
def to_table(server: Server, handler_of: Load, name: str) -> Any:  # noqa: ARG001
    make_table(name)
    return handler_of("records", LANECRYPT_DESTINATION_TABLE=name)


def bodies(server: Server, queue: str) -> list[dict[str, Any]]:
    return [json.loads(message["body"]) for message in server.messages(queue)]


def check(hashes: dict[str, str], count: int) -> None:
    """A hash of its own for each user of 0 .. count - 1; those of a sample are verified."""
    assert sorted(hashes) == sorted(f"u{number}" for number in range(count))
    assert len(set(hashes.values())) == count
    chosen = random.Random(1).sample(range(count), min(200, count))
    passwords = [f"pw-{number}".encode() for number in chosen]
    assert all(lanecrypt.verify_many(passwords, [hashes[f"u{number}"].encode() for number in chosen]))


def test_a_queue_of_records_to_a_queue_that_fails_in_part(server: Server, to_queue: Any, name: str) -> None:
    server.fail(SendMessageBatch={"share": 0.5, "how": "entries", "of": 0.4})
    poll_queue(to_queue, [sqs(number) for number in range(RECORDS)], 10_000)
    counts = server.counts()
    server.fail()
    found = bodies(server, name)
    assert Counter(result["record"] for result in found) == Counter(f"m{number}" for number in range(RECORDS))
    check({result["answer"]["id"]: result["answer"]["hash"] for result in found}, RECORDS)
    assert set(found[0]) == {"record", "source", "answer"}
    assert counts["SendMessageBatch failed"] > RECORDS // 50
    assert counts["SendMessageBatch"] < RECORDS // 3  # ten to a request, and what failed by itself


def test_a_stream_of_records_to_a_queue_that_throttles(server: Server, to_queue: Any, name: str) -> None:
    count = RECORDS // 3
    server.fail(SendMessageBatch={"share": 0.2, "how": "refused"})
    poll_stream(to_queue, [kinesis(number, key=f"k{number % 7}") for number in range(count)], 500)
    server.fail()
    found = bodies(server, name)
    assert len(found) == count
    check({result["answer"]["id"]: result["answer"]["hash"] for result in found}, count)
    assert {result["group"] for result in found} == {f"k{number}" for number in range(7)}


def test_records_to_a_table_that_throttles_and_loses_answers(server: Server, to_table: Any, name: str) -> None:
    server.fail(PutItem={"share": 0.1, "how": "refused"})
    poll_queue(to_table, [sqs(number) for number in range(ROWS // 2)], 10_000)
    server.fail(PutItem={"share": 0.1, "how": "lost"})
    poll_queue(to_table, [sqs(number) for number in range(ROWS // 2, ROWS)], 10_000)
    server.fail()
    rows = rows_of_table(name)
    assert sorted(rows) == sorted(f"m{number}" for number in range(ROWS))
    check({row["item_id"]: row["hash"] for row in rows.values()}, ROWS)


def test_the_first_hash_of_a_record_stays(server: Server, handler_of: Load, name: str) -> None:
    make_table(name)
    url = make_queue(name)
    handler = handler_of("records", LANECRYPT_DESTINATION_QUEUE=url, LANECRYPT_DESTINATION_TABLE=name)
    records = [sqs(1), sqs(2, request(range(10, 13))), kinesis(3)]
    first_events = [{"Records": records[:2]}, {"Records": records[2:]}]
    for event in first_events:
        assert failures(handler(event)) == []
    first = rows_of_table(name)
    key = f"in/{records[2]['kinesis']['sequenceNumber']}"
    assert sorted(first) == sorted(["m1", "m2#0", "m2#1", "m2#2", key])
    for event in first_events:
        assert failures(handler(event)) == []
    assert rows_of_table(name) == first
    sent = bodies(server, name)
    assert len(sent) == 6
    by_record: dict[str, list[Any]] = {}
    for result in sent:
        by_record.setdefault(result["record"], []).append(result["answer"])
    assert all(answers[0] == answers[1] for answers in by_record.values() if "op" not in answers[0])
    assert by_record["m2"][0]["items"] == by_record["m2"][1]["items"]


def test_a_hash_takes_the_place_of_an_error_and_not_the_other_way(
    server: Server,  # noqa: ARG001
    to_table: Any,
    name: str,
) -> None:
    long = json.dumps({"op": "hash", "cost": 4, "items": [{"id": "u1", "password": "x" * 73}]})
    assert failures(to_table({"Records": [sqs(1, long)]})) == []
    assert rows_of_table(name)["m1#0"]["error"] == "password_too_long"
    assert failures(to_table({"Records": [sqs(1, request([1]))]})) == []
    row = rows_of_table(name)["m1#0"]
    assert "error" not in row
    assert failures(to_table({"Records": [sqs(1, long)]})) == []
    assert rows_of_table(name)["m1#0"] == row


def test_what_cannot_be_delivered_comes_again_and_nothing_else(
    server: Server,
    to_queue: Any,
    name: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    records = [sqs(number) for number in range(40)]
    server.fail(SendMessageBatch={"share": 1, "how": "entries", "holding": ['"m3"', '"m17"']})
    assert failures(to_queue({"Records": records}, Context(1000))) == ["m3", "m17"]
    server.fail()
    sent = [result["record"] for result in bodies(server, name)]
    assert sorted(sent) == sorted(f"m{number}" for number in range(40) if number not in (3, 17))
    said = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["codes"] for line in said if "codes" in line] == [{"deadline": 2}]


def test_a_destination_that_refuses_for_good_is_not_asked_again(server: Server, to_table: Any, to_queue: Any) -> None:
    server.fail(**{name: {"share": 1, "how": "refused", "code": "AccessDeniedException"} for name in ("PutItem",)})
    assert failures(to_table({"Records": [sqs(1), sqs(2)]})) == ["m1", "m2"]
    assert server.counts()["PutItem"] == 2
    server.fail(SendMessageBatch={"share": 1, "how": "refused", "code": "AccessDeniedException"})
    assert failures(to_queue({"Records": [sqs(1)]})) == ["m1"]
    assert server.counts()["SendMessageBatch"] == 1


def test_a_fifo_queue_gets_each_group_in_order_and_no_record_twice(server: Server, to_fifo: Any, name: str) -> None:
    records = [sqs(number, group=f"g{number % 3}") for number in range(30)]
    server.fail(SendMessageBatch={"share": 0.3, "how": "lost"})
    poll_queue(to_fifo, list(records), 10)
    server.fail(SendMessageBatch={"share": 0.5, "how": "entries", "of": 0.5})
    poll_queue(to_fifo, list(records), 10)  # as if it had all come again
    server.fail()
    messages = server.messages(name + ".fifo")
    assert len(messages) == 30
    for group in range(3):
        order = [json.loads(message["body"])["record"] for message in messages if message["group"] == f"g{group}"]
        assert order == [f"m{number}" for number in range(30) if number % 3 == group]


def test_in_a_fifo_queue_nothing_overtakes_what_failed(server: Server, to_fifo: Any, name: str) -> None:
    records = [sqs(number, group="g") for number in range(10)]
    server.fail(SendMessageBatch={"share": 0.4, "how": "refused", "code": "AccessDeniedException"})
    failed = failures(to_fifo({"Records": records}))
    server.fail()
    sent = [json.loads(message["body"])["record"] for message in server.messages(name + ".fifo")]
    assert failed
    assert sent + failed == [f"m{number}" for number in range(10)]


def test_groups_that_sqs_would_refuse_are_renamed(server: Server, to_fifo: Any, name: str) -> None:
    assert failures(to_fifo({"Records": [kinesis(1, key="é" * 200), kinesis(2, key="a b")]})) == []
    assert all(len(message["group"]) == 64 for message in server.messages(name + ".fifo"))


def test_an_answer_over_a_messages_size_is_cut(server: Server, to_queue: Any, name: str) -> None:
    items = [{"id": f"u{number}" + "x" * 1000, "password": f"pw-{number}"} for number in range(600)]
    text = json.dumps({"op": "hash", "cost": 4, "items": items})
    assert failures(to_queue({"Records": [sqs(1, text), sqs(2)]})) == []
    sent = server.messages(name)
    assert all(len(message["body"]) <= 256 << 10 for message in sent)
    found = sorted(
        (json.loads(message["body"]) for message in sent if '"m1"' in message["body"]), key=lambda one: one["part"]
    )
    assert [one["part"] for one in found] == [1, 2, 3]
    assert all(one["parts"] == 3 and one["answer"]["op"] == "hash" for one in found)
    ids = [item["id"] for one in found for item in one["answer"]["items"]]
    assert ids == [item["id"] for item in items]
    assert sum(one["answer"]["processed"] for one in found) == 600


def test_an_item_over_a_messages_size_fails_alone(server: Server, to_queue: Any, name: str) -> None:
    big = json.dumps({"id": "x" * (256 << 10), "password": "pw", "cost": 4})
    assert failures(to_queue({"Records": [sqs(1), sqs(2, big), sqs(3)]})) == ["m2"]
    assert sorted(result["record"] for result in bodies(server, name)) == ["m1", "m3"]


def test_poisoned_records_fail_alone(
    server: Server, to_queue: Any, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    hostile = json.dumps({"password": CANARY, "hash": "$2b$31$" + "a" * 53})
    poisoned = [sqs(1, CANARY), sqs(2, "["), sqs(3, ""), {**sqs(4), "body": None}, sqs(5, hostile)]
    records = [sqs(number) for number in range(10, 60)]
    del poisoned[3]["body"]
    mixed = [*records[:25], *poisoned, *records[25:]]
    failed = failures(to_queue({"Records": mixed}))
    assert set(failed) <= {f"m{number}" for number in range(1, 6)}
    assert {"m1", "m2", "m3", "m4"} <= set(failed)
    sent = {result["record"] for result in bodies(server, name)}
    assert {record["messageId"] for record in records} <= sent
    assert CANARY not in "".join(capfd.readouterr())
    assert CANARY not in json.dumps(server.messages(name))


def test_without_a_destination_the_import_fails(server: Server, handler_of: Load) -> None:  # noqa: ARG001
    with pytest.raises(Exception, match="no_destination: LANECRYPT_DESTINATION_QUEUE") as caught:
        handler_of("records")
    assert type(caught.value).__name__ == "ConfigError"
    with pytest.raises(Exception, match="LANECRYPT_DELIVERY_REQUESTS must be a number from 1 to 64"):
        handler_of("records", LANECRYPT_DESTINATION_TABLE="t", LANECRYPT_DELIVERY_REQUESTS="0")
    with pytest.raises(Exception, match="LANECRYPT_DESTINATION_QUEUE must be the URL of a queue"):
        handler_of("records", LANECRYPT_DESTINATION_QUEUE="arn:aws:sqs:eu-central-1:123456789012:q")


def test_a_delivery_that_breaks_tells_no_values(
    server: Server,  # noqa: ARG001
    to_queue: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(importlib.import_module("lanecrypt.aws.queue"), "bodies_of", fail)
    with pytest.raises(Exception, match="RuntimeError at") as caught:
        to_queue({"Records": [sqs(1)]})
    assert CANARY not in str(caught.value)


def test_a_request_without_records_is_answered(to_queue: Any) -> None:
    answer = to_queue({"op": "hash", "cost": 4, "items": [json.loads(body(1))]})
    assert answer["processed"] == 1
