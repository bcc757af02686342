"""`lanecrypt hash`: a table with passwords in, the same table with hashes out."""

from __future__ import annotations

from typing import Any

import click

from lanecrypt.cli import options
from lanecrypt.cli.digests import ENCODINGS, LENGTHS, DigestForm
from lanecrypt.cli.failure import usage
from lanecrypt.cli.hashing import Hashing
from lanecrypt.cli.transform import Task, transform


@click.command("hash", short_help="Hash the passwords of a file.")
@options.input_options
@click.option("--column", default="password", show_default=True, help="The column with passwords.")
@click.option("--output-column", default="hash", show_default=True, help="The new column.")
@options.output_options
@click.option("--cost", type=options.COST, default=12, show_default=True, help="Each step doubles the work.")
@options.PREFIX
@options.engine_options
@click.option("--allow-empty", is_flag=True, help="Hash empty passwords too, which let anybody in.")
@click.option(
    "--from-digest",
    type=click.Choice(list(LENGTHS)),
    help="The column holds legacy digests: hash their text as it stands, once checked.",
)
@click.option("--digest-encoding", type=click.Choice(ENCODINGS), default="hex", show_default=True)
@click.option("--lower-digest", is_flag=True, help="Make hex digests lower-case before they are hashed.")
def command(**arguments: Any) -> int:
    """Reads INPUT (CSV, NDJSON, Parquet or plain lines; gzip too), and writes the same rows in the same order with the
    column `hash` in place of the password column.

    A row whose password cannot be hashed (too long, empty, null, not text) keeps its place, with an empty hash. A line
    that cannot be cut into columns is left out, for nobody knows where its password is, and so is a JSON object that
    has the new column already. All are listed by --errors, with line, code and message, and make the exit code 1.

    \b
    lanecrypt hash users.csv -o hashed.csv
    lanecrypt hash users.csv -o hashed.csv --resume        after Ctrl-C, or a crash
    lanecrypt hash --format lines <words.txt >hashes.txt
    lanecrypt hash old.parquet -o new.parquet --column md5 --from-digest md5

    With --from-digest what is hashed is the digest's text, character for character: 32 hex digits for md5, which
    `lanecrypt verify --from-digest md5` makes of passwords again. --lower-digest evens out capitals.
    """
    options.check_ceiling("--cost", arguments["cost"], arguments["max_cost"])
    batch_options = {
        "rounds": arguments["cost"],
        "prefix": arguments["prefix"].encode(),
        **{name: arguments[name] for name in ("long_passwords", "max_cost", "threads")},
    }
    layout = options.layout(arguments, (arguments["column"],), (arguments["column"],), (arguments["output_column"],))
    layout = layout._replace(naming="--output-column")
    shaping = ("column", "output_column", "keep_password", "cost", "prefix", "long_passwords", "allow_empty")
    reading = ("encoding", "delimiter", "no_header", "from_digest", "digest_encoding", "lower_digest")
    task = Task(
        options.target(arguments),
        layout,
        {name: arguments[name] for name in (*shaping, *reading)},
        arguments["threads"],
        arguments["quiet"],
    )
    return transform(task, Hashing(batch_options, _digest(arguments), arguments["allow_empty"]))


def _digest(arguments: dict[str, Any]) -> DigestForm | None:
    algorithm = arguments["from_digest"]
    if algorithm is None:
        if arguments["lower_digest"]:
            raise usage("--lower-digest goes with --from-digest")
        return None
    if arguments["lower_digest"] and arguments["digest_encoding"] == "base64":
        raise usage("--lower-digest is for hex: in base64 capitals and small letters mean different things")
    return DigestForm(algorithm, arguments["digest_encoding"], arguments["lower_digest"])
