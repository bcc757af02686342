"""The commands together, and the one place where an error becomes an exit code and a line on stderr.

An error that nobody foresaw is told by its type and place alone: its text, or a traceback with values, could hold a
password.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import traceback
from typing import Any

import click

import lanecrypt
from lanecrypt.cli import failure, streams
from lanecrypt.cli.failure import Failure
from lanecrypt.cli.interrupts import Interrupted

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
COMMANDS = ("hash", "verify", "audit", "estimate", "bench", "doctor")


class ReaderGone(Exception):
    """What a BrokenPipeError becomes on its way through click."""


class Commands(click.Group):
    """Loads a command's module when it is called: hash in a pipe needs no rich, and none needs all the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's interface
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"lanecrypt.cli.{cmd_name}").command
        command.epilog = "Exit codes: see `lanecrypt --help`."
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """click would end the process with 1 where the reader of standard output has gone away."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            raise ReaderGone from None
        return code


@click.group(cls=Commands, epilog=failure.EXPLAINED, context_settings=SETTINGS)
@click.version_option(lanecrypt.__version__, prog_name="lanecrypt")
def cli() -> None:
    """bcrypt in bulk: files of passwords hashed, verified and audited on every core."""


def run(arguments: list[str]) -> int:
    try:
        return int(cli.main(arguments, prog_name="lanecrypt", standalone_mode=False) or 0)
    except click.ClickException as error:
        with contextlib.suppress(OSError):
            error.show()
        return error.exit_code
    except Failure as error:
        return _say(error.code, str(error))
    except lanecrypt.Error as error:
        return _say(failure.INTERNAL, error.message)
    except ReaderGone:
        streams.flush()
        return failure.BROKEN_PIPE
    except (KeyboardInterrupt, click.Abort):
        return _say(failure.INTERRUPTED, "interrupted")
    except Interrupted as error:
        return _say(128 + error.number, "interrupted")
    except OSError as error:
        what = "cannot write standard output: " if streams.flush() else ""
        return _say(failure.UNREADABLE, what + (error.strerror or type(error).__name__))
    except ModuleNotFoundError:
        raise  # main() knows which may be missing
    except Exception as error:
        return _say(failure.INTERNAL, f"a fault of its own, please report it: {_place(error)}")


def _say(code: int, message: str) -> int:
    streams.say(f"lanecrypt: {message}")
    return code


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    at = " < ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in reversed(frames))  # noqa: PTH119
    return f"{type(error).__name__} at {at}"
