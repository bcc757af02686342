"""The two programs that are looked at from outside: one that uses liblanecrypt.so, and the static bootstrap.

LANECRYPT_BUILD names another build than build/release. LANECRYPT_SOAK=1: the long forms. What a test measures it gives
to `figure`, and the last lines of the run are a table of all.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import bcrypt
import pytest
from scripted_api import NEXT, Connection, ScriptedApi, event, status

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()
WORKER = BUILD / "bin" / "lanecrypt_process_worker"
SOAK = os.environ.get("LANECRYPT_SOAK") == "1"

if not WORKER.exists():  # a sanitized build, which has none: see CMakeLists.txt
    collect_ignore_glob = ["*"]

FIGURES = pytest.StashKey[list[tuple[str, ...]]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = []


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    rows = config.stash[FIGURES]
    if not rows:
        return
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    terminalreporter.section("figures of tests/processes")
    for row in rows:
        terminalreporter.write_line(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


Figure = Callable[[str, float, float, str], None]


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """figure(what, value, bar, unit): a row of the table. The bar is at most; a figure that misses it fails nothing."""

    def add(what: str, value: float, bar: float, unit: str) -> None:
        met = "met" if value <= bar else "MISSED"
        request.config.stash[FIGURES].append((what, f"{value:.2f} {unit}", f"<= {bar:g} {unit}, {met}"))

    return add


@pytest.fixture(scope="session")
def soak() -> bool:
    return SOAK


class Subject(Protocol):
    """A running program that hashes batches."""

    name: str

    def batch(self, threads: int) -> None:
        """A batch on so many threads where the program lets its caller choose; fails unless all answers are right."""

    def begin_long(self) -> None:
        """From now on a batch is under way until end_long, whose answers are checked there."""

    def end_long(self) -> None: ...

    def pid(self) -> int: ...

    def finish(self) -> int:
        """Ends it in the orderly way; the exit status."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Library:
    """A process that uses the shared library: worker.cpp has its commands."""

    name = "library"

    def __init__(self, folder: Path, prefix: Sequence[str], env: Mapping[str, str]) -> None:
        command = [*prefix, str(folder / WORKER.name)]
        environment = {**os.environ, **env, "LD_LIBRARY_PATH": str(folder)}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=environment
        )

    def _send(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")

    def _expect_right(self) -> int:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline().split()
        assert answer[:1] == ["right"], (answer, self._process.poll())
        return int(answer[1])

    def batch(self, threads: int) -> None:
        self._send(f"batch {threads}")
        assert 1 <= self._expect_right() <= threads

    def begin_long(self) -> None:
        self._send("busy 2")

    def end_long(self) -> None:
        self._send("batch 2")
        assert self._expect_right() >= 1
        self._expect_right()

    def pid(self) -> int:
        return self._process.pid

    def finish(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


STORED = [bcrypt.hashpw(b"password %d" % each, bcrypt.gensalt(4)).decode() for each in range(13)]


def verify_items(count: int) -> tuple[dict[str, Any], list[bool]]:
    """An event, of which every third password is another item's, and what it must be answered with."""
    items = []
    matches = []
    for each in range(count):
        matches.append(each % 3 != 2)
        password = f"password {each % 13 if matches[-1] else (each + 1) % 13}"
        items.append({"id": each, "password": password, "hash": STORED[each % 13]})
    return {"op": "verify", "items": items}, matches


class Bootstrap:
    """The native bootstrap behind a Runtime API. Its threads are WORKER_COUNT's, which a batch does not choose."""

    name = "bootstrap"

    def __init__(self, folder: Path, prefix: Sequence[str], env: Mapping[str, str]) -> None:
        program = folder / f"bootstrap-{len(list(folder.iterdir()))}.sh"
        program.write_text(f"#!/bin/sh\nexec {shlex.join([*prefix, str(folder / 'bootstrap')])}\n")
        program.chmod(0o755)
        self._api = ScriptedApi(program, {"WORKER_COUNT": "6", **env})
        self._connection: Connection | None = None
        self._matches: list[bool] = []

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._api.accept()
        return self._connection

    def batch(self, threads: int) -> None:
        self._begin(max(threads, 6) + 3)
        self._end()

    def begin_long(self) -> None:
        self._begin(600)

    def end_long(self) -> None:
        self._end()

    def _begin(self, count: int) -> None:
        body, self._matches = verify_items(count)
        assert self._connected().request().path == NEXT
        self._connected().send(event(body))

    def _end(self) -> None:
        answer = self._connected().request().json()
        assert [item.get("match") for item in answer["items"]] == self._matches
        self._connected().send(status(202))

    def pid(self) -> int:
        return self._api.process.pid

    def finish(self) -> int:
        assert (
            self._connected().request().path == NEXT
        )  # it waits for an event: there is nothing that it would leave undone
        self._api.process.terminate()
        return self._api.exit_status()

    def __enter__(self) -> Self:
        self._api.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._api.__exit__(kind, value, trace)


Start = Callable[..., Subject]


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """The programs where any user may run them, which a checkout in somebody's home is not."""
    path = Path(tempfile.mkdtemp(prefix="lanecrypt-processes-"))
    path.chmod(0o755)
    try:
        for file in (WORKER, BUILD / "bin" / "bootstrap", BUILD / "lib" / "liblanecrypt.so.0"):
            if file.exists():  # a build may have no runtime
                shutil.copy(file, path)
        yield path
    finally:
        shutil.rmtree(path)


@pytest.fixture(params=[Library, Bootstrap], ids=lambda kind: str(kind.name))
def start(request: pytest.FixtureRequest, folder: Path) -> Start:
    """start(prefix=(), env={}): one of the two, started by the words of prefix in front of it."""

    def run(prefix: Sequence[str] = (), env: Mapping[str, str] | None = None) -> Subject:
        made: Subject = request.param(folder, prefix, env or {})
        return made

    return run
