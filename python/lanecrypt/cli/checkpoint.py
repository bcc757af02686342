"""PATH.progress: how far an output has come, so that --resume goes on there and nowhere else.

It is replaced as a whole, and only after what it speaks of is on the disk: a crash at any moment leaves a state from
which the rest can be computed, at the price of the rows since the last checkpoint. It holds no password and no hash.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from lanecrypt.cli.failure import os_failure, usage
from lanecrypt.cli.formats.base import START, Mark

VERSION = 1


class State(NamedTuple):
    """A moment between two rows."""

    mark: Mark = START
    output_bytes: int = 0
    errors_bytes: int = 0
    counts: dict[str, int] = {}  # noqa: RUF012 - never changed, always replaced


class Checkpoint:
    def __init__(self, output: str, source: str, settings: dict[str, Any]) -> None:
        self.path = Path(output + ".progress")
        self._run = {"version": VERSION, "input": _identity(source), "settings": settings}

    def exists(self) -> bool:
        return self.path.exists()

    def save(self, state: State) -> None:
        text = json.dumps({**self._run, **state._asdict()})
        fresh = self.path.with_name(self.path.name + ".new")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            fresh.replace(self.path)
        except OSError as error:
            raise os_failure(f"cannot write {self.path}", error) from None

    def load(self) -> State:
        try:
            found = json.loads(self.path.read_text())
            same_version = found["version"] == VERSION
            state = State(Mark(*found["mark"]), found["output_bytes"], found["errors_bytes"], found["counts"])
        except OSError as error:
            raise os_failure(f"cannot read {self.path}", error) from None
        except (ValueError, KeyError, TypeError):
            raise usage(f"{self.path} is damaged; begin anew with --force") from None
        if not same_version:
            raise usage(f"{self.path} is of another version of lanecrypt; begin anew with --force")
        self._compare(found)
        return state

    def _compare(self, found: dict[str, Any]) -> None:
        if found["input"] != self._run["input"]:
            raise usage(f"the input is not the one that {self.path} was made from; begin anew with --force")
        old, new = found["settings"], json.loads(json.dumps(self._run["settings"]))
        changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        if changed:
            raise usage(f"the interrupted run had other settings: {', '.join(changed)}; begin anew with --force")

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def _identity(source: str) -> dict[str, int] | None:
    """What tells that an input is still the same; nothing can for standard input."""
    if source == "-":
        return None
    try:
        information = Path(source).stat()
    except OSError as error:
        raise os_failure(f"cannot read {source}", error) from None
    return {"size": information.st_size, "modified_ns": information.st_mtime_ns}
