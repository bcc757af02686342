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
    found: Any = [row for page in pages for row in page["Items"]]
    items = [{name: next(iter(value.values())) for name, value in row.items()} for row in found]
    return {row["id"]: row for row in items}
