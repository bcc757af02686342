"""Results to a queue of SQS: one message for each record, ten to a request, several requests at a time.

A message's body is {"record": …, "source": …, "group": …, "answer": {…}}. The answer of a request that does not fit
into a message is cut into several, with "part" and "parts" beside it and counts of their own. What does not come
through is sent again, with back-off, until the deadline.

A standard queue may get a message twice (a request whose answer was lost): its readers tell by "record". To a FIFO
queue messages go in the order of their group, one of a group at a time, with a deduplication id made of the record:
within SQS's five minutes a record that came twice is there once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from lanecrypt.aws import _clients
from lanecrypt.aws._clock import Deadline
from lanecrypt.aws._errors import name_of
from lanecrypt.aws._results import Delivered, Destination, Result, items_of, of_group
from lanecrypt.aws._retry import BackOff, passes

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MESSAGES = 10  # of a request
# Of a message and of a request. SQS takes 1 MiB since August 2025, where a queue's MaximumMessageSize says so; every
# queue takes 256 KiB.
MOST_BYTES = 256 << 10
GROUP = re.compile(r"[!-~]{1,128}")  # what SQS takes as a group
NO_TIME = "deadline"


class Message(NamedTuple):
    result: int  # its index
    body: str  # ASCII: characters are bytes, and none is one that SQS refuses
    group: tuple[str, str]
    part: int


class Queue(Destination):
    """``deliver`` may be called from one thread at a time."""

    def __init__(self, url: str, requests: int) -> None:
        self._url, self._fifo = url, url.endswith(".fifo")
        self._requests = requests
        self._sqs: SQSClient = _clients.sqs(requests)

    def deliver(self, results: list[Result], deadline: Deadline) -> Delivered:
        delivered = Delivered(results)
        with ThreadPoolExecutor(self._requests, "lanecrypt-queue") as pool:
            _Delivery(self, delivered, deadline, pool).run()
        return delivered

    @property
    def fifo(self) -> bool:
        return self._fifo

    def send(self, batch: list[Message], results: list[Result]) -> dict[int, tuple[str, bool]]:
        """Sends up to ten. By place in the batch: those that failed, why, and whether they may be sent again."""
        entries: Any = [
            {"Id": str(place), "MessageBody": message.body, **self._order(message, results[message.result])}
            for place, message in enumerate(batch)
        ]
        try:
            answer = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries)
        except Exception as error:
            again = passes(error)
            return {place: (name_of(error), again) for place in range(len(batch))}
        # What the answer does not name was not sent, as far as anybody knows.
        failed = {str(place): ("unanswered", True) for place in range(len(batch))}
        failed.update({one["Id"]: (one["Code"], not one["SenderFault"]) for one in answer.get("Failed", [])})
        sent = {one["Id"] for one in answer.get("Successful", [])}
        return {int(place): why for place, why in failed.items() if place not in sent}

    def _order(self, message: Message, result: Result) -> dict[str, str]:
        if not self._fifo:
            return {}
        arn, group = message.group
        if not GROUP.fullmatch(group):
            group = hashlib.sha256(group.encode("utf-8", "surrogatepass")).hexdigest()
        known_by = json.dumps([arn, result["record"], message.part])
        return {"MessageGroupId": group, "MessageDeduplicationId": hashlib.sha256(known_by.encode()).hexdigest()}


class _Delivery:
    """Of one event: rounds of requests, each with what may go now and has not gone yet."""

    def __init__(self, queue: Queue, delivered: Delivered, deadline: Deadline, pool: ThreadPoolExecutor) -> None:
        self._queue, self._delivered, self._deadline, self._pool = queue, delivered, deadline, pool
        self._lines: dict[Any, deque[Message]] = {}  # what must go one after the other
        for index, result in enumerate(delivered.results):
            self._enqueue(index, result)

    def _enqueue(self, index: int, result: Result) -> None:
        bodies = bodies_of(result)
        if bodies is None:
            self._delivered.fail(index, "too_large")
        for part, body in enumerate(bodies or ()):
            message = Message(index, body, of_group(result), part)
            line = message.group if self._queue.fifo else (index, part)
            self._lines.setdefault(line, deque()).append(message)

    def run(self) -> None:
        back_off = BackOff(self._deadline)
        while self._lines:
            failures = self._round()
            if failures and not back_off.wait():
                break
        for line in self._lines.values():
            self._give_up(line, NO_TIME)

    def _round(self) -> bool:
        """Whether something failed that may be sent again."""
        failures = False
        lines = list(self._lines.items())
        sizes = [len(line[0].body) for _, line in lines]
        batches = [[lines[place][0] for place in places] for places in cut(sizes)]
        for batch, failed in zip(batches, self._pool.map(self._send, batches)):
            for place, line in enumerate(batch):
                code, again = failed.get(place, ("", False))
                failures |= again
                if not again:
                    self._settle(line, code)
        return failures

    def _send(self, lines: list[Any]) -> dict[int, tuple[str, bool]]:
        if self._deadline.left() <= 0:
            return dict.fromkeys(range(len(lines)), (NO_TIME, True))
        batch = [self._lines[line][0] for line in lines]
        failed = self._queue.send(batch, self._delivered.results)
        refused = len(failed) == len(batch) > 1 and not any(again for _, again in failed.values())
        if not refused:
            return failed
        # The request as a whole: it may have been one of its messages.
        singly = [self._queue.send([message], self._delivered.results) for message in batch]
        return {place: one[0] for place, one in enumerate(singly) if one}

    def _settle(self, line: Any, code: str) -> None:
        """The line's first message is sent, or never will be: then nothing behind it may overtake it."""
        if code:
            self._give_up(self._lines.pop(line), code)
            return
        self._lines[line].popleft()
        if not self._lines[line]:
            del self._lines[line]

    def _give_up(self, messages: deque[Message], code: str) -> None:
        for index in sorted({message.result for message in messages}):
            if index not in self._delivered.failed:
                self._delivered.fail(index, code)


