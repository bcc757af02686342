"""Connections that are stale, slow, silent, early or in the way, and addresses nobody listens at for a while."""

from __future__ import annotations

import json
import select
import socket
import time
from collections.abc import Callable

import pytest
from faults.conftest import Stage
from faults.harness import BULKY, HASH, ID, INIT_ERROR, PATIENCE, Fault, Play
from scripted_api import Connection, event, event_head, status

HEAD_OF_RECEIPT = b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n"


def served(play: Play, request_id: str) -> None:
    play.hand(HASH, request_id)
    play.posted()
    play.tell()


def stale_between_events(reset: bool) -> Callable[[Play], None]:
    """As after a freeze: it finds out with its next request, or in it."""

    def script(play: Play) -> None:
        for number in range(5):
            served(play, f"before-{number}")
            play.drop(reset)
        served(play, ID)

    return script


def stale_while_it_waits(play: Play) -> None:
    for number in range(5):
        served(play, f"before-{number}")
        play.wait_for_next()
        play.drop()
    served(play, ID)


def stale_while_it_computes(play: Play) -> None:
    play.hand()
    play.wait_until_it_sleeps()
    play.drop()
    assert play.posted().path.endswith(f"{ID}/response")
    play.tell()


def a_connection_for_each_message(play: Play) -> None:
    for request_id in ("before", ID):
        play.hand(HASH, request_id, Connection="close")
        play.connection = None
        play.posted()
        play.send(b"HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        play.drop()
    assert play.connections == 4


def faults_that_follow_each_other(play: Play) -> None:
    served(play, "before")
    play.wait_for_next()
    play.drop()
    play.reply(event(HASH)[:40])
    play.drop()
    play.reply(b"SSH-2.0-not-http\r\n\r\n")
    play.reply(status(404))
    served(play, ID)


def bytes_that_nobody_asked_for(play: Play) -> None:
    """Behind the receipt: what comes next must not be taken for the next event."""
    play.hand()
    play.posted()
    play.send(status(202) + event(HASH, "id-2"))


def gone_for_a_while(seconds: float) -> Callable[[Play], None]:
    """The port is closed before the answer is posted, and comes back: the answer does too."""

    def script(play: Play) -> None:
        play.wait_for_next()
        play.api.listener.close()
        play.send(event(HASH, Connection="close"))
        play.drop()
        time.sleep(seconds)
        play.api.listener = socket.create_server(("127.0.0.1", play.api.port))
        play.api.listener.settimeout(30)
        assert play.posted().path.endswith(f"{ID}/response")
        play.tell()

    return script


def gone_for_good(play: Play) -> None:
    play.wait_for_next()
    play.api.refuse()
    play.send(event(HASH, Connection="close"))
    play.drop()


def gone_while_it_waits(play: Play) -> None:
    play.wait_for_next()
    play.api.refuse()
    play.drop()
    play.ended()
    levels = [line["level"] for line in play.api.log_lines(8)]
    assert levels[-1] == "FATAL"
    assert len(levels) < 20


def gone_at_init(play: Play) -> None:
    play.accept()
    play.api.refuse()
    play.drop()


# An API that falls silent in the middle. What has waited for 30 s is given up, other than the wait for an event.


def silent_within_the_event(data: bytes) -> Callable[[Play], None]:
    def script(play: Play) -> None:
        play.reply(data)

    return script


def silent_behind_the_answer(data: bytes) -> Callable[[Play], None]:
    def script(play: Play) -> None:
        play.hand()
        play.posted()
        play.send(data)

    return script


def silent_before_the_answer(play: Play) -> None:
    play.hand(BULKY)
    old, play.connection = play.peer, None
    play.wait_for_next()
    old.close()


def silent_at_init(play: Play) -> None:
    play.posted()


def silent_for_long(play: Play) -> None:
    """An event may take as long as it likes to come."""
    play.wait_for_next()
    time.sleep(40)
    served(play, ID)


# An API that never comes to an end, byte by byte or as fast as it can: a minute of that is enough.


def drip(connection: Connection, data: bytes, pause: float) -> None:
    """Until nobody listens any more."""
    end = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end:
            connection.send(data)
            time.sleep(pause)
    except OSError:
        return
    raise AssertionError("it listens for ever")


def endless_event(head: bytes, data: bytes, pause: float) -> Callable[[Play], None]:
    def script(play: Play) -> None:
        play.reply(event_head(ID) + head)
        drip(play.peer, data, pause)
        play.drop()

    return script


def endless_receipt(data: bytes, pause: float) -> Callable[[Play], None]:
    def script(play: Play) -> None:
        play.hand()
        play.posted()
        play.send(b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n")
        drip(play.peer, data, pause)
        play.drop()

    return script


def endless_reading(play: Play) -> None:
    """Until it has had enough, and asks for another event elsewhere."""
    play.hand(BULKY)
    old, play.connection = play.peer, None
    end = time.monotonic() + PATIENCE
    while not select.select([play.api.listener], [], [], 0.1)[0]:
        assert time.monotonic() < end, "an answer may take for ever"
        old.some(1000)
    play.wait_for_next()
    old.close()


CHUNK = b"1\r\nx\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
NOT_READ: tuple[str, ...] = ()
FAULTS = [
    Fault("stale between events, closed", stale_between_events(reset=False)),
    Fault("stale between events, reset", stale_between_events(reset=True)),
    Fault("stale while it waits", stale_while_it_waits),
    Fault("stale while it computes", stale_while_it_computes),
    Fault("a connection for each message", a_connection_for_each_message),
    Fault("one fault behind the other", faults_that_follow_each_other),
    Fault("bytes that nobody asked for", bytes_that_nobody_asked_for),
    Fault("nobody listens for a while", gone_for_a_while(0.2)),
    Fault("nobody listens for two seconds", gone_for_a_while(2.0), sleeps=True),
    Fault("nobody listens any more", gone_for_good, NOT_READ, exit=1, sleeps=True),
    Fault("nobody listens while it waits", gone_while_it_waits, NOT_READ, exit=1, sleeps=True),
    Fault("nobody listens to init/error", gone_at_init, NOT_READ, exit=1, env=INIT_ERROR, sleeps=True),
    Fault("silent within an event's head", silent_within_the_event(event(HASH)[:40]), NOT_READ, sleeps=True),
    Fault("silent within an event's body", silent_within_the_event(event(HASH)[:-1]), NOT_READ, sleeps=True),
    Fault(
        "silent behind a body without a length",
        silent_within_the_event(event_head(ID) + b"\r\n" + json.dumps(HASH).encode()),
        NOT_READ,
        sleeps=True,
    ),
    Fault("silent before it has read the answer", silent_before_the_answer, NOT_READ, sleeps=True),
    Fault("silent behind the answer", silent_behind_the_answer(b""), sleeps=True),
    Fault("silent behind 100 Continue", silent_behind_the_answer(b"HTTP/1.1 100 Continue\r\n\r\n"), sleeps=True),
    Fault("silent within the receipt", silent_behind_the_answer(HEAD_OF_RECEIPT), sleeps=True),
    Fault("silent behind init/error", silent_at_init, NOT_READ, exit=1, env=INIT_ERROR, sleeps=True),
    Fault("silent before an event", silent_for_long, sleeps=True, long=True),
    Fault("an event that drips", endless_event(CHUNKED, CHUNK, 0.5), NOT_READ, sleeps=True, long=True),
    Fault("an event without an end", endless_event(CHUNKED, CHUNK * 1000, 0.005), NOT_READ, sleeps=True, long=True),
    Fault("headers that drip", endless_event(b"", b"X: y\r\n", 0.5), NOT_READ, sleeps=True, long=True),
    Fault("a receipt that drips", endless_receipt(CHUNK, 0.5), sleeps=True, long=True),
    Fault("a receipt without an end", endless_receipt(CHUNK * 1000, 0.005), sleeps=True, long=True),
    Fault("an answer that is read in drips", endless_reading, NOT_READ, sleeps=True, long=True),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_connections(fault: Fault, stage: Stage) -> None:
    stage.play(fault)
