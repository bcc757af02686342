"""A Runtime API that does, byte for byte, what a test tells it to, for what the real emulator never does.

A test is written as the conversation: accept a connection, read a request, send bytes. Nothing runs in the
background, so what comes in which order is the test's own text. Timeouts guard against hanging; no test
measures time.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from emulator import function_environment

TIMEOUT = 30.0
NEXT = "/2018-06-01/runtime/invocation/next"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def event_head(request_id: str | None = "id-1", **headers: str) -> bytes:
    """The first lines of an answer to GET next, without the length of its body."""
    lines = ["HTTP/1.1 200 OK", "Content-Type: application/json"]
    if request_id is not None:
        lines.append(f"Lambda-Runtime-Aws-Request-Id: {request_id}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n").encode()


def event(body: Any, request_id: str | None = "id-1", **headers: str) -> bytes:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return event_head(request_id, **headers) + f"Content-Length: {len(raw)}\r\n\r\n".encode() + raw


def status(code: int, body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {code} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class Connection:
    def __init__(self, peer: socket.socket, patience: float = TIMEOUT) -> None:
        self._peer = peer
        self._peer.settimeout(patience)
        self._held = b""

    def fileno(self) -> int:
        return self._peer.fileno()

    def head(self) -> Request:
        """The request line and the headers; the body stays unread."""
        while b"\r\n\r\n" not in self._held:
            part = self._peer.recv(65536)
            if not part:
                raise ConnectionError("the bootstrap closed the connection")
            self._held += part
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, path, version = first.split(" ")
        assert version == "HTTP/1.1"
        pairs = (line.split(": ", 1) for line in lines)
        return Request(method, path, {name.lower(): value for name, value in pairs}, b"")

    def request(self) -> Request:
        head = self.head()
        size = int(head.headers.get("content-length", "0"))
        while len(self._held) < size:
            part = self._peer.recv(65536)
            if not part:
                raise ConnectionError("the bootstrap closed the connection in a body")
            self._held += part
        body, self._held = self._held[:size], self._held[size:]
        return Request(head.method, head.path, head.headers, body)

    def some(self, count: int) -> None:
        """Takes so many bytes, whatever they are."""
        while count > 0:
            part = self._peer.recv(count)
            if not part:
                raise ConnectionError("the bootstrap closed the connection")
            count -= len(part)

    def send(self, data: bytes) -> None:
        self._peer.sendall(data)

    def send_slowly(self, data: bytes) -> None:
        """One byte per segment and, as far as a pause can do it, one for each time that the bootstrap reads."""
        self._peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in data:
            self._peer.sendall(bytes([byte]))
            time.sleep(0.002)

    def close(self) -> None:
        self._peer.close()

    def finish(self) -> None:
        """Nothing more is sent; what comes could still be read."""
        self._peer.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Ends it without the usual farewell."""
        self._peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._peer.close()

    def serve(self, body: Any, request_id: str = "id-1", **headers: str) -> Request:
        """One whole event: hands it out, takes the answer, says 202."""
        assert self.request().path == NEXT
        self.send(event(body, request_id, **headers))
        answer = self.request()
        self.send(status(202))
        return answer


class ScriptedApi:
    """`with ScriptedApi(bootstrap) as api: connection = api.accept()`. A bootstrap may also be a command."""

    def __init__(
        self,
        bootstrap: Path | Sequence[str],
        env: Mapping[str, str] | None = None,
        address: str = "127.0.0.1:{port}",
        patience: float = TIMEOUT,
    ) -> None:
        self._connections: list[Connection] = []
        self._patience = patience
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(patience)
        self.port: int = self.listener.getsockname()[1]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed in __exit__)
        own = {"AWS_LAMBDA_RUNTIME_API": address.format(port=self.port), **(env or {})}
        self.process = subprocess.Popen(
            [str(bootstrap)] if isinstance(bootstrap, Path) else list(bootstrap),
            env=function_environment(own),
            stdout=self._log,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
        )

    def __enter__(self) -> ScriptedApi:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.listener.close()
        for connection in self._connections:
            connection.close()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self._log.close()

    def accept(self) -> Connection:
        peer, _ = self.listener.accept()
        self._connections.append(Connection(peer, self._patience))
        return self._connections[-1]

    def refuse(self) -> None:
        """From now on nobody listens."""
        self.listener.close()

    def exit_status(self) -> int:
        return self.process.wait(timeout=self._patience)

    def log_text(self) -> str:
        return os.pread(self._log.fileno(), 1 << 24, 0).decode()

    def log_lines(self, count: int) -> list[dict[str, Any]]:
        """The JSON lines, once there are count of them: they are written just after an answer was sent."""
        end = time.monotonic() + TIMEOUT
        while (lines := self.log_text().splitlines()) is not None and len(lines) < count:
            assert time.monotonic() < end, f"{len(lines)} log lines and not {count}"
            time.sleep(0.01)
        return [json.loads(line) for line in lines]
