"""The real command, as a child process, on real files. tests/python/conftest.py settles which lanecrypt it finds."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

TIMEOUT = 60
Completed = subprocess.CompletedProcess[str]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "lanecrypt", *map(str, arguments)]


def environment(own: dict[str, str]) -> dict[str, str]:
    """This process's, less what would change what commands print."""
    foreign = ("LANECRYPT_", "OMP_", "GOMP_", "AWS_", "COLUMNS", "NO_COLOR", "FORCE_COLOR", "WORKER_COUNT")
    return {**{name: value for name, value in os.environ.items() if not name.startswith(foreign)}, **own}


@pytest.fixture
def lanecrypt(tmp_path: Path) -> Callable[..., Completed]:
    """Runs a command to its end in a folder of its own. `code` is the exit code that is expected."""

    def run(*arguments: object, code: int = 0, stdin: Any = "", env: dict[str, str] | None = None) -> Completed:
        given: dict[str, Any] = {"input": stdin} if isinstance(stdin, str) else {"stdin": stdin}
        done = subprocess.run(
            command(*arguments),
            **given,
            cwd=tmp_path,
            env=environment(env or {}),
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT,
            check=False,
        )
        assert done.returncode == code, f"{arguments}: exit code {done.returncode}\n{done.stdout[:2000]}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
def lanecrypt_inside(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Callable[..., Completed]:
    """The same inside this process, which saves the start of one where many runs do little."""
    main: Callable[[list[str]], int] = importlib.import_module("lanecrypt.cli").main
    input_file = tmp_path_factory.mktemp("stdin") / "text"

    def run(*arguments: object, code: int = 0, stdin: str = "") -> Completed:
        words = [str(argument) for argument in arguments]
        input_file.write_text(stdin, encoding="utf-8", newline="")
        with input_file.open(encoding="utf-8") as given, monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            patch.setattr(sys, "stdin", given)
            capfd.readouterr()
            ended = main(words)
        done = Completed(words, ended, *capfd.readouterr())
        assert ended == code, f"{arguments}: exit code {ended}\n{done.stdout[:2000]}\n{done.stderr}"
        return done

    return run


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command and leaves it running; it is gone when the test is."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: object, **options: Any) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen(command(*arguments), cwd=tmp_path, env=environment({}), encoding="utf-8", **pipes)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()
