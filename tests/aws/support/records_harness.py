"""Events of SQS and Kinesis as pollers make them, and the pollers: what failed comes again until nothing does."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any

import boto3

REGION = "eu-central-1"
ARN = f"arn:aws:sqs:{REGION}:123456789012:in"
FIFO_ARN = ARN + ".fifo"
STREAM_ARN = f"arn:aws:kinesis:{REGION}:123456789012:stream/in"
Record = dict[str, Any]
Handler = Callable[..., Any]


def body(number: int) -> str:
    return json.dumps({"id": f"u{number}", "password": f"pw-{number}", "cost": 4})


def request(numbers: Iterable[int]) -> str:
    items = [{"id": f"u{number}", "password": f"pw-{number}"} for number in numbers]
    return json.dumps({"op": "hash", "cost": 4, "items": items})


def sqs(number: int, text: str | None = None, group: str | None = None) -> Record:
    attributes = {} if group is None else {"MessageGroupId": group, "SequenceNumber": str(number)}
    return {
        "messageId": f"m{number}",
        "receiptHandle": "r",
        "body": body(number) if text is None else text,
        "attributes": {"ApproximateReceiveCount": "1", **attributes},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN if group is None else FIFO_ARN,
        "awsRegion": REGION,
    }


def kinesis(number: int, text: str | None = None, key: str = "p") -> Record:
    data = base64.b64encode((body(number) if text is None else text).encode()).decode()
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": key,
            "sequenceNumber": f"{49590338271490256608559692538361571095921575989136588898 + number}",
            "data": data,
            "approximateArrivalTimestamp": 1545084650.987,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000006:{number}",
        "eventName": "aws:kinesis:record",
        "awsRegion": REGION,
        "eventSourceARN": STREAM_ARN,
    }


def failures(answer: Any) -> list[str]:
    assert list(answer) == ["batchItemFailures"]
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def poll_queue(handler: Handler, records: list[Record], batch: int, context: Any = None) -> None:
    """What a queue's poller does: what failed comes again, alone."""
    while records:
        now, records = records[:batch], records[batch:]
        failed = set(failures(handler({"Records": now}, context)))
        records = [record for record in now if record["messageId"] in failed] + records


def poll_stream(handler: Handler, records: list[Record], batch: int, context: Any = None) -> int:
    """What a stream's poller does: everything from the first failure on comes again. Answers how many calls it took."""
    at = calls = 0
    while at < len(records):
        now = records[at : at + batch]
        failed = failures(handler({"Records": now}, context))
        assert len(failed) <= 1
        numbers = [record["kinesis"]["sequenceNumber"] for record in now]
        at += numbers.index(failed[0]) if failed else len(now)
        calls += 1
    return calls


def make_queue(name: str) -> str:
    """Answers its URL."""
    attributes: Any = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    return boto3.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def make_table(name: str) -> None:
    boto3.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def rows_of_table(name: str) -> dict[str, dict[str, Any]]:
    """Its items by their keys, as plain values."""
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=name)
    found: Any = [row for page in pages for row in page["Items"]]
    items = [{name: next(iter(value.values())) for name, value in row.items()} for row in found]
    return {row["id"]: row for row in items}
