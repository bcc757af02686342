"""Scripted faults against the real bootstrap, and what must hold whatever the fault was.

A fault is a row of a table: a name, a script that plays the Runtime API up to the fault and behind it, what is posted
for the invocation that it hands out, and how it ends. `run` plays it and checks what every row must leave true: each
invocation answered as often as the row says and each time the same, a right exit status or a process that still
serves, no descriptor, child, memory or processor time more than it needs, nothing secret in the log. Limits of time
are guards against hanging; none measures.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bcrypt
from scripted_api import NEXT, Connection, Request, ScriptedApi, event, status
from secret_events import SECRET

ID = "id-1"
HASH: dict[str, Any] = {"op": "hash", "cost": 4, "items": [{"id": 1, "password": SECRET}]}
WRONG: dict[str, Any] = {"op": "hash", "cost": 4, "items": SECRET}
# Costs nothing and answers with some 5 MB, which no socket's buffers hold.
BULKY: dict[str, Any] = {
    "op": "hash",
    "items": [{"id": "i" * 500, "password": SECRET, "setting": "x"} for _ in range(7000)],
}
# Cheap hashes, so that some are finished early, and so many that all would take long.
SLOW: dict[str, Any] = {
    "op": "hash",
    "cost": 7,
    "mode": "sequential",
    "items": [{"id": number, "password": SECRET} for number in range(8000)],
}
INIT_ERROR = {"LANECRYPT_ENGINE": "warp"}

# The longest wait of the bootstrap's own is 60 s. tests/mutants has less patience with what it knows to be broken.
PATIENCE = float(os.environ.get("LANECRYPT_TEST_PATIENCE", "120"))
MOST_CPU_SECONDS = 3.0  # a spin of the shortest of its waits for an answer would be ten times that
MOST_MEMORY_KB = 130 * 1024  # the arena's 96 MiB, the other arena, the program


@dataclass(frozen=True)
class Fault:
    name: str
    script: Callable[[Play], None]
    posts: tuple[str, ...] = ("response",)  # for ID, in order; empty where it was never known or nobody listens
    exit: int | None = None  # None: it goes on serving
    env: Mapping[str, str] = field(default_factory=dict)
    sleeps: bool = False  # it waits for seconds: played beside the others
    long: bool = False  # for minutes, or heavy: where LANECRYPT_SOAK is set


@dataclass(frozen=True)
class Figures:
    """What one fault took."""

    cpu_seconds: float
    calls: int
    connections: int
    memory_kb: int = 0
    files: int = 0


def process_stat(pid: int) -> list[str]:
    return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pid: int) -> float:
    """Used so far; of a process that has ended until somebody waits for it."""
    return sum(map(int, process_stat(pid)[11:13])) / float(os.sysconf("SC_CLK_TCK"))


class Play:
    """A Runtime API as far as a script needs one. It keeps count of what it was asked for."""

    def __init__(self, api: ScriptedApi, sanitized: bool = False) -> None:
        self.api, self.sanitized = api, sanitized
        self.connection: Connection | None = None
        self.asked = False  # GET next was read and not answered
        self._finished = False  # nothing more is sent on this connection
        self.posts: dict[str, list[Request]] = {}
        self.calls = self.connections = 0

    @property
    def pid(self) -> int:
        return self.api.process.pid

    @property
    def peer(self) -> Connection:
        assert self.connection is not None
        return self.connection

    def accept(self) -> Connection:
        self.connection, self.asked, self._finished = self.api.accept(), False, False
        self.connections += 1
        return self.connection

    def request(self) -> Request:
        """The next whole request, on the connection that is there or on a new one."""
        while True:
            there: list[Any] = [self.api.listener] if self.connection is None else [self.connection, self.api.listener]
            ready, _, _ = select.select(there, [], [], PATIENCE)
            assert ready, "the bootstrap hangs"
            if self.connection not in ready:
                self.accept()
                continue
            try:
                request = self.peer.request()
            except ConnectionError:
                self.drop()
                continue
            self._note(request)
            if not self._finished:
                return request
            self.drop()  # it cannot be answered here; an answer that comes is one too many, and is told
            if request.method == "POST":
                return request

    def _note(self, request: Request) -> None:
        self.calls += 1
        self.asked = request.path == NEXT
        if request.method == "POST":
            request_id = "init" if request.path.endswith("init/error") else request.path.split("/")[-2]
            self.posts.setdefault(request_id, []).append(request)

    def wait_for_next(self) -> None:
        if not self.asked:
            path = self.request().path
            assert path == NEXT, f"{path} came and not GET next"

    def send(self, data: bytes) -> None:
        """What answers GET next; the peer may have had enough before its end."""
        with contextlib.suppress(ConnectionError):
            self.peer.send(data)

    def send_slowly(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            self.peer.send_slowly(data)

    def hand(self, body: Any = HASH, request_id: str = ID, **headers: str) -> None:
        """An invocation."""
        self.reply(event(body, request_id, **headers))

    def reply(self, data: bytes) -> None:
        """Bytes that answer GET next."""
        self.wait_for_next()
        self.send(data)
        self.asked = False

    def posted(self) -> Request:
        request = self.request()
        assert request.method == "POST", "GET next came and no answer"
        return request

    def tell(self, code: int = 202, body: bytes = b"") -> None:
        self.send(status(code, body))

    def finish(self) -> None:
        """Nothing more comes from here, for whoever waits for the end of the connection."""
        with contextlib.suppress(OSError):
            self.peer.finish()
        self.asked, self._finished = False, True

    def drop(self, reset: bool = False) -> None:
        if self.connection is not None:
            self.connection.reset() if reset else self.connection.close()
        self.connection, self.asked, self._finished = None, False, False

    def kill(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)  # and not send_signal, which would take the status of one that has ended

    def wait_until(self, what: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < end, "what was waited for does not happen"
            time.sleep(0.002)

    def has_signals_to_take(self) -> bool:
        """Unless it is stopped: then it takes none."""
        lines = (Path("/proc") / str(self.pid) / "status").read_text().splitlines()
        told = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        return not told["State"].startswith("T") and int(told["ShdPnd"], 16) != 0

    def all_threads(self, state: str) -> bool:
        tasks = (Path("/proc") / str(self.pid) / "task").iterdir()
        return all((task / "stat").read_text().rpartition(")")[2].split()[0] == state for task in tasks)

    def stop(self) -> None:
        """It does nothing more until SIGCONT: a signal that was sent is not yet one that was taken."""
        self.kill(signal.SIGSTOP)
        self.wait_until(lambda: self.all_threads("T"))

    def wait_until_it_sleeps(self) -> None:
        """All its threads wait for something, and have read or sent what they can by then."""

        def asleep() -> bool:
            return self.all_threads("S")

        for _ in range(3):
            self.wait_until(asleep)
            time.sleep(0.005)

    # How it ends

    def check_that_it_serves(self) -> None:
        self.hand(HASH, "after")
        answer = self.posted()
        assert answer.path.endswith("invocation/after/response")
        assert bcrypt.checkpw(SECRET.encode(), answer.json()["items"][0]["hash"].encode())
        self.tell()
        self.wait_for_next()

    def ended(self) -> float:
        """Waits for its end. Answers the processor time it took."""
        how = os.WEXITED | os.WNOHANG | os.WNOWAIT
        self.wait_until(lambda: os.waitid(os.P_PID, self.pid, how) is not None)
        return cpu_seconds(self.pid)

    def figures(self) -> Figures:
        """Of a bootstrap that waits for an event."""
        status_lines = (Path("/proc") / str(self.pid) / "status").read_text().splitlines()
        peak = next(int(line.split()[1]) for line in status_lines if line.startswith("VmHWM"))
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        assert not (children.exists() and children.read_text()), "it has children"
        files = 0
        with contextlib.suppress(PermissionError):  # its memory cannot be dumped, so only root may look
            files = sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())
        return Figures(cpu_seconds(self.pid), self.calls, self.connections, peak, files)


def run(bootstrap: Path, fault: Fault, quiet: Figures | None, sanitized: bool = False) -> Figures:
    """Plays a fault and checks. quiet: the figures of a run without any fault."""
    with ScriptedApi(bootstrap, fault.env, patience=PATIENCE) as api:
        play = Play(api, sanitized)
        try:
            fault.script(play)
            figures = _ends(play, fault)
        except Exception as error:
            error.add_note(f"log:\n{api.log_text()}")
            raise
        check_posts(play, fault)
        check_log(api.log_text())
        assert sanitized or figures.cpu_seconds < MOST_CPU_SECONDS, figures
        if fault.exit is None and quiet is not None and not sanitized:
            assert figures.files == quiet.files, "it holds descriptors"
            assert figures.memory_kb < MOST_MEMORY_KB, figures
        return figures


def _ends(play: Play, fault: Fault) -> Figures:
    if fault.exit is not None:
        figures = Figures(play.ended(), play.calls, play.connections)
        assert play.api.exit_status() == fault.exit
        return figures
    play.check_that_it_serves()
    figures = play.figures()
    play.kill(signal.SIGTERM)
    play.ended()
    assert play.api.exit_status() == 0
    return figures


def check_posts(play: Play, fault: Fault) -> None:
    """Each invocation answered as often as it must be, and never in two ways."""
    found = {request_id: [post.path.split("/")[-1] for post in posts] for request_id, posts in play.posts.items()}
    expected = {ID: list(fault.posts)} if fault.posts else {}
    if fault.exit is None or "after" in found:
        expected["after"] = ["response"]
    others = {request_id: kinds for request_id, kinds in found.items() if request_id not in (ID, "after", "init")}
    assert {key: kinds for key, kinds in found.items() if key in (ID, "after")} == expected
    assert all(len(kinds) == 1 for kinds in others.values()), others
    for posts in play.posts.values():
        assert all(post == posts[0] for post in posts), "two answers to one invocation"
        assert all(SECRET.encode() not in post.body for post in posts)


def check_log(text: str) -> None:
    for line in text.splitlines():
        assert set(json.loads(line)) >= {"timestamp", "level", "message"}, "a line that is none of ours"
    assert SECRET not in text
    assert "$2b$04$" not in text
