"""John the Ripper: its own `--test`, which knows cost 5 only, and a real search at cost 10; a process for each core.

The search is after a hash of a password that it does not find in that time; John says how many it tried in a second.
Its build with OpenMP is kept to one thread, for several processes are faster than its threads. John keeps a folder of
its own in the home folder, which no option moves.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from bench.peers import oracle
from bench.peers.worker import WorkerFailed, pinned

TEST = "John the Ripper, --test"
SEARCH = "John the Ripper, searching"
ENCRYPTIONS_KEY = 521  # of Blowfish for a key schedule: 9 for P, 512 for the S boxes
ENCRYPTIONS_END = 64 * 3  # of the final text
RATE = re.compile(r"Raw:\s+([0-9.]+)([KM]?) c/s real")
STATUS = re.compile(r"\s([0-9.]+)([KM]?)c/s")
SCALE = {"": 1, "K": 1e3, "M": 1e6}


def program() -> str | None:
    return shutil.which("john") or shutil.which("john", path="/usr/sbin")


def version() -> str:
    words = subprocess.run([program() or "john"], capture_output=True, text=True, check=False).stdout.split("\n")[0]
    return words.partition("version ")[2] or "unknown version"


def work(cost: int) -> int:
    """Encryptions of a hash: the salted set-up, two key schedules for each of 2^cost iterations, the text."""
    return (1 + 2 * (1 << cost)) * ENCRYPTIONS_KEY + ENCRYPTIONS_END


def rate_of(text: str, pattern: re.Pattern[str]) -> float:
    found = pattern.findall(text)
    if not found:
        raise WorkerFailed(f"John told no rate: {text.strip()[-300:]}")
    number, scale = found[-1]
    return float(number) * SCALE[scale]


class John:
    """What both ways to measure it share: a process for each core, whose rates add up."""

    def __init__(self, peer: str, cost: int, threads: int, seconds: float, folder: Path) -> None:
        self.peer, self.cost, self.threads = peer, cost, threads
        self.jobs, self.note = 1, f"a process for each of {threads} cores" if threads > 1 else ""
        self._seconds, self._folder = seconds, folder
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, arguments: list[str], core: int) -> subprocess.Popen[str]:
        command = pinned([program() or "john", "--format=bcrypt", *arguments], 1, core)
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        # Without a terminal, whose keys it would read; in a session of its own, so that Ctrl-C is for this program.
        return subprocess.Popen(
            command,
            env=environment,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


class Test(John):
    """`john --test=SECONDS`, after the self-test that it begins with."""

    def __init__(self, threads: int, seconds: float, folder: Path) -> None:
        super().__init__(TEST, 5, threads, seconds, folder)

    def prepare(self) -> None:
        self.turn()

    def turn(self) -> tuple[float, float]:
        running = [self.start([f"--test={max(1, round(self._seconds))}"], core) for core in range(self.threads)]
        rate = sum(rate_of(each.communicate()[0], RATE) for each in running)
        return 1 / rate, self._seconds


class Search(John):
    """A search by `--incremental`, ended by SIGINT, upon which John tells its rate since it began."""

    def __init__(self, cost: int, threads: int, seconds: float, folder: Path) -> None:
        super().__init__(SEARCH, cost, threads, seconds, folder)

    def prepare(self) -> None:
        setting = f"$2a${self.cost:02}${oracle.numbered_salt(1)}"
        (self._folder / "passwords").write_text(f"user:{oracle.libcrypt(999_999, setting)}\n")
        self.turn()

    def turn(self) -> tuple[float, float]:
        running = [self.start(self._arguments(core), core) for core in range(self.threads)]
        time.sleep(self._seconds)
        for each in running:
            each.send_signal(signal.SIGINT)
        rate = sum(rate_of(each.communicate()[0], STATUS) for each in running)
        return 1 / rate, self._seconds

    def _arguments(self, core: int) -> list[str]:
        session = self._folder / f"session-{core}"
        session.with_suffix(".rec").unlink(missing_ok=True)
        return ["--incremental", f"--session={session}", "passwords"]
