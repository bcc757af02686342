"""`lanecrypt audit`: what kinds of hashes a database holds, and which of them should worry. Nothing is computed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click

import lanecrypt
from lanecrypt.cli import audit_report, options, private_file
from lanecrypt.cli.errors_log import ErrorsLog
from lanecrypt.cli.failure import ATTENTION, OK, Failure, usage
from lanecrypt.cli.formats import Table, find_format, open_table
from lanecrypt.cli.formats.base import START, Problem, Row, Value
from lanecrypt.cli.salts import Salts
from lanecrypt.cli.streams import say
from lanecrypt.cli.targets import check_distinct
from lanecrypt.cli.wrappers import parse, why_not


class Audit:
    """The counts. `findings` are what the exit code speaks of; `notes` are worth knowing."""

    def __init__(self, min_cost: int, max_cost: int) -> None:
        self._min_cost, self._max_cost = min_cost, max_cost
        self.rows = self.empty = 0
        self.wrappers: Counter[str] = Counter()
        self.variants: Counter[str] = Counter()
        self.costs: Counter[int] = Counter()
        self.malformed: Counter[str] = Counter()
        self.findings: Counter[str] = Counter()
        self._salts = Salts()

    def add(self, value: Value) -> Problem | None:
        """Counts a stored hash, and answers what is wrong with it."""
        self.rows += 1
        if value is None or value == b"":
            self.empty += 1
            return None
        problem = value if isinstance(value, Problem) else self._look_at(value)
        if problem is not None:
            self.findings[problem.code] += 1
        return problem

    def _look_at(self, text: bytes) -> Problem | None:
        stored = parse(text)
        information = lanecrypt.identify(stored.bcrypt) if stored else None
        if stored is None or information is None:
            reason = why_not(text)
            self.malformed[reason] += 1
            return Problem("malformed", f"not a bcrypt hash that can be verified: {reason}")
        self.wrappers[stored.wrapper.name] += 1
        self.variants[information.prefix.decode("ascii")] += 1
        self.costs[information.cost] += 1
        self._salts.add(stored.salt)
        return self._weakness(information)

    def _weakness(self, information: lanecrypt.HashInfo) -> Problem | None:
        if information.cost < self._min_cost:
            return Problem("weak_cost", f"cost {information.cost} is below {self._min_cost}")
        if information.prefix == b"2x":
            return Problem("weak_variant", "$2x$ hashes come of a bug that weakens passwords with bytes over 127")
        if information.cost > self._max_cost:
            return Problem(
                "dear_cost", f"cost {information.cost} is over {self._max_cost}: it can stall whoever verifies it"
            )
        return None

    def finish(self) -> None:
        repeated = self._salts.repeated()
        self._salts.close()
        self.repeated_salts, self.repeated_rows, self.most_repeated = repeated.salts, repeated.rows, repeated.most
        if repeated.rows:
            self.findings["repeated_salt"] = repeated.rows

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "empty": self.empty,
            "hashes": sum(self.costs.values()),
            "costs": {str(cost): count for cost, count in sorted(self.costs.items())},
            "variants": dict(sorted(self.variants.items())),
            "wrappers": dict(self.wrappers.most_common()),
            "malformed": dict(self.malformed.most_common()),
            "repeated_salts": {"salts": self.repeated_salts, "rows": self.repeated_rows, "most": self.most_repeated},
            "findings": dict(self.findings.most_common()),
            "min_cost": self._min_cost,
        }


class Files:
    """What is written beside the report. It is made before the input is read, which can take hours."""

    def __init__(self, arguments: dict[str, Any], word: str) -> None:
        self._made: list[private_file.Sink] = []
        try:
            self.svg, errors = (self._create(arguments[name], arguments["force"]) for name in ("svg", "errors"))
        except Failure:
            self.give_up()
            raise
        self.log = ErrorsLog(errors, arguments["errors"], word)

    def _create(self, path: str | None, force: bool) -> private_file.Sink | None:
        if path is None:
            return None
        self._made.append(private_file.create(path, force=force))
        return self._made[-1]

    def give_up(self) -> None:
        """Keeps the findings so far; empty files would be in the way of the next try."""
        for sink in self._made:
            if isinstance(sink, private_file.PrivateFile) and sink.position == 0:
                Path(sink.name).unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        for sink in self._made:
            sink.close()


def _read(audit: Audit, table: Table, log: ErrorsLog) -> None:
    for row in table.rows(START):
        problem = _problem(audit, row)
        if problem is not None:
            log.add(row.number, problem)
            if log.count % 1000 == 0:
                log.flush()
    log.finish()
    audit.finish()


def _problem(audit: Audit, row: Row) -> Problem | None:
    if row.broken is None:
        return audit.add(row.values[0])
    return audit.add(row.broken)


@click.command("audit", short_help="Report what kinds of hashes a file holds, and weak ones.")
@options.input_options
@click.option("--column", default="hash", show_default=True, help="The column with stored hashes.")
@click.option("--min-cost", type=options.COST, default=10, show_default=True, help="Below it a hash is weak.")
@click.option("--max-cost", type=options.COST, default=14, show_default=True, help="Above it a hash is a hazard.")
@click.option("--svg", metavar="FILE", help="Write the histogram of costs as a picture.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.option("--errors", metavar="FILE", help="List the rows of findings: NDJSON, or CSV if named .csv.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
def command(**arguments: Any) -> int:
    """Reads stored hashes and reports variants, costs, the forms they are held in, malformed and weak ones, and salts
    that occur twice. No hash is computed, and memory stays small whatever the input's size.

    The exit code is 0 if nothing was found and 1 if there are findings: malformed hashes, costs below --min-cost or
    over --max-cost, $2x$ hashes, repeated salts, rows that cannot be read. Empty hashes are counted and no finding.

    \b
    lanecrypt audit users.parquet --svg costs.svg
    psql -c "copy users to stdout csv" | lanecrypt audit --format csv --no-header --column 3
    """
    for option in ("svg", "errors"):
        if arguments[option] == "-":
            raise usage(f"--{option} is a file, for example /dev/stderr")
    check_distinct(
        [("input", arguments["source"]), ("errors file", arguments["errors"]), ("picture", arguments["svg"])]
    )
    audit = Audit(arguments["min_cost"], arguments["max_cost"])
    log = _audit(audit, arguments)
    if arguments["as_json"]:
        click.echo(json.dumps(audit.as_json(), indent=2))
    else:
        audit_report.show(audit, arguments["min_cost"])
        for line in log.summary():
            say(line)
    return ATTENTION if audit.findings else OK


def _audit(audit: Audit, arguments: dict[str, Any]) -> ErrorsLog:
    chosen = find_format(arguments["format_name"], arguments["source"])
    table = open_table(chosen, arguments["source"], options.layout(arguments, (arguments["column"],)))
    try:
        files = Files(arguments, table.word)
        try:
            _read(audit, table, files.log)
            if files.svg is not None:
                files.svg.write(audit_report.svg(audit, arguments["min_cost"]).encode())
        except BaseException:
            files.log.flush()
            files.give_up()
            raise
        files.close()
    finally:
        table.close()
    return files.log
