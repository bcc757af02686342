"""SIGTERM, SIGTERM twice and SIGKILL in each state: it answers what it has, and leaves with the right status."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from typing import Any

import bcrypt
import pytest
from faults.conftest import Stage
from faults.harness import BULKY, HASH, INIT_ERROR, SLOW, WRONG, Fault, Play, cpu_seconds
from scripted_api import event, status
from secret_events import SECRET

WHOLE = event(HASH)
Signal = Callable[[Play], None]


def term(play: Play) -> None:
    play.kill(signal.SIGTERM)


def term_twice(play: Play) -> None:
    """The second when the first has been taken, or they would be one."""
    play.kill(signal.SIGTERM)
    play.wait_until(lambda: not play.has_signals_to_take())
    play.kill(signal.SIGTERM)


def term_often(play: Play) -> None:
    for _ in range(100):
        play.kill(signal.SIGTERM)


# The states. Each is a script that comes to it, sends the signal, and plays the API's part to the end.


def connecting(play: Play, send: Signal) -> None:
    play.accept()
    send(play)


def waiting(play: Play, send: Signal) -> None:
    play.wait_for_next()
    send(play)


def waiting_again(play: Play, send: Signal) -> None:
    play.check_that_it_serves()
    send(play)


def waiting_behind_an_interim_response(play: Play, send: Signal) -> None:
    play.reply(b"HTTP/1.1 100 Continue\r\n\r\n")
    send(play)


def reading(at: int) -> Callable[[Play, Signal], None]:
    """An event of which something is there is answered, with its items cancelled."""

    def script(play: Play, send: Signal) -> None:
        play.reply(WHOLE[:at])
        play.wait_until_it_sleeps()
        send(play)
        play.send(WHOLE[at:])
        answered(play, {"cancelled"})

    return script


def reading_what_never_ends(play: Play, send: Signal) -> None:
    play.reply(WHOLE[:-5])
    play.wait_until_it_sleeps()
    send(play)
    play.drop()


def there_already(play: Play, send: Signal) -> None:
    """An event that is there wins over the signal."""
    play.wait_for_next()
    play.wait_until_it_sleeps()
    play.stop()
    play.send(WHOLE)
    play.asked = False
    send(play)
    play.kill(signal.SIGCONT)
    answered(play, {"cancelled"})


def computing(play: Play, send: Signal) -> None:
    play.hand(SLOW)
    until = cpu_seconds(play.pid) + (4 if play.sanitized else 0.4)
    play.wait_until(lambda: cpu_seconds(play.pid) > until)
    send(play)
    answered(play, {"done", "cancelled"})


def answered(play: Play, expected: set[str]) -> None:
    """What is done is whole, and the last of it right."""
    items = play.posted().json()["items"]
    assert {item["error"]["code"] if "error" in item else "done" for item in items} == expected
    hashes = [item["hash"] for item in items if "hash" in item]
    assert not hashes or bcrypt.checkpw(SECRET.encode(), hashes[-1].encode())
    play.tell()


def posting(play: Play, send: Signal) -> None:
    play.hand(BULKY)
    play.wait_until_it_sleeps()  # the buffers are full
    send(play)
    assert len(play.posted().json()["items"]) == len(BULKY["items"])
    play.tell()


def awaiting_the_receipt(body: Any) -> Callable[[Play, Signal], None]:
    def script(play: Play, send: Signal) -> None:
        play.hand(body)
        play.posted()
        play.wait_until_it_sleeps()
        send(play)
        play.tell()

    return script


def awaiting_a_receipt_that_is_dropped(play: Play, send: Signal) -> None:
    """Leaving is no reason not to post it again."""
    play.hand()
    play.posted()
    play.wait_until_it_sleeps()
    send(play)
    play.drop()
    play.posted()
    play.tell(403)


def reading_the_receipt(play: Play, send: Signal) -> None:
    play.hand()
    play.posted()
    play.send(status(202)[:20])
    play.wait_until_it_sleeps()
    send(play)
    play.send(status(202)[20:])


def pausing(play: Play, send: Signal) -> None:
    play.reply(status(403))
    play.api.log_lines(1)
    send(play)


def pausing_with_nobody_there(play: Play, send: Signal) -> None:
    play.wait_for_next()
    play.api.refuse()
    play.drop()
    play.api.log_lines(2)
    send(play)


def posting_to_nobody(play: Play, send: Signal) -> None:
    play.wait_for_next()
    play.api.refuse()
    play.send(event(HASH, Connection="close"))
    play.drop()
    play.wait_until_it_sleeps()
    send(play)


def awaiting_the_receipt_of_init_error(play: Play, send: Signal) -> None:
    play.posted()
    play.wait_until_it_sleeps()
    send(play)
    play.tell()


State = tuple[str, Callable[[Play, Signal], None], tuple[str, ...]]
STATES: list[State] = [
    ("connecting", connecting, ()),
    ("waiting for the first event", waiting, ()),
    ("waiting for another event", waiting_again, ()),
    ("waiting behind an interim response", waiting_behind_an_interim_response, ()),
    ("reading an event's head", reading(30), ("response",)),
    ("reading an event's body", reading(len(WHOLE) - 5), ("response",)),
    ("reading an event that is dropped then", reading_what_never_ends, ()),
    ("an event that is there already", there_already, ("response",)),
    ("computing", computing, ("response",)),
    ("posting an answer", posting, ("response",)),
    ("awaiting the receipt of an answer", awaiting_the_receipt(HASH), ("response",)),
    ("awaiting the receipt of an error", awaiting_the_receipt(WRONG), ("error",)),
    ("awaiting a receipt that is dropped then", awaiting_a_receipt_that_is_dropped, ("response", "response")),
    ("reading the receipt", reading_the_receipt, ("response",)),
    ("pausing behind a refusal", pausing, ()),
    ("pausing with nobody there", pausing_with_nobody_there, ()),
    ("posting to nobody", posting_to_nobody, ()),
]
WAYS = {"SIGTERM": term, "SIGTERM twice": term_twice, "SIGTERM a hundred times": term_often}


def sending(state: Callable[[Play, Signal], None], send: Signal) -> Callable[[Play], None]:
    return lambda play: state(play, send)


def killed(state: Callable[[Play, Signal], None]) -> Callable[[Play], None]:
    """The API sees its connection end: nothing of the process is left that could still answer."""

    def script(play: Play) -> None:
        def send(play: Play) -> None:
            play.kill(signal.SIGKILL)
            play.ended()
            raise EOFError

        try:
            state(play, send)
        except EOFError:
            with contextlib.suppress(ConnectionError):
                if play.connection is not None:
                    play.connection.some(1 << 30)

    return script


AT_INIT = awaiting_the_receipt_of_init_error
FAULTS = [
    *(
        Fault(f"{way}: {name}", sending(state, send), posts, exit=0)
        for name, state, posts in STATES
        for way, send in WAYS.items()
    ),
    *(
        Fault(f"{way}: awaiting the receipt of init/error", sending(AT_INIT, send), (), exit=1, env=INIT_ERROR)
        for way, send in WAYS.items()
    ),
    *(
        Fault(f"SIGKILL: {name}", killed(state), posts[:1] if "receipt" in name else (), exit=-signal.SIGKILL)
        for name, state, posts in STATES
    ),
    Fault("SIGKILL: awaiting the receipt of init/error", killed(AT_INIT), (), -signal.SIGKILL, INIT_ERROR),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_signals(fault: Fault, stage: Stage) -> None:
    stage.play(fault)
