"""An API that fails for as long as it is asked: it is asked eight times, with growing pauses, and then no more.

Counted are calls, connections and processor time. Of the clock only what a sleep cannot fall short of is looked at.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable

import pytest
from faults.conftest import Stage
from faults.harness import HASH, ID, INIT_ERROR, Fault, Play
from scripted_api import event, status

ATTEMPTS = 8
PAUSES = 5.1  # seconds: 50, 100, ... 1600 ms and 2 s
SHARE = 0.1  # of that, in processor time: a spin takes all of it


def until_it_ends(answer: Callable[[Play], None], attempts: int) -> Callable[[Play], None]:
    """Plays a part again and again."""

    def script(play: Play) -> None:
        begin = time.monotonic()
        for _ in range(attempts):
            answer(play)
        used = play.ended()
        assert not select.select([play.api.listener], [], [], 0)[0], "one connection more"
        if play.connection is not None:
            with pytest.raises(ConnectionError):  # and not one call more
                play.connection.request()
        assert time.monotonic() - begin > PAUSES
        assert used < PAUSES * SHARE, "it spins"

    return script


def unread(play: Play) -> None:
    play.accept()
    play.drop()


def reset(play: Play) -> None:
    play.accept()
    play.drop(reset=True)


def dropped(play: Play) -> None:
    play.wait_for_next()
    play.drop()


def replied(data: bytes) -> Callable[[Play], None]:
    return lambda play: play.reply(data)


def recovering(play: Play) -> None:
    """Failures between events do not add up."""
    for number in range(2 * ATTEMPTS):
        play.reply(status(403))
        play.hand(HASH, f"between-{number}")
        play.posted()
        play.tell()
    play.hand()
    play.posted()
    play.tell()


def refused_posts(play: Play) -> None:
    """As many answers that nobody wants: each was an event, and each costs one call."""
    before = play.calls
    for number in range(2 * ATTEMPTS):
        play.hand(HASH, f"refused-{number}")
        play.posted()
        play.tell(403)
    play.hand()
    play.posted()
    play.tell()
    assert play.calls - before == 2 * (2 * ATTEMPTS + 1)


def dropped_posts(play: Play) -> None:
    """An answer is posted twice and no more."""
    for _ in range(2):
        if not play.posts:
            play.hand()
        play.posted()
        play.drop()
    (lost,) = [line for line in play.api.log_lines(2) if line["message"].startswith("POST ")]
    assert (lost["level"], lost["requestId"]) == ("ERROR", ID)


def dropped_init(play: Play) -> None:
    for _ in range(2):
        play.posted()
        play.drop()


ALWAYS: dict[str, Callable[[Play], None]] = {
    "connections that end at once": unread,
    "connections that are reset at once": reset,
    "calls without an answer": dropped,
    "403": replied(status(403)),
    "404": replied(status(404)),
    "429": replied(status(429)),
    "redirects": replied(
        b"HTTP/1.1 302 X\r\nLocation: /2018-06-01/runtime/invocation/next\r\nContent-Length: 0\r\n\r\n"
    ),
    "204": replied(status(204)),
    "events without an id": replied(event(HASH, None)),
    "events with a wrong id": replied(event(HASH, "../../x")),
    "bytes that are no HTTP": replied(b"SSH-2.0-OpenSSH\r\n\r\n"),
    "interim responses": replied(b"HTTP/1.1 100 Continue\r\n\r\n" * 9),
    "wrong lengths": replied(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
}
FAULTS = [
    *(
        Fault(f"always {name}", until_it_ends(answer, ATTEMPTS), (), exit=1, sleeps=True)
        for name, answer in ALWAYS.items()
    ),
    Fault("failures between events", recovering),
    Fault("answers that are refused", refused_posts),
    Fault("an answer that is dropped twice", dropped_posts, ("response", "response")),
    Fault("init/error that is dropped twice", dropped_init, (), exit=1, env=INIT_ERROR),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_back_off(fault: Fault, stage: Stage) -> None:
    figures = stage.play(fault)
    if fault.sleeps:
        assert figures.connections <= ATTEMPTS
        assert figures.calls <= ATTEMPTS
