"""Results to a table of DynamoDB: one item for each item of an answer, and the first hash that is written stays.

Key: the attribute "id", a string: what the record is known by (its messageId; for Kinesis STREAM/SEQUENCENUMBER), and
behind it "#N" for item N of a request. So a record that comes again finds what it wrote the first time: its new hash,
which has a new salt, is dropped, and it counts as delivered. The id that the request gave is "item_id"; two records
about one user are two items, for nobody here knows which of them is to stay.

Attributes: id, record, source, group, item_id, and of the answer hash, match, new_hash or error (a code). An item with
an error is replaced by one without.

PutItem from several threads, and not BatchWriteItem, which knows no conditions, nor PartiQL's BatchExecuteStatement,
whose INSERT could not replace an error, nor TransactWriteItems, which fails as a whole and costs double.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from lanecrypt.aws import _clients
from lanecrypt.aws._clock import Deadline
from lanecrypt.aws._errors import code_of, name_of
from lanecrypt.aws._results import Delivered, Destination, Result, items_of
from lanecrypt.aws._retry import BackOff, passes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ANSWERS = ("hash", "match", "new_hash")
CONDITION: dict[str, Any] = {
    "ConditionExpression": "attribute_not_exists(#id) OR attribute_exists(#error)",
    "ExpressionAttributeNames": {"#id": "id", "#error": "error"},
    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
}
NO_TIME = "deadline"


class Row(NamedTuple):
    """One item to write."""

    result: int  # its index
    place: int  # in the result's items; -1 where the answer is one item
    attributes: dict[str, Any]


class Outcome(NamedTuple):
    code: str = ""  # empty: it is there
    again: bool = False
    found: dict[str, Any] | None = None  # what was there before, and stays


class Table(Destination):
    """``deliver`` may be called from one thread at a time."""

    def __init__(self, name: str, requests: int) -> None:
        self._name, self._requests = name, requests
        self._dynamodb: DynamoDBClient = _clients.dynamodb(requests)

    def deliver(self, results: list[Result], deadline: Deadline) -> Delivered:
        delivered = Delivered(results)
        rows = [row for index, result in enumerate(results) for row in rows_of(index, result)]
        back_off = BackOff(deadline)
        with ThreadPoolExecutor(self._requests, "lanecrypt-table") as pool:
            while rows:
                outcomes = pool.map(lambda row: self._put(row, deadline), rows)
                rows = [row for row, outcome in zip(rows, outcomes) if self._is_left(row, outcome, delivered)]
                if rows and not back_off.wait():
                    break
        for row in rows:
            self._fail(row, NO_TIME, delivered)
        return delivered

    def _put(self, row: Row, deadline: Deadline) -> Outcome:
        if deadline.left() <= 0:
            return Outcome(NO_TIME, again=True)
        try:
            self._dynamodb.put_item(TableName=self._name, Item=row.attributes, **CONDITION)
        except Exception as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return Outcome(found=getattr(error, "response", {}).get("Item"))
            return Outcome(name_of(error), passes(error))
        return Outcome()

    def _is_left(self, row: Row, outcome: Outcome, delivered: Delivered) -> bool:
        """Whether a row must be tried again."""
        if outcome.again:
            return True
        if outcome.code:
            self._fail(row, outcome.code, delivered)
        elif outcome.found is not None:
            _take_over(delivered.results, row, outcome.found)
        return False

    def _fail(self, row: Row, code: str, delivered: Delivered) -> None:
        if row.result not in delivered.failed:
            delivered.fail(row.result, code)


def rows_of(index: int, result: Result) -> list[Row]:
    items = items_of(result["answer"])
    if items is None:
        return [Row(index, -1, _attributes(result, key_of(result), result["answer"]))]
    return [
        Row(index, place, _attributes(result, f"{key_of(result)}#{place}", item)) for place, item in enumerate(items)
    ]


def key_of(result: Result) -> str:
    """What tells a record from all others. A sequence number is known to one stream alone."""
    record: str = result["record"]
    return record if result["source"] == "aws:sqs" else f"{result['arn'].rpartition('/')[2]}/{record}"


def _attributes(result: Result, key: str, item: dict[str, Any]) -> dict[str, Any]:
    texts = {"id": key, **{name: result[name] for name in ("record", "source", "group") if result.get(name)}}
    if "id" in item:
        texts["item_id"] = item["id"] if isinstance(item["id"], str) else json.dumps(item["id"])
    if "error" in item:
        texts["error"] = item["error"]["code"]
    attributes: dict[str, Any] = {name: {"S": value} for name, value in texts.items()}
    for name in ANSWERS:
        if name in item:
            attributes[name] = {"BOOL": item[name]} if isinstance(item[name], bool) else {"S": item[name]}
    return attributes


def _take_over(results: list[Result], row: Row, found: dict[str, Any]) -> None:
    """Puts what the table holds in the place of what was computed again: other destinations must not differ from it."""
    result = results[row.result]
    answer = result["answer"]
    old = answer if row.place < 0 else answer["items"][row.place]
    kept = {name: found[name].get("S", found[name].get("BOOL")) for name in ANSWERS if name in found}
    item = {**{name: old[name] for name in old if name == "id"}, **kept}
    if row.place < 0:
        results[row.result] = {**result, "answer": item}
        return
    items = [*answer["items"]]
    items[row.place] = item
    failed = sum("error" in each for each in items)
    results[row.result] = {
        **result,
        "answer": {**answer, "processed": len(items) - failed, "failed": failed, "items": items},
    }
