"""`lanecrypt verify`: a table with passwords and stored hashes in, the same table with a column `match` out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple, Union

import click

import lanecrypt
from lanecrypt.cli import options
from lanecrypt.cli.digests import ENCODINGS, LENGTHS, UPPER_HEX, DigestForm
from lanecrypt.cli.failure import ATTENTION, OK
from lanecrypt.cli.formats.base import Problem, Value
from lanecrypt.cli.interrupts import Interrupts
from lanecrypt.cli.transform import (
    Done,
    Outcome,
    Progress,
    Task,
    Values,
    Work,
    check_names,
    problem_of_null,
    transform,
)
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

    def compute(self, values: Values, progress: Progress, interrupts: Interrupts) -> list[Outcome]:
        understood = [self._digested(_understood(*pair)) for pair in values]
        pairs = [one for one in understood if isinstance(one, Pair)]
        answers = iter(self._answers(pairs, progress, interrupts))
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

    def _answers(self, pairs: list[Pair], progress: Progress, interrupts: Interrupts) -> list[Answered]:
        """Forms that need their new salt beforehand are upgraded in a second step, all others in the first."""
        simple = [pair for pair in pairs if not _own_step(pair)]
        others = [pair for pair in pairs if _own_step(pair)]
        first = iter(self._verify(simple, progress, interrupts, self._upgrade_to))
        second = iter(self._upgrade(others, self._verify(others, progress, interrupts, None), interrupts))
        return [next(second) if _own_step(pair) else next(first) for pair in pairs]

    def _verify(
        self, pairs: list[Pair], progress: Progress, interrupts: Interrupts, upgrade_to: int | None
    ) -> list[Answered]:
        results: list[Any] = lanecrypt.verify_many(
            [pair.stored.given(pair.password) for pair in pairs],
            [pair.stored.bcrypt for pair in pairs],
            upgrade_to=upgrade_to,
            prefix=self._prefix,
            progress=progress,
            cancel=interrupts.cancel,
            on_error="return",
            **self._options,
        )
        return [_answer(result, pair.stored) for result, pair in zip(results, pairs)]

    def _upgrade(self, pairs: list[Pair], answers: list[Answered], interrupts: Interrupts) -> list[Answered]:
        if self._upgrade_to is None:
            return answers
        due = [index for index, pair in enumerate(pairs) if self._is_due(pair, answers[index])]
        settings = [lanecrypt.gensalt(self._upgrade_to, b"2b") for _ in due]
        given = [
            pairs[index].stored.wrapper.given(pairs[index].password, setting[7:])
            for index, setting in zip(due, settings)
        ]
        hashes = lanecrypt.hash_many(
            given, settings=settings, cancel=interrupts.cancel, on_error="return", **self._options
        )
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


@click.command("verify", short_help="Check the passwords of a file against stored hashes.")
@options.input_options
@click.option("--column", default="password", show_default=True, help="The column with passwords.")
@click.option("--hash-column", default="hash", show_default=True, help="The column with stored hashes.")
@options.output_options
@click.option("--upgrade-to", type=options.COST, metavar="COST", help="Rehash what matches and is below this cost.")
@options.PREFIX
@options.engine_options
@click.option(
    "--from-digest",
    type=click.Choice(list(LENGTHS)),
    help="The hashes are of legacy digests' texts, as `hash --from-digest` makes them: make these of the passwords.",
)
@click.option("--digest-encoding", type=click.Choice([*ENCODINGS, UPPER_HEX]), default="hex", show_default=True)
def command(**arguments: Any) -> int:
    """Reads INPUT and writes its rows, less the password column, with a column `match`: true or false.

    Stored hashes may be plain ($2b$...) or as Django, passlib (bcrypt-sha256), Spring ({bcrypt}) and LDAP servers
    ({CRYPT}, {BLF-CRYPT}) hold them. An empty hash is an unknown user: no match. With --upgrade-to a column `new_hash`
    has, where a password matches and its hash is below that cost or of an older variant, a hash to store from now on,
    in the form of the old one.

    A row that cannot be told (a malformed hash, a password over 72 bytes) has an empty `match` and is listed by
    --errors. The exit code is 1 if there are such rows or passwords that do not match.

    \b
    lanecrypt verify logins.csv -o checked.csv --upgrade-to 12
    """
    upgrade_to = arguments["upgrade_to"]
    options.check_ceiling("--upgrade-to", upgrade_to, arguments["max_cost"])
    check_names({"--column": arguments["column"], "--hash-column": arguments["hash_column"]})
    batch_options = {name: arguments[name] for name in ("long_passwords", "max_cost", "threads")}
    wanted = (arguments["column"], arguments["hash_column"])
    layout = options.layout(arguments, wanted, (arguments["column"],), tuple(added_columns(upgrade_to)))
    layout = layout._replace(flags=("match",))
    algorithm = arguments["from_digest"]
    digest = DigestForm(algorithm, arguments["digest_encoding"], False) if algorithm else None
    reading = ("encoding", "delimiter", "no_header", "from_digest", "digest_encoding")
    shaping = ("column", "hash_column", "keep_password", "upgrade_to", "prefix", "long_passwords", "max_cost")
    task = Task(
        options.target(arguments),
        layout,
        {name: arguments[name] for name in (*shaping, *reading)},
        arguments["threads"],
        arguments["quiet"],
    )
    return transform(task, Verifying(batch_options, arguments["prefix"].encode(), upgrade_to, digest))
