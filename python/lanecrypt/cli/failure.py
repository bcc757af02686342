"""Exit codes, and the exception that ends a command with one of them and a message.

Messages are for people and never hold a password or a hash: they name files, columns, lines and codes.
"""

from __future__ import annotations

OK = 0
ATTENTION = 1  # finished, and there is something to look at: failed rows, mismatches, findings, a sick installation
USAGE = 2
UNREADABLE = 3  # the input cannot be read, or the output cannot be written
INTERNAL = 70  # sysexits' EX_SOFTWARE
INTERRUPTED = 130  # what a shell reports for SIGINT
BROKEN_PIPE = 141  # what a shell reports for SIGPIPE
TERMINATED = 143  # what a shell reports for SIGTERM

EXPLAINED = """\
Exit codes:

\b
  0    all is well
  1    finished, but look at it: rows that failed, passwords that do not
       match, findings of an audit, a doctor that is not content
  2    the command line is wrong, or does not fit the input
  3    the input cannot be read, or the output cannot be written
  70   a fault of lanecrypt itself
  130  interrupted with Ctrl-C (143: with SIGTERM); what was done is kept
  141  the reader of standard output went away
"""


class Failure(Exception):
    """Ends the command with one line on stderr."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def usage(message: str) -> Failure:
    return Failure(USAGE, message)


def unreadable(message: str) -> Failure:
    return Failure(UNREADABLE, message)


def os_failure(what: str, error: OSError) -> Failure:
    """`what` and the system's own words, without the file name that str(error) repeats."""
    return Failure(UNREADABLE, f"{what}: {error.strerror or type(error).__name__}")
