"""Lambda handler for event source mappings of SQS and Kinesis: passwords in records in, hashes to a queue or a table.

    handler = lanecrypt.aws.records.handler

All records of an event are computed as one batch by liblambda, which says what a record's body may be, and what
batchItemFailures has; the mapping must ask for it (ReportBatchItemFailures). Events that need no destination (a
request, HTTP, a Pipe) are answered as liblambda.handler answers them.

Results go to all destinations that are named; with both, to the table first, and what goes to the queue is what the
table holds. A record that could not be delivered is a failure and comes again, and so is what must not overtake it.
Delivery is at least once: queue.py and table.py say how one tells.

LANECRYPT_DESTINATION_QUEUE     URL of a queue, standard or FIFO
LANECRYPT_DESTINATION_TABLE     name of a table whose partition key is "id", a string, without a sort key
LANECRYPT_DELIVERY_REQUESTS     requests at a time, 1 to 64; default 16
LANECRYPT_MAX_COST, LANECRYPT_ENGINE, WORKER_COUNT, AWS_LAMBDA_LOG_LEVEL  as in the other functions

Needs sqs:SendMessage on the queue, dynamodb:PutItem on the table, and for encrypted ones kms:GenerateDataKey and
kms:Decrypt on their keys. Give the event source's queue a visibility timeout of six times the function's timeout.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import liblambda

from lanecrypt.aws import _log
from lanecrypt.aws._clock import Deadline, Earlier, of_context, request_id
from lanecrypt.aws._errors import ConfigError, fault
from lanecrypt.aws._results import Destination, Result, of_group
from lanecrypt.aws._settings import Environment
from lanecrypt.aws.queue import Queue
from lanecrypt.aws.table import Table

__all__ = ["ConfigError", "Handler", "handler"]

# A destination is a file with a Destination, and a row here. The table comes before the queue: see above.
DESTINATIONS: tuple[tuple[str, Callable[[str, int], Destination]], ...] = (
    ("LANECRYPT_DESTINATION_TABLE", Table),
    ("LANECRYPT_DESTINATION_QUEUE", Queue),
)
DELIVERY_SHARE = 0.25  # of an invocation's time, kept for delivery
DELIVERY_SECONDS = 15.0  # at most
RESERVE_SECONDS = 1.0  # for the answer; delivery ends that much before the invocation
RESERVE_SHARE = 0.05


def destinations(environment: Environment) -> list[Destination]:
    requests = environment.number("LANECRYPT_DELIVERY_REQUESTS", 16, 1, 64)
    named = [(environment.text(variable), kind) for variable, kind in DESTINATIONS]
    found: list[Destination] = [kind(name, requests) for name, kind in named if name]
    if not found:
        raise ConfigError(
            "no_destination: LANECRYPT_DESTINATION_QUEUE (a URL) or LANECRYPT_DESTINATION_TABLE (a name) must be set,"
            " or hashes would vanish; an EventBridge Pipe with liblambda.handler as its enrichment needs neither"
        )
    if not environment.text(DESTINATIONS[1][0], "https://").startswith(("https://", "http://")):
        raise ConfigError("LANECRYPT_DESTINATION_QUEUE must be the URL of a queue, not its name or ARN")
    return found


class Handler:
    """Callable as Lambda calls it. One event at a time."""

    def __init__(self, destinations: list[Destination]) -> None:
        self._destinations = destinations

    def __call__(self, event: Any, context: Any = None) -> Any:
        end = of_context(context)
        left = end.left()
        deadline = end.earlier(min(RESERVE_SECONDS, RESERVE_SHARE * left))
        if context is not None and callable(getattr(context, "get_remaining_time_in_millis", None)):
            context = Earlier(context, min(DELIVERY_SECONDS, DELIVERY_SHARE * left))

        def deliver(results: list[Result]) -> list[int]:
            try:
                return self._deliver(results, deadline, request_id(context))
            except Exception as error:
                raise fault(error) from None

        return liblambda.record_handler(deliver)(event, context)

    def _deliver(self, results: list[Result], deadline: Deadline, request: str) -> list[int]:
        """Indexes of the results that are not at every destination."""
        left = list(range(len(results)))  # what the next destination is given
        current = list(results)
        codes: Counter[str] = Counter()
        for destination in self._destinations:
            delivered = destination.deliver([current[index] for index in left], deadline)
            codes += delivered.codes
            for index, result in zip(left, delivered.results):
                current[index] = result
            failed = {left[place] for place in delivered.failed}
            left = [index for index in left if index not in held_back(current, failed)]
        if codes:
            message = "results were not delivered, and their records come again"
            _log.line(
                "ERROR", request, message, delivered=len(left), failed=len(results) - len(left), codes=dict(codes)
            )
        return sorted(set(range(len(results))) - set(left))


def held_back(results: list[Result], failed: set[int]) -> set[int]:
    """What failed, and what comes again with it: the rest of a group, and of a stream all that is behind it."""
    groups: set[Any] = set()
    held = set(failed)
    for index, result in enumerate(results):
        group = result["arn"] if result["source"] == "aws:kinesis" else of_group(result)
        if index in failed:
            groups.add(group)
        elif group in groups:
            held.add(index)
    return held


handler = Handler(destinations(Environment(os.environ)))
