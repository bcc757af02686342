"""Standard streams as they may be found: closed, or unable to show every character; and lines for people on stderr.

Nothing else of the command line is needed here: main() calls prepare() before it imports anything.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any


def prepare() -> None:
    """A descriptor that is closed would be taken by the next file that is opened, which messages would then end in.

    Standard input and output are held by what cannot be read or written, so that using them fails as it should; what
    goes to a closed standard error is lost.
    """
    for number, name, flags, mode in (
        (0, "stdin", os.O_WRONLY, "r"),
        (1, "stdout", os.O_RDONLY, "w"),
        (2, "stderr", os.O_WRONLY, "w"),
    ):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # takes the lowest that is free, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    stdout: Any = sys.stdout
    if not shows("█") and hasattr(stdout, "reconfigure"):
        stdout.reconfigure(errors="replace")


def shows(text: str) -> bool:
    """Whether standard output's encoding has these characters."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True


def say(line: str) -> None:
    """To stderr. That it cannot be written is no reason to fail."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr)


def flush() -> OSError | None:
    """Writes what standard output still holds, or gives it up: Python would try again at its end, and complain."""
    try:
        sys.stdout.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
        return error
    return None
