"""A bootstrap behind AWS's own Runtime Interface Emulator, as a context manager.

The emulator's binary comes inside the aws-sam-cli wheel. It is a real Runtime API: not a mock of ours that
shares our misunderstandings. It runs one invocation at a time and answers errors with HTTP status 200.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import platform
import queue
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

INVOKE_PATH = "/2015-03-31/functions/function/invocations"
READY_SECONDS = 20.0
# A guard against hanging for ever, not a measure: a Lambda may take 15 minutes.
INVOKE_SECONDS = 900.0


class EmulatorError(RuntimeError):
    """The emulator could not be found or started, or gave no answer."""


def function_environment(own: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a bootstrap: this process's, less what would configure a function, and then its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "WORKER_COUNT" and not name.startswith(("AWS_LAMBDA_", "LANECRYPT_"))
    }
    return {**kept, **(own or {})}


def rie_path() -> Path:
    spec = importlib.util.find_spec("samcli")
    if spec is None or not spec.submodule_search_locations:
        raise EmulatorError("aws-sam-cli is not installed in this Python environment")
    arch = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    path = Path(spec.submodule_search_locations[0]) / "local" / "rapid" / f"aws-lambda-rie-{arch}"
    if not path.exists():
        raise EmulatorError(f"the aws-sam-cli wheel has no {path.name}")
    if not os.access(path, os.X_OK):
        path.chmod(0o755)
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def children_of(parent: int) -> list[int]:
    """All descendants, from /proc: the emulator puts the bootstrap into a process group of its own."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found = [parent]
    for pid in found:
        found += [child for child, its_parent in parents.items() if its_parent == pid]
    return found[1:]


class Emulator:
    """`with Emulator(bootstrap) as emulator: status, body = emulator.invoke(b"{}")`."""

    def __init__(self, bootstrap: Path, env: Mapping[str, str] | None = None, arguments: Sequence[str] = ()) -> None:
        self.bootstrap = bootstrap
        self._arguments = arguments
        self.output: list[str] = []
        self.log_lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._env = dict(env or {})
        self._port = free_port()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._client = httpx.Client(timeout=INVOKE_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        if not self.bootstrap.exists():
            raise EmulatorError(f"{self.bootstrap} is not built")
        command = [str(rie_path()), "--runtime-interface-emulator-address", f"127.0.0.1:{self._port}"]
        # Left alone, the emulator takes port 9001, and two of them could not run side by side.
        command += ["--runtime-api-address", f"127.0.0.1:{free_port()}", str(self.bootstrap), *self._arguments]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=function_environment(self._env),
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read_output, daemon=True)
        self._reader.start()
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def invoke(self, event: bytes) -> tuple[int, bytes]:
        try:
            response = self._client.post(f"http://127.0.0.1:{self._port}{INVOKE_PATH}", content=event)
        except httpx.TimeoutException as error:
            raise EmulatorError(f"no answer within {INVOKE_SECONDS:.0f} s") from error
        except httpx.TransportError as error:
            raise EmulatorError(f"the emulator gave no answer: {error}") from error
        return response.status_code, response.content

    def log_line(self, failed: bool = False, timeout: float = 10.0) -> dict[str, Any] | None:
        """The next invocation's JSON line, which is written just after its answer was sent.

        None where the bootstrap's log format or level leaves the line out, and where none comes in time.
        """
        if not self._logs(failed):
            return None
        end = time.monotonic() + timeout
        with contextlib.suppress(queue.Empty):
            while True:
                line = self.log_lines.get(timeout=max(end - time.monotonic(), 0))
                if "op" in line:  # other lines are of no invocation
                    return line
        return None

    def _logs(self, failed: bool) -> bool:
        silent = {"FATAL"} if failed else {"WARN", "ERROR", "FATAL"}
        text = self._env.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "TEXT"
        return not text and self._env.get("AWS_LAMBDA_LOG_LEVEL", "").upper() not in silent

    @property
    def port(self) -> int:
        """Of the emulator's side for callers, on 127.0.0.1."""
        return self._port

    def bootstrap_pid(self) -> int:
        """Of the running bootstrap; there is one from the first event on."""
        assert self._process is not None
        for pid in children_of(self._process.pid):
            with contextlib.suppress(OSError):
                if (Path("/proc") / str(pid) / "comm").read_text().strip() == self.bootstrap.name:
                    return pid
        raise EmulatorError("no bootstrap is running")

    def close(self) -> None:
        process, self._process = self._process, None
        self._client.close()
        if process is None:
            return
        family = [process.pid, *children_of(process.pid)]
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        process.wait()
        if self._reader is not None:
            self._reader.join(timeout=5)
        if process.stdout is not None:
            process.stdout.close()

    def _read_output(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output.append(line)
            if line.startswith('{"timestamp"'):
                with contextlib.suppress(ValueError):
                    self.log_lines.put(json.loads(line))

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise EmulatorError("the emulator ended at once:\n" + "".join(self.output))
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return
            time.sleep(0.02)
        raise EmulatorError("the emulator accepts no connection:\n" + "".join(self.output))
