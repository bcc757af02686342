"""PATH.progress: how far an output has come, so that --resume goes on there and nowhere else.

It is there before the files that it speaks of, it is replaced as a whole and only after what it speaks of is on the
disk, and it goes last: a crash at any moment leaves a state from which the rest can be computed, at the price of the
rows since the last checkpoint. It holds no password and no hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any, NamedTuple, Optional

from lanecrypt.cli.failure import os_failure, usage
from lanecrypt.cli.formats.base import START, Mark

VERSION = 2
ATTRIBUTE = "user.lanecrypt.finished"
Identity = Optional[dict[str, int]]  # of an input; None: nothing can tell that a pipe is still the same


class State(NamedTuple):
    """A moment between two rows."""

    mark: Mark = START
    output_bytes: int = 0
    errors_bytes: int = 0
    counts: dict[str, int] = {}  # noqa: RUF012 - never changed, always replaced
    begun: bool = False  # whether the files have been made; before that only their places are known
    made: list[int] | None = None  # what_it_is() of the whole file, where that is made at the end


class Checkpoint:
    def __init__(self, output: str, source: Identity, settings: dict[str, Any]) -> None:
        self.path = Path(output + ".progress")
        self._run = {"version": VERSION, "input": source, "settings": settings}

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
            raise os_failure(f"cannot {'write' if state.begun else 'create'} {self.path}", error) from None

    def load(self) -> State:
        try:
            found = json.loads(self.path.read_text())
            if found["version"] != VERSION:
                raise usage(f"{self.path} is of another version of lanecrypt; begin anew with --force")
            state = State(**{name: found[name] for name in State._fields})
            state = state._replace(mark=Mark(*state.mark))
        except OSError as error:
            raise os_failure(f"cannot read {self.path}", error) from None
        except (ValueError, KeyError, TypeError):
            raise usage(f"{self.path} is damaged; begin anew with --force") from None
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

    def sign(self, path: str) -> None:
        """Notes at a finished file which run it is of, where the file system can: --resume has nothing to do then."""
        try:
            os.setxattr(path, ATTRIBUTE, self._signature(path))
        except OSError:
            return

    def has_signed(self, path: str) -> bool:
        """Whether a file is the finished one of this very run: of the same input and settings, and not grown since."""
        try:
            return self._run["input"] is not None and os.getxattr(path, ATTRIBUTE) == self._signature(path)
        except OSError:
            return False

    def _signature(self, path: str) -> bytes:
        text = json.dumps([self._run, Path(path).stat().st_size], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest().encode()


def identity(source: str) -> Identity:
    """What tells that an input is still the same. Standard input may be a file too, and begin anywhere in it."""
    try:
        information = os.fstat(sys.stdin.fileno()) if source == "-" else os.stat(source)  # noqa: PTH116
        if not stat.S_ISREG(information.st_mode):
            return None
        offset = sys.stdin.buffer.tell() if source == "-" else 0
    except OSError as error:
        raise os_failure(f"cannot read {'standard input' if source == '-' else source}", error) from None
    return {"size": information.st_size, "modified_ns": information.st_mtime_ns, "offset": offset}


def what_it_is(path: str) -> list[int] | None:
    """What tells a finished file from another one that came into its place. Names do not matter."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return [found.st_ino, found.st_size, found.st_mtime_ns]
