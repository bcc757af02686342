"""What `lanecrypt hash` does to rows: passwords, or checked digests, become hashes. No command line."""

from __future__ import annotations

from collections import Counter
from typing import Any

import lanecrypt
from lanecrypt.cli.digests import DigestForm
from lanecrypt.cli.failure import ATTENTION, OK
from lanecrypt.cli.formats.base import Problem, Value
from lanecrypt.cli.work import Done, Outcome, Progress, Values, Work, problem_of_null

EMPTY = Problem("empty_password", "the password is empty (see --allow-empty)")


class Hashing(Work):
    doing = "hashing"

    def __init__(self, batch_options: dict[str, Any], digest: DigestForm | None, allow_empty: bool) -> None:
        self._options, self._digest, self._allow_empty = batch_options, digest, allow_empty

    def compute(self, values: Values, progress: Progress, cancel: lanecrypt.Cancel) -> list[Outcome]:
        checked = [self._checked(value) for (value,) in values]
        passwords = [value for value in checked if isinstance(value, bytes)]
        hashes = iter(
            lanecrypt.hash_many(passwords, progress=progress, cancel=cancel, on_error="return", **self._options)
        )
        return [_outcome(next(hashes)) if isinstance(value, bytes) else value for value in checked]

    def _checked(self, value: Value) -> bytes | Problem:
        if self._digest is not None:
            value = self._digest.checked(value)
        if value is None:
            return problem_of_null("password")
        return EMPTY if value == b"" and not self._allow_empty else value

    def report(self, counts: Counter[str], seconds: float) -> tuple[str, int]:
        line = f"{counts['hashed']:,} rows hashed in {seconds:,.1f} s"
        if counts["failed"]:
            return f"{line}, {counts['failed']:,} rows failed", ATTENTION
        return line, OK


def _outcome(result: bytes | lanecrypt.ItemError) -> Outcome:
    if isinstance(result, bytes):
        return Done((result.decode("ascii"),), "hashed")
    return None if result.code == "cancelled" else Problem(result.code, result.message)
