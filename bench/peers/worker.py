"""A worker: one long-lived process that hashes on request. bench/README.md has the protocol."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO


class WorkerFailed(Exception):
    """A worker ended, or said something that is no answer. Its last words are in the message."""


@dataclass(frozen=True)
class Request:
    count: int  # hashes in one go: the size of a batch, where there are batches
    cost: int
    threads: int
    times: int = 1


@dataclass(frozen=True)
class Answer:
    seconds: float  # of all times
    hashes: list[str]  # of the last


class Worker:
    """Pinned to the first `cores` processors that this process may use, from its first instruction on."""

    def __init__(self, command: Sequence[str], cores: int, environment: Mapping[str, str] | None = None) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the worker
        self._process = subprocess.Popen(
            pinned(command, cores),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, **(environment or {})},
            text=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid  # taskset becomes the worker

    def ask(self, request: Request) -> Answer:
        to, answers = _open(self._process.stdin), _open(self._process.stdout)
        try:
            print(request.count, request.cost, request.threads, request.times, file=to, flush=True)
            seconds = int(answers.readline()) / 1e9
        except (OSError, ValueError) as error:
            raise WorkerFailed(f"no answer to {request}: {self._last_words()}") from error
        hashes = [answers.readline().rstrip("\n") for _ in range(request.count)]
        return Answer(seconds, hashes)

    def stop(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            _open(self._process.stdin).close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _open(self._process.stdout).close()
        self._errors.close()

    def _last_words(self) -> str:
        self._process.kill()
        self._process.wait()
        self._errors.seek(0)
        said = [line.strip() for line in self._errors.read().splitlines() if line.strip()]
        telling = [line for line in said if "error" in line.lower()] or said[-1:]
        return "".join(telling[:1]) or f"it ended with {self._process.returncode} and without a word"


def _open(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def usable_cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def pinned(command: Sequence[str], cores: int, first: int = 0) -> list[str]:
    """The command on so many processors, counted from the first-th."""
    chosen = usable_cores()[first : first + cores]
    return ["taskset", "--cpu-list", ",".join(map(str, chosen)), *command]
