"""A function of the bench behind the emulator: its start is noted, and a tap may stand between the two."""

from __future__ import annotations

import http.client
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from emulator import INVOKE_PATH, INVOKE_SECONDS, Emulator, EmulatorError, children_of

from bench.lambda_peers.tap import Tap


class Function(Emulator):
    """Asked over one kept connection, and by a client that takes less time than the emulator's own of httpx."""

    def __init__(
        self,
        starter: Path,
        program: Path,
        arguments: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        *,
        tapped: bool = False,
    ) -> None:
        self.program = program
        self.tap = Tap() if tapped else None
        self._folder = tempfile.TemporaryDirectory(prefix="lanecrypt-bench-")
        self._noted = Path(self._folder.name) / "started"
        own = dict(env or {})
        if self.tap is not None:  # the emulator says where the Runtime API is, and the starter has the last word
            own["RUNTIME_API"] = f"127.0.0.1:{self.tap.port}"
        super().__init__(starter, own, [str(self._noted), str(program), *arguments])
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        if self.tap is not None:
            self.tap.__enter__()
        try:
            super().__enter__()
        except BaseException:
            self._close_own()
            raise
        if self.tap is not None:
            self.tap.upstream = ("127.0.0.1", self._api_port())
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=INVOKE_SECONDS)
        self._connection.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, value, trace)
        self._close_own()

    @property
    def started(self) -> int:
        """When the function's program began: nanoseconds of the wall clock. There is one from the first event on."""
        return int(self._noted.read_text())

    def invoke(self, event: bytes) -> tuple[int, bytes]:
        assert self._connection is not None
        try:
            self._connection.request("POST", INVOKE_PATH, event)
            response = self._connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise EmulatorError(f"the emulator gave no answer: {type(error).__name__}") from error

    def timed(self, event: bytes) -> tuple[int, dict[str, Any]]:
        """Nanoseconds from asking to the answer, and the answer. A failed invocation is an EmulatorError."""
        began = time.perf_counter_ns()
        status, body = self.invoke(event)
        taken = time.perf_counter_ns() - began
        answer = json.loads(body)
        if status != 200 or not isinstance(answer, dict) or "errorType" in answer:
            raise EmulatorError(f"{self.program.name} failed: {body[:200]!r}")
        return taken, answer

    def pids(self) -> list[int]:
        """Of the function, without the emulator."""
        assert self._process is not None
        return children_of(self._process.pid)

    def _api_port(self) -> int:
        assert self._process is not None
        command = self._process.args
        assert isinstance(command, list)
        return int(str(command[command.index("--runtime-api-address") + 1]).rpartition(":")[2])

    def _close_own(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self.tap is not None:
            self.tap.close()
        self._folder.cleanup()
