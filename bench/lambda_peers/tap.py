"""A TCP tap between a function and the Runtime API: forwards every byte unchanged and notes when it passed.

What comes from the function is dated by the kernel when it arrives (SO_TIMESTAMPNS), what goes to it by the clock just
before it is sent. So the tap's own waking up is in no interval: they are the time that the Runtime API waits for the
function. It is no proxy for anything else: one request at a time, as the Runtime API has them.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

SO_TIMESTAMPNS = 35  # Python's socket module does not name it
CHUNK = 1 << 16
NEXT, RESPONSE, OTHER = "next", "response", "other"
_STAMP = struct.Struct("qq")


@dataclass
class Invocation:
    """Nanoseconds of the wall clock. None: not yet."""

    event: int  # the event's last byte was about to be sent to the function
    response: int | None = None  # the last byte of its answer had arrived
    accepted: int | None = None  # the API's word on the answer was about to be sent
    next: int | None = None  # the function had asked for the next event

    @property
    def handle(self) -> int:
        """From event to answer."""
        assert self.response is not None
        return self.response - self.event

    @property
    def turn(self) -> int:
        """From the API's word to the next request: what a function does after its answer is paid for too."""
        assert self.accepted is not None
        assert self.next is not None
        return self.next - self.accepted


@dataclass
class Log:
    """Turns requests and replies, as they pass, into invocations."""

    first_next: int | None = None  # the end of the function's start
    invocations: list[Invocation] = field(default_factory=list)

    def request(self, kind: str, at: int) -> None:
        """A piece of a request has arrived; the last piece counts."""
        last = self.invocations[-1] if self.invocations else None
        if kind == NEXT and last is None:
            self.first_next = at
        elif kind == NEXT and last is not None and last.response is not None:
            last.next = at
        elif kind == RESPONSE and last is not None:
            last.response = at

    def reply(self, kind: str, at: int, begins: bool) -> None:
        """A piece of the reply to such a request is about to be sent; the last piece counts."""
        if kind == NEXT and begins:
            self.invocations.append(Invocation(at))
        elif kind == NEXT:
            self.invocations[-1].event = at
        elif kind == RESPONSE:
            self.invocations[-1].accepted = at


@dataclass
class _Connection:
    function: socket.socket
    api: socket.socket
    kind: str = OTHER
    replied: bool = True  # the last request has been answered, at least in part: what comes next is a new one

    def other(self, side: socket.socket) -> socket.socket:
        return self.api if side is self.function else self.function


def kind_of(request: bytes) -> str:
    """Of the Runtime API's requests, by their first bytes."""
    line = request[:300].partition(b"\r\n")[0]
    if line.startswith(b"GET ") and b"/invocation/next" in line:
        return NEXT
    return RESPONSE if line.startswith(b"POST ") and b"/response" in line else OTHER


class Tap:
    """`with Tap() as tap: tap.upstream = address`, before the function connects to tap.port."""

    def __init__(self) -> None:
        self.upstream: tuple[str, int] | None = None
        self.log = Log()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        _date(self._listener)  # what is accepted inherits it
        self._wake, self._stopper = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._open: dict[socket.socket, _Connection] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def __enter__(self) -> Tap:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stopper.close()
        self._thread.join(timeout=5)
        both = (side for each in self._open.values() for side in (each.function, each.api))
        for side in (*both, self._listener, self._wake):
            side.close()
        self._selector.close()

    def settled(self, invocations: int, timeout: float = 5.0) -> list[Invocation]:
        """Those invocations, once the function has come back from the last of them."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            seen = self.log.invocations[:invocations]
            if len(seen) == invocations and (not seen or seen[-1].next is not None):
                return seen
            time.sleep(0.001)
        raise TimeoutError(f"the function did not come back from invocation {invocations}")

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._wake:
                    return
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._open:
                    self._pass_on(key.fileobj)

    def _accept(self) -> None:
        function, _ = self._listener.accept()
        assert self.upstream is not None, "the function came before the tap knew where to"
        api = socket.create_connection(self.upstream)
        connection = _Connection(function, api)
        for each in (function, api):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open[each] = connection
            self._selector.register(each, selectors.EVENT_READ)

    def _pass_on(self, side: socket.socket) -> None:
        connection = self._open[side]
        other = connection.other(side)
        try:
            data, arrived = _receive(side)
        except OSError:
            data, arrived = b"", 0
        if not data:
            self._end(side, other)
            return
        if side is connection.function:
            if connection.replied:
                connection.kind, connection.replied = kind_of(data), False
            self.log.request(connection.kind, arrived)
        else:
            self.log.reply(connection.kind, time.time_ns(), begins=not connection.replied)
            connection.replied = True
        try:
            other.sendall(data)
        except OSError:
            self._end(other, side)

    def _end(self, side: socket.socket, other: socket.socket) -> None:
        """Nothing more comes from this side; the connection is over when nothing more comes from either."""
        self._selector.unregister(side)
        del self._open[side]
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)
        if other not in self._open:
            side.close()
            other.close()


def _date(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def _receive(side: socket.socket) -> tuple[bytes, int]:
    """A piece, and when the kernel had its last byte; where it does not say, now."""
    data, notes, _, _ = side.recvmsg(CHUNK, 64)
    for level, kind, value in notes:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = _STAMP.unpack(value[: _STAMP.size])
            return data, seconds * 1_000_000_000 + nanoseconds
    return data, time.time_ns()
