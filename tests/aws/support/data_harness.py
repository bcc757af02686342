"""What the tests of this folder share: the server, Lambda's context, buckets, and tables with known passwords."""

from __future__ import annotations

import csv
import io
import json
import random
import urllib.request
from pathlib import Path
from typing import Any

import boto3

REGION = "eu-central-1"
CANARY = "hunter2-canary"


class Server:
    def __init__(self, url: str) -> None:
        self.url = url

    def fail(self, **rules: dict[str, Any]) -> None:
        """From now on; without rules nothing fails any more. What was counted is forgotten."""
        self._ask("/_faults", json.dumps({"rules": rules}).encode())

    def kill(self, pid: int, after: int) -> None:
        """Kills a process when so many more requests are served, before it has the answer."""
        self._ask("/_faults", json.dumps({"rules": {}, "kill": {"pid": pid, "after": after}}).encode())

    def counts(self) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("/_counts")
        return found

    def messages(self, queue: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask(f"/_messages?queue={queue}")
        return found

    def _ask(self, path: str, body: bytes | None = None) -> Any:
        with urllib.request.urlopen(self.url + path, body) as answer:
            return json.load(answer)


class Context:
    """As Lambda's Python runtime hands it to a handler."""

    aws_request_id = "r-1"
    invoked_function_arn = f"arn:aws:lambda:{REGION}:123456789012:function:objects"

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


class Bucket:
    """Inputs and outputs of one test."""

    def __init__(self, name: str) -> None:
        self.s3 = boto3.client("s3")
        self.name = name
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    def put(self, key: str, body: bytes | str) -> dict[str, str]:
        """Answers the event that names it."""
        self.s3.put_object(Bucket=self.name, Key=key, Body=body)
        return {"bucket": self.name, "key": key}

    def get(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()

    def keys(self) -> list[str]:
        return [found["Key"] for found in self.s3.list_objects_v2(Bucket=self.name).get("Contents", [])]

    def uploads(self) -> list[Any]:
        return self.s3.list_multipart_uploads(Bucket=self.name).get("Uploads", [])


def notification(bucket: str, key: str, etag: str | None = None) -> dict[str, Any]:
    found = {"key": key} if etag is None else {"key": key, "eTag": etag}
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": bucket}, "object": found}}]}


def rows_of(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode())))


def check(rows: list[dict[str, str]], count: int, sample: int = 500) -> None:
    """Each row once, in order, each with a hash of its own; those of a sample are verified."""
    import lanecrypt  # conftest.py settles which one

    assert [row["id"] for row in rows] == [str(number) for number in range(count)]
    assert len({row["hash"] for row in rows}) == count
    chosen = random.Random(1).sample(rows, min(sample, count))
    passwords = [f"pw-{row['id']}".encode() for row in chosen]
    assert all(lanecrypt.verify_many(passwords, [row["hash"].encode() for row in chosen]))


def table(count: int, filling: str = "") -> str:
    return "id,password,note\n" + "".join(f"{number},pw-{number},{filling}\n" for number in range(count))


def packages() -> str:
    """The folder that child processes import lanecrypt and liblambda from."""
    import lanecrypt

    assert lanecrypt.__file__ is not None
    return str(Path(lanecrypt.__file__).parents[1])
