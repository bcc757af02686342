"""What ends a subcommand early, with the exit code that tells why. click prints the message as `Error: …`.

Messages name functions, files and columns. They hold no payload: an event of this program has made-up passwords, but an
answer of somebody's function may have anything.
"""

from __future__ import annotations

import click

WRONG = 1  # something that was measured or checked is not as it must be
UNREACHABLE = 3  # AWS or the emulator cannot be asked
INTERRUPTED = 130


class FunctionFailed(click.ClickException):
    """A function answered an error, or an answer that is none of ours."""

    exit_code = WRONG


class Unreachable(click.ClickException):
    """No credentials, no stack, no permission, throttled for good, or nothing built to run here."""

    exit_code = UNREACHABLE


class WrongFile(click.ClickException):
    """A file that is given is not what it must be, or would be overwritten."""

    exit_code = 2
