"""What the command line says of files, and which of them may not be the same."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from lanecrypt.cli import private_file
from lanecrypt.cli.failure import usage
from lanecrypt.cli.formats import by_extension, find_format

# What stands beside an output while it is made, the last two where rows cannot be appended to it.
BESIDE = (".progress", ".progress.new", ".partial", ".assembled")


class Target(NamedTuple):
    source: str
    format_name: str | None
    output: str
    errors: str | None
    force: bool
    resume: bool

    def check(self, journaled: bool) -> None:
        """Refuses what would destroy the input or cannot be done, before anything is written."""
        chosen = find_format(self.format_name, self.source)
        written = None if self.output == "-" else by_extension(self.output)
        if written is not None and written is not chosen:
            raise usage(f"the output is {chosen.name} as the input is, and {self.output} says {written.name}")
        if self.is_stream and journaled:
            raise usage(f"{chosen.name} cannot be written to standard output: name a file with -o")
        if self.resume and self.is_stream:
            raise usage("--resume needs an output file: name it with -o")
        if self.errors == "-":
            raise usage("--errors is a file, for example /dev/stderr")
        if self.resume and self.force:
            raise usage("--resume goes on with what there is, --force throws it away: choose one")
        named = [("input", self.source), ("output", self.output), ("errors file", self.errors)]
        check_distinct(named)
        # The output itself may be one with its .assembled, if a run ended between two names of one file.
        check_distinct([named[0], named[2], *self._beside(journaled)])

    @property
    def is_stream(self) -> bool:
        """Whether rows go where nothing can be taken back."""
        return self.output == "-" or private_file.is_special(self.output)

    def _beside(self, journaled: bool) -> list[tuple[str, str | None]]:
        endings = () if self.is_stream else BESIDE if journaled else BESIDE[:2]
        return [(f"output's own {ending} file", self.output + ending) for ending in endings]

    def errors_place(self) -> str | None:
        """The errors file as a checkpoint remembers it: from the output's folder, for both may be moved together."""
        if self.errors is None or private_file.is_special(self.errors):
            return self.errors
        folder = os.path.dirname(os.path.realpath(self.output))  # noqa: PTH120
        return os.path.relpath(os.path.realpath(self.errors), folder)


def check_distinct(files: list[tuple[str, str | None]]) -> None:
    """Refuses to write over the input, or two things into one file; with --force too."""
    named = [(what, path) for what, path in files if path is not None]
    for index, (what, path) in enumerate(named):
        for other, other_path in named[:index]:
            if _same(what, path, other, other_path):
                shown = next((one for one in (path, other_path) if one != "-"), "which they are redirected to")
                raise usage(f"the {what} and the {other} are the same file, {shown}")


def _same(what: str, path: str, other: str, other_path: str) -> bool:
    found, other_found = _information(what, path), _information(other, other_path)
    if found is not None and other_found is not None:
        # Hard links too, and files that a standard stream was redirected to. Two devices do not matter.
        return stat.S_ISREG(found.st_mode) and os.path.samestat(found, other_found)
    return "-" not in (path, other_path) and os.path.realpath(path) == os.path.realpath(other_path)


def _information(what: str, path: str) -> os.stat_result | None:
    try:
        if path == "-":
            return os.fstat(0 if what == "input" else 1)
        return os.stat(path)  # noqa: PTH116
    except OSError:
        return None
