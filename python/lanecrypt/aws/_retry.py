"""Trying again: which failures pass by themselves, and how long to wait. For destinations that answer item by item."""

from __future__ import annotations

import random
import time

from lanecrypt.aws._clock import Deadline
from lanecrypt.aws._errors import code_of, status_of

FIRST_SECONDS, LONGEST_SECONDS = 0.05, 5.0
PASSING = {
    "InternalError",
    "InternalFailure",
    "KmsThrottled",
    "LimitExceededException",
    "OverLimit",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "ServiceUnavailable",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
}


def passes(error: Exception) -> bool:
    """Whether the same request may go through later. What is neither AWS's answer nor the network's fault does not."""
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

    if isinstance(error, ClientError):
        return status_of(error) >= 500 or status_of(error) == 429 or code_of(error) in PASSING
    if isinstance(error, (HTTPClientError, ConnectionError)):
        return True
    if isinstance(error, BotoCoreError):
        return False
    raise error


class BackOff:
    """Waits longer after each round that had failures: half of it for sure, the other half at random, so that
    functions that failed together do not come back together."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline, self._seconds = deadline, FIRST_SECONDS

    def wait(self) -> bool:
        """False, at once, if there is no time for another round."""
        seconds = random.uniform(0.5, 1) * self._seconds
        if self._deadline.left() <= seconds:
            return False
        time.sleep(seconds)
        self._seconds = min(2 * self._seconds, LONGEST_SECONDS)
        return True
