"""Options that commands share, and the checks that click cannot make for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from lanecrypt.cli.failure import usage
from lanecrypt.cli.formats import FORMATS, Layout, checked_encoding
from lanecrypt.cli.targets import Target

Command = TypeVar("Command", bound=Callable[..., Any])
COST = click.IntRange(4, 31)


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator, shown by --help in this order."""

    def apply(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return apply


def input_options(command: Command) -> Command:
    return together(
        click.argument("source", metavar="[INPUT]", default="-"),
        click.option(
            "--format",
            "format_name",
            type=click.Choice([one.name for one in FORMATS]),
            help="Format of the input, if its extension does not say it; standard input has none.",
        ),
        click.option(
            "--encoding",
            default="utf-8",
            show_default=True,
            help="Encoding of the file; 'binary': bytes as they stand. Passwords are hashed as UTF-8 in any case.",
        ),
        click.option("--delimiter", metavar="CHAR", help="Between CSV fields: a comma, in .tsv files a tab."),
        click.option("--no-header", is_flag=True, help="CSV without a header: its columns are called 1, 2, 3."),
    )(command)


def output_options(command: Command) -> Command:
    return together(
        click.option("-o", "--output", default="-", metavar="FILE", help="Where to write; - is standard output."),
        click.option("--errors", metavar="FILE", help="Where to list rows that fail: NDJSON, or CSV if named .csv."),
        click.option("--keep-password", is_flag=True, help="Write the password column too."),
        click.option("--resume", is_flag=True, help="Go on with an output that was interrupted."),
        click.option("--force", is_flag=True, help="Replace files that exist."),
        click.option("-q", "--quiet", is_flag=True, help="No progress bar, and no summary if all is well."),
    )(command)


def engine_options(command: Command) -> Command:
    return together(
        click.option(
            "--long-passwords",
            type=click.Choice(["refuse", "truncate"]),
            default="refuse",
            show_default=True,
            help="Over 72 bytes bcrypt sees nothing: fail such a row, or use the first 72.",
        ),
        click.option("--max-cost", type=COST, default=14, show_default=True, help="Refuse to compute dearer hashes."),
        click.option("--threads", type=click.IntRange(1, 1024), help="Default: as many as this process may use."),
    )(command)


PREFIX = click.option(
    "--prefix",
    type=click.Choice(["2b", "2a", "2y"]),
    default="2b",
    show_default=True,
    help="Variant of new hashes; PHP calls 2b 2y.",
)


def target(arguments: dict[str, Any]) -> Target:
    return Target(**{name: arguments[name] for name in Target._fields})


def layout(
    arguments: dict[str, Any], wanted: tuple[str, ...], dropped: tuple[str, ...] = (), added: tuple[str, ...] = ()
) -> Layout:
    encoding, binary = arguments["encoding"], arguments["encoding"] == "binary"
    delimiter = arguments["delimiter"]
    if delimiter is not None:
        delimiter = "\t" if delimiter == "\\t" else delimiter
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise usage("--delimiter is one character, and no quote")
    return Layout(
        wanted,
        () if arguments.get("keep_password") else dropped,
        added,
        "utf-8" if binary else checked_encoding(encoding),
        binary,
        delimiter,
        not arguments["no_header"],
    )


def check_ceiling(name: str, cost: int | None, max_cost: int) -> None:
    if cost is not None and cost > max_cost:
        raise usage(f"{name} {cost} is over the ceiling of {max_cost}: raise --max-cost if you mean it")
