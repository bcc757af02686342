"""What objects.py is told by its environment, and what a table needs of it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from lanecrypt.aws._errors import ConfigError, ObjectFailed
from lanecrypt.aws._settings import Environment
from lanecrypt.cli.failure import Failure
from lanecrypt.cli.formats import find_format
from lanecrypt.cli.formats.base import Layout
from lanecrypt.cli.hashing import Hashing
from lanecrypt.cli.verifying import Verifying, added_columns
from lanecrypt.cli.work import Work

PREFIXES = ("2b", "2a", "2y")
FORMATS = ("csv", "ndjson")
TYPES = {"csv": "text/csv", "ndjson": "application/x-ndjson"}


class Plan(NamedTuple):
    bucket: str
    prefix: str
    op: str
    column: str
    hash_column: str  # hash: the new one; verify: the one with stored hashes
    cost: int
    upgrade_to: int | None
    hash_prefix: str
    long_passwords: str
    max_cost: int
    format_name: str  # empty: by the key's extension
    part_bytes: int
    save_seconds: int
    go_on: str
    threads: int | None
    engine: str | None

    def settings(self) -> dict[str, Any]:
        """What an output depends on: a run that goes on must have it in common with the one before."""
        names = ("op", "column", "hash_column", "cost", "upgrade_to", "hash_prefix", "long_passwords", "max_cost")
        return {name: getattr(self, name) for name in names}

    def layout(self) -> Layout:
        finding = "LANECRYPT_COLUMN, LANECRYPT_HASH_COLUMN"
        if self.op == "hash":
            added = (self.hash_column,)
            return Layout((self.column,), (self.column,), added, naming="LANECRYPT_HASH_COLUMN", finding=finding)
        wanted = (self.column, self.hash_column)
        return Layout(wanted, (self.column,), tuple(added_columns(self.upgrade_to)), flags=("match",), finding=finding)

    def work(self) -> Work:
        options: dict[str, Any] = {
            "long_passwords": self.long_passwords,
            "max_cost": self.max_cost,
            "threads": self.threads,
            "engine": self.engine,
        }
        if self.op == "hash":
            return Hashing({**options, "rounds": self.cost, "prefix": self.hash_prefix.encode()}, None, False)
        return Verifying(options, self.hash_prefix.encode(), self.upgrade_to)

    def format_of(self, key: str) -> str:
        """csv or ndjson. The others need what Lambda does not have, or cannot be appended to."""
        try:
            name = self.format_name or find_format(None, key).name
        except Failure:
            name = ""
        if name not in FORMATS:
            raise ObjectFailed(
                "unusable_input", "the key's extension is not of CSV or NDJSON; LANECRYPT_FORMAT says which"
            )
        return name

    def output_key(self, key: str) -> str:
        """Where an object's output goes: the same key behind the prefix. Outputs are not compressed."""
        return self.prefix + re.sub(r"\.gz$", "", key, flags=re.IGNORECASE)


def from_environment(environment: Environment) -> Plan:
    op = environment.one_of("LANECRYPT_OP", "hash", "verify")
    upgrade = environment.text("LANECRYPT_UPGRADE_TO")
    if upgrade and op == "hash":
        raise ConfigError("LANECRYPT_UPGRADE_TO goes with LANECRYPT_OP verify")
    column = environment.text("LANECRYPT_COLUMN", "password")
    hash_column = environment.text("LANECRYPT_HASH_COLUMN", "hash")
    if column == hash_column:
        raise ConfigError("LANECRYPT_COLUMN and LANECRYPT_HASH_COLUMN must be two columns")
    return Plan(
        bucket=environment.required("LANECRYPT_OUTPUT_BUCKET", "the bucket that outputs go to"),
        prefix=environment.text("LANECRYPT_OUTPUT_PREFIX"),
        op=op,
        column=column,
        hash_column=hash_column,
        cost=environment.cost("LANECRYPT_COST", min(12, environment.max_cost())),
        upgrade_to=environment.cost("LANECRYPT_UPGRADE_TO", 12) if upgrade else None,
        hash_prefix=environment.one_of("LANECRYPT_PREFIX", *PREFIXES),
        long_passwords=environment.one_of("LANECRYPT_LONG_PASSWORDS", "refuse", "truncate"),
        max_cost=environment.max_cost(),
        format_name=environment.one_of("LANECRYPT_FORMAT", "", *FORMATS),
        part_bytes=environment.number("LANECRYPT_PART_MIB", 8, 5, 1024) << 20,
        save_seconds=environment.number("LANECRYPT_SAVE_SECONDS", 10, 0, 900),
        go_on=environment.one_of("LANECRYPT_CONTINUE", "invoke", "raise"),
        threads=environment.threads(),
        engine=environment.engine(),
    )
