"""What `lanecrypt verify` does to rows: stored hashes understood, passwords verified, upgrades in the form of the old.

No command line: whatever else has rows of passwords and stored hashes verifies them with this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple, Union

import lanecrypt
from lanecrypt.cli.digests import DigestForm
from lanecrypt.cli.failure import ATTENTION, OK
from lanecrypt.cli.formats.base import Problem, Value
from lanecrypt.cli.work import Done, Outcome, Progress, Values, Work, problem_of_null
from lanecrypt.cli.wrappers import Stored, parse, why_not


class Pair(NamedTuple):
    """A password and its stored hash, both understood."""

    password: bytes
    stored: Stored


class Answer(NamedTuple):
    match: bool
    new_hash: str | None


Answered = Union[Answer, Problem, None]


class Verifying(Work):
    doing = "verifying"

    def __init__(
        self, batch_options: dict[str, Any], prefix: bytes, upgrade_to: int | None, digest: DigestForm | None = None
    ) -> None:
        self._options, self._prefix, self._upgrade_to = batch_options, prefix, upgrade_to
        self._digest = digest

    def compute(self, values: Values, progress: Progress, cancel: lanecrypt.Cancel) -> list[Outcome]:
        understood = [self._digested(_understood(*pair)) for pair in values]
        pairs = [one for one in understood if isinstance(one, Pair)]
        answers = iter(self._answers(pairs, progress, cancel))
        return [self._outcome(next(answers)) if isinstance(one, Pair) else self._outcome(one) for one in understood]

    def _digested(self, one: Pair | Answered) -> Pair | Answered:
        """What was hashed, where that was the text of a digest: verified and upgraded alike."""
        if self._digest is None or not isinstance(one, Pair):
            return one
        return one._replace(password=self._digest.of(one.password))

    def _outcome(self, answer: Answered) -> Outcome:
        if not isinstance(answer, Answer):
            return answer
        cells = (answer.match,) if self._upgrade_to is None else (answer.match, answer.new_hash)
        if answer.new_hash is not None:
            return Done(cells, "upgraded")
        return Done(cells, "matched" if answer.match else "mismatched")

    def _answers(self, pairs: list[Pair], progress: Progress, cancel: lanecrypt.Cancel) -> list[Answered]:
        """Forms that need their new salt beforehand are upgraded in a second step, all others in the first."""
        simple = [pair for pair in pairs if not _own_step(pair)]
        others = [pair for pair in pairs if _own_step(pair)]
        first = iter(self._verify(simple, progress, cancel, self._upgrade_to))
        second = iter(self._upgrade(others, self._verify(others, progress, cancel, None), cancel))
        return [next(second) if _own_step(pair) else next(first) for pair in pairs]

    def _verify(
        self, pairs: list[Pair], progress: Progress, cancel: lanecrypt.Cancel, upgrade_to: int | None
    ) -> list[Answered]:
        results: list[Any] = lanecrypt.verify_many(
            [pair.stored.given(pair.password) for pair in pairs],
            [pair.stored.bcrypt for pair in pairs],
            upgrade_to=upgrade_to,
            prefix=self._prefix,
            progress=progress,
            cancel=cancel,
            on_error="return",
            **self._options,
        )
        return [_answer(result, pair.stored) for result, pair in zip(results, pairs)]

    def _upgrade(self, pairs: list[Pair], answers: list[Answered], cancel: lanecrypt.Cancel) -> list[Answered]:
        if self._upgrade_to is None:
            return answers
        due = [index for index, pair in enumerate(pairs) if self._is_due(pair, answers[index])]
        settings = [lanecrypt.gensalt(self._upgrade_to, b"2b") for _ in due]
        given = [
            pairs[index].stored.wrapper.given(pairs[index].password, setting[7:])
            for index, setting in zip(due, settings)
        ]
        hashes = lanecrypt.hash_many(given, settings=settings, cancel=cancel, on_error="return", **self._options)
        for index, result in zip(due, hashes):
            answers[index] = _upgraded(result, pairs[index].stored)
        return answers

    def _is_due(self, pair: Pair, answer: Answered) -> bool:
        assert self._upgrade_to is not None
        matched = isinstance(answer, Answer) and answer.match
        return matched and lanecrypt.needs_rehash(pair.stored.bcrypt, self._upgrade_to, b"2b")

    def report(self, counts: Counter[str], seconds: float) -> tuple[str, int]:
        matched = counts["matched"] + counts["upgraded"]
        line = f"{matched:,} passwords match, {counts['mismatched']:,} do not ({seconds:,.1f} s)"
        if self._upgrade_to is not None:
            line += f", {counts['upgraded']:,} have a new hash"
        if counts["failed"]:
            line += f", {counts['failed']:,} rows failed"
        return line, ATTENTION if counts["failed"] or counts["mismatched"] else OK


def _own_step(pair: Pair) -> bool:
    return pair.stored.wrapper.salted or pair.stored.wrapper.only_2b


def _understood(password: Value, stored: Value) -> Pair | Answered:
    if isinstance(password, Problem):
        return password
    if isinstance(stored, Problem):
        return Problem(stored.code, stored.message.replace("the value", "the stored hash"))
    if not stored:
        # The unknown user. No dummy is computed: whoever sees this file needs no clock to tell.
        return Answer(False, None)
    if password is None:
        return problem_of_null("password")
    found = parse(stored)
    if found is None or lanecrypt.identify(found.bcrypt) is None:
        return Problem("invalid_hash", f"the stored hash is not understood: {why_not(stored)}")
    return Pair(password, found)


def _answer(result: Any, stored: Stored) -> Answered:
    if isinstance(result, lanecrypt.ItemError):
        return None if result.code == "cancelled" else Problem(result.code, result.message)
    if isinstance(result, bool):
        return Answer(result, None)
    if result.upgrade_error == "cancelled":
        return None
    return Answer(result.match, None if result.new_hash is None else stored.wrap(result.new_hash).decode("ascii"))


def _upgraded(result: bytes | lanecrypt.ItemError, stored: Stored) -> Answered:
    if isinstance(result, bytes):
        return Answer(True, stored.wrap(result).decode("ascii"))
    return None if result.code == "cancelled" else Problem(result.code, result.message)


def added_columns(upgrade_to: int | None) -> Sequence[str]:
    return ["match"] if upgrade_to is None else ["match", "new_hash"]
