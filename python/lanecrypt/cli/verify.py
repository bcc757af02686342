"""`lanecrypt verify`: a table with passwords and stored hashes in, the same table with a column `match` out."""

from __future__ import annotations

from typing import Any

import click

from lanecrypt.cli import options
from lanecrypt.cli.digests import ENCODINGS, LENGTHS, UPPER_HEX, DigestForm
from lanecrypt.cli.transform import Task, check_names, transform
from lanecrypt.cli.verifying import Verifying, added_columns


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