def cut(sizes: list[int]) -> Iterator[list[int]]:
    """Places of messages, cut into requests that SQS takes."""
    batch: list[int] = []
    held = 0
    for place, size in enumerate(sizes):
        if batch and (len(batch) == MESSAGES or held + size > MOST_BYTES):
            yield batch
            batch, held = [], 0
        batch.append(place)
        held += size
    if batch:
        yield batch


def bodies_of(result: Result) -> list[str] | None:
    """The messages of a result. None, if one of its items alone is over what SQS takes."""
    head = {name: result[name] for name in ("record", "source", "group") if name in result}
    whole = json.dumps({**head, "answer": result["answer"]})
    if len(whole) <= MOST_BYTES:
        return [whole]
    items = items_of(result["answer"])
    # What stands around the items is of one size, but for numbers of a few digits.
    around = len(json.dumps({**head, "part": 10**6, "parts": 10**6, "answer": _answer(result["answer"], [])})) + 20
    groups = None if items is None else _groups(items, MOST_BYTES - around)
    if groups is None:
        return None
    return [
        json.dumps({**head, "part": part, "parts": len(groups), "answer": _answer(result["answer"], group)})
        for part, group in enumerate(groups, 1)
    ]


def _groups(items: list[dict[str, Any]], most: int) -> list[list[dict[str, Any]]] | None:
    groups: list[list[dict[str, Any]]] = [[]]
    held = 0
    for item in items:
        size = len(json.dumps(item)) + 2
        if size > most:
            return None
        if held + size > most:
            groups.append([])
            held = 0
        groups[-1].append(item)
        held += size
    return groups


def _answer(answer: dict[str, Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    failed = sum("error" in item for item in items)
    return {**answer, "processed": len(items) - failed, "failed": failed, "items": items}
