"""Each message of the Runtime API dropped before, within and behind it, and each call answered with each status."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from faults.conftest import Stage
from faults.harness import BULKY, HASH, ID, INIT_ERROR, WRONG, Fault, Play
from scripted_api import event, status

WHOLE = event(HASH, ID)
HEAD = WHOLE.index(b"\r\n\r\n")
TAKEN = status(202, b'{"status":"OK"}')
Drop = Callable[[Play], None]


def close(play: Play) -> None:
    play.drop()


def reset(play: Play) -> None:
    play.drop(reset=True)


# GET next and what it brings


def get_unread(play: Play, drop: Drop) -> None:
    play.accept()
    drop(play)
    play.hand()
    play.posted()
    play.tell()


def get_read_in_part(play: Play, drop: Drop) -> None:
    play.accept().some(20)
    get_again(play, drop)


def get_read(play: Play, drop: Drop) -> None:
    play.wait_for_next()
    get_again(play, drop)


def get_again(play: Play, drop: Drop) -> None:
    drop(play)
    play.hand()
    play.posted()
    play.tell()


def event_cut(at: int) -> Callable[[Play, Drop], None]:
    def script(play: Play, drop: Drop) -> None:
        play.reply(WHOLE[:at])
        get_again(play, drop)

    return script


def event_sent(play: Play, drop: Drop) -> None:
    play.hand()
    drop(play)
    play.posted()
    play.tell()


# Answers: kind is what is posted, new whether on a connection of its own


def hand(play: Play, kind: str, new: bool) -> None:
    play.hand(HASH if kind == "response" else WRONG, **({"Connection": "close"} if new else {}))


def post_unread(kind: str, new: bool) -> Callable[[Play, Drop], None]:
    def script(play: Play, drop: Drop) -> None:
        hand(play, kind, new)
        if new:
            play.accept()
        drop(play)
        play.posted()
        play.tell()

    return script


def post_read_in_part(kind: str, new: bool) -> Callable[[Play, Drop], None]:
    def script(play: Play, drop: Drop) -> None:
        hand(play, kind, new)
        (play.accept() if new else play.peer).some(20)
        drop(play)
        play.posted()
        play.tell()

    return script


def post_body_read_in_part(play: Play, drop: Drop) -> None:
    play.hand(BULKY)
    play.peer.head()
    play.peer.some(100_000)
    drop(play)
    play.posted()
    play.tell()


def post_read(kind: str, new: bool) -> Callable[[Play, Drop], None]:
    """It may have been taken: an API that did so refuses the second."""

    def script(play: Play, drop: Drop) -> None:
        hand(play, kind, new)
        play.posted()
        drop(play)
        play.posted()
        play.tell(403)

    return script


def receipt_cut(kind: str, at: int) -> Callable[[Play, Drop], None]:
    def script(play: Play, drop: Drop) -> None:
        hand(play, kind, new=False)
        play.posted()
        play.send(TAKEN[:at])
        drop(play)

    return script


# init/error


def init_unread(play: Play, drop: Drop) -> None:
    play.accept()
    drop(play)
    play.posted()
    play.tell()


def init_read_in_part(play: Play, drop: Drop) -> None:
    play.accept().some(20)
    drop(play)
    play.posted()
    play.tell()


def init_read(play: Play, drop: Drop) -> None:
    play.posted()
    drop(play)
    play.posted()
    play.tell(403)


def init_receipt_cut(play: Play, drop: Drop) -> None:
    play.posted()
    play.send(TAKEN[:11])
    drop(play)


Dropped = tuple[str, Callable[[Play, Drop], None], tuple[str, ...]]


def dropped_messages() -> Iterator[Dropped]:
    one = ("response",)
    yield "before GET next", get_unread, one
    yield "within GET next", get_read_in_part, one
    yield "behind GET next", get_read, one
    yield "within the event's status line", event_cut(9), one
    yield "within the event's headers", event_cut(HEAD - 5), one
    yield "between the event's headers and its body", event_cut(HEAD + 4), one
    yield "within the event's body", event_cut(len(WHOLE) - 9), one
    yield "behind the event", event_sent, one
    yield "within the answer's body", post_body_read_in_part, one
    for kind, name in (("response", "the answer"), ("error", "the error")):
        for new, where in ((False, ""), (True, " on a new connection")):
            yield f"before {name}{where}", post_unread(kind, new), (kind,)
            yield f"within {name}{where}", post_read_in_part(kind, new), (kind,)
            yield f"behind {name}{where}", post_read(kind, new), (kind, kind)
        yield f"within the status line for {name}", receipt_cut(kind, 11), (kind,)
        yield f"within the body for {name}", receipt_cut(kind, len(TAKEN) - 3), (kind,)
        yield f"behind the receipt for {name}", receipt_cut(kind, len(TAKEN)), (kind,)


INIT = [
    ("before init/error", init_unread),
    ("within init/error", init_read_in_part),
    ("behind init/error", init_read),
    ("within the receipt for init/error", init_receipt_cut),
]
HOW = {"closed": close, "reset": reset}


def dropping(script: Callable[[Play, Drop], None], drop: Drop) -> Callable[[Play], None]:
    return lambda play: script(play, drop)


DROPS = [
    *(
        Fault(f"{how} {name}", dropping(script, drop), posts)
        for name, script, posts in dropped_messages()
        for how, drop in HOW.items()
    ),
    *(
        Fault(f"{how} {name}", dropping(script, drop), (), exit=1, env=INIT_ERROR)
        for name, script in INIT
        for how, drop in HOW.items()
    ),
]


# ---- statuses

MOVED = b"Location: http://127.0.0.1:1/elsewhere\r\n"
REFUSALS = (400, 401, 403, 404, 408, 410, 413, 429, 499)
FAILURES = (500, 501, 502, 503, 504, 599)
REDIRECTS = (301, 302, 303, 307, 308)
STRANGE = (101, 201, 202, 204, 205, 206, 304, 600, 999)


def answered(code: int) -> bytes:
    return status(code).replace(b"\r\n", b"\r\n" + MOVED, 1) if code in REDIRECTS else status(code)


def next_refused(code: int) -> Callable[[Play], None]:
    def script(play: Play) -> None:
        play.reply(answered(code))

    return script


def post_refused(kind: str, code: int) -> Callable[[Play], None]:
    def script(play: Play) -> None:
        hand(play, kind, new=False)
        play.posted()
        play.send(answered(code))
        if code not in (201, 202, 204, 205, 206):
            (line,) = [each for each in play.api.log_lines(2) if each["message"].startswith("POST ")]
            assert (line["level"], line["requestId"]) == ("ERROR", ID)
            assert str(code) in line["message"]

    return script


def init_refused(code: int) -> Callable[[Play], None]:
    def script(play: Play) -> None:
        play.posted()
        play.send(answered(code))

    return script


def statuses() -> Iterator[Fault]:
    for code in (*REFUSALS, *FAILURES, *REDIRECTS, *STRANGE):
        over = 1 if code >= 500 else None
        yield Fault(f"{code} for GET next", next_refused(code), (), over)
        for kind in ("response", "error"):
            yield Fault(f"{code} for the {kind}", post_refused(kind, code), (kind,), over)
    for code in (202, 302, 400, 403, 404, 413, 429, 500, 503):
        yield Fault(f"{code} for init/error", init_refused(code), (), exit=1, env=INIT_ERROR)


@pytest.mark.parametrize("fault", DROPS, ids=lambda fault: fault.name)
def test_messages_dropped(fault: Fault, stage: Stage) -> None:
    stage.play(fault)


@pytest.mark.parametrize("fault", list(statuses()), ids=lambda fault: fault.name)
def test_statuses(fault: Fault, stage: Stage) -> None:
    stage.play(fault)
