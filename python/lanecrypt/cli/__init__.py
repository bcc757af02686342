"""The command line `lanecrypt`: hash, verify, audit, estimate, bench, doctor.

Only this file and streams.py are imported where click and rich are missing; everything else is behind main().
"""

from __future__ import annotations

import sys

from lanecrypt.cli import streams

__all__ = ["main"]

NEEDED = {"click", "rich"}


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line and answers its exit code."""
    try:
        streams.prepare()
        from lanecrypt.cli.app import run

        return run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:  # while modules were still being loaded
        streams.say("lanecrypt: interrupted")
        return 130
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in NEEDED:
            raise
        streams.say("lanecrypt: the command line needs two more packages: pip install 'lanecrypt[cli]'")
        return 2
