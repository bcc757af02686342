"""Heads of responses that are missing something, have too much, or are none: for an event, and for its receipt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from faults.conftest import Stage
from faults.harness import HASH, ID, Fault, Play
from scripted_api import event_head

BODY = json.dumps(HASH).encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
END = b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
IN_CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
SERVED, NONE = ("response",), ()
RID = "Lambda-Runtime-Aws-Request-Id"


def head(first: bytes = b"HTTP/1.1 200 OK", *lines: bytes, request_id: bytes | None = ID.encode()) -> bytes:
    named = [] if request_id is None else [f"{RID}: ".encode() + request_id]
    return b"\r\n".join([first, *named, *lines]) + b"\r\n"


def whole(*lines: bytes, first: bytes = b"HTTP/1.1 200 OK", request_id: bytes | None = ID.encode()) -> bytes:
    return head(first, *lines, request_id=request_id) + LENGTH + END + BODY


Row = tuple[str, bytes, tuple[str, ...]]


def status_lines() -> Iterator[Row]:
    yield "HTTP/1.0", whole(first=b"HTTP/1.0 200 OK"), SERVED
    yield "HTTP/1.0 kept alive", whole(b"Connection: keep-alive", first=b"HTTP/1.0 200 OK"), SERVED
    yield "a status without a reason", whole(first=b"HTTP/1.1 200 "), SERVED
    yield "a reason that is no ASCII", whole(first="HTTP/1.1 200 Ü".encode()), SERVED
    for name, first in (
        ("HTTP/2", b"HTTP/2 200"),
        ("HTTP/9.9", b"HTTP/9.9 200 OK"),
        ("in lower case", b"http/1.1 200 OK"),
        ("of another protocol", b"ICY 200 OK"),
        ("without a version", b"200 OK"),
        ("with a status of two digits", b"HTTP/1.1 20 OK"),
        ("with a status of four digits", b"HTTP/1.1 2000 OK"),
        ("with a negative status", b"HTTP/1.1 -200 OK"),
        ("with a status that is no number", b"HTTP/1.1 OK OK"),
        ("without a status", b"HTTP/1.1"),
        ("that is a request", b"GET / HTTP/1.1"),
        ("of 64 KiB", b"HTTP/1.1 200 " + b"x" * 65536),
        ("with a NUL", b"HTTP/1.1 200 O\0K"),
    ):
        yield f"a status line {name}", whole(first=first), NONE
    yield "lines that end without CR", whole().replace(b"\r\n", b"\n"), NONE
    yield "empty lines before all", b"\r\n\r\n" + whole(), NONE
    yield "bytes of TLS", b"\x15\x03\x03\x00\x02\x02\x28" * 20, NONE
    yield "a page and no head", b"<html>" + b"x" * 300, NONE


def request_ids() -> Iterator[Row]:
    for name, value in (
        ("none", None),
        ("an empty", b""),
        ("a blank", b"   "),
        ("one with a space", b"a b"),
        ("one that climbs", b"../../x"),
        ("a step up", b".."),
        ("one with a percent sign", b"a%2e"),
        ("one with a quotation mark", b'a"b'),
        ("one that is no ASCII", "é".encode()),
        ("one of 129 letters", b"x" * 129),
        ("one of 8 KiB", b"x" * 8192),
    ):
        yield f"request id: {name}", whole(request_id=value), NONE
    yield "request id: of 1 MB", whole(request_id=b"x" * 1_000_000), NONE
    yield "request id: twice the same", whole(f"{RID}: {ID}".encode()), SERVED
    yield "request id: two, of which the first counts", whole(f"{RID}: id-2".encode()), SERVED
    yield "request id: in upper case", whole(f"{RID.upper()}: {ID}".encode(), request_id=None), SERVED
    yield "request id: spaces and tabs around it", whole(request_id=f" \t {ID}\t ".encode()), SERVED
    yield "request id: a NUL in it", whole(request_id=b"id\0-1"), NONE
    yield "request id: folded", whole(request_id=b"\r\n " + ID.encode()), SERVED


# What becomes of the item; none is a deadline that is no point in time.
DEADLINES = {
    "none": (b"", "done"),
    "zero": (b"0", "done"),
    "a duration": (b"600000", "done"),
    "negative": (b"-5", "done"),
    "no number": (b"soon", "done"),
    "a fraction": (b"1700000000000.5", "done"),
    "with a sign": (b"+1700000000000", "done"),
    "hexadecimal": (b"0xffffffffffff", "done"),
    "in the past": (b"1000000000001", "deadline"),
    "in the year 9999": (b"253402300799999", "done"),
    "just over 2^64 ns": (b"18446744073710", "done"),
    "2^63 - 1": (b"9223372036854775807", "done"),
    "2^63": (b"9223372036854775808", "done"),
    "2^64 / 1000": (b"18446744073709551", "done"),
    "2^64 - 1": (b"18446744073709551615", "done"),
    "2^64": (b"18446744073709551616", "done"),
    "of 1,000 digits": (b"9" * 1000, "done"),
    "twice, the first in the past": (b"1000000000001\r\nLambda-Runtime-Deadline-Ms: soon", "deadline"),
}


def lengths() -> Iterator[Row]:
    for name, value in (
        ("negative", b"-1"),
        ("with a sign", b"+5"),
        ("no number", b"many"),
        ("empty", b""),
        ("hexadecimal", b"0x10"),
        ("2^64", b"18446744073709551616"),
        ("of 1,000 digits", b"9" * 1000),
        ("a fraction", b"10.0"),
        ("two in one", b"10, 11"),
    ):
        yield f"content length: {name}", head() + b"Content-Length: " + value + END + END + BODY, NONE
    same = LENGTH.strip()
    yield "content length: twice the same", whole(same), SERVED
    yield "content length: two", whole(b"Content-Length: 7"), NONE
    yield "content length: and chunked", whole(CHUNKED.strip()), NONE
    yield "content length: behind chunked", head() + CHUNKED + LENGTH + END + IN_CHUNKS, NONE
    yield "chunked twice", head() + CHUNKED + CHUNKED + END + IN_CHUNKS, NONE
    yield "a body behind the body", whole() + b"HTTP/1.1 200 OK\r\n\r\n", SERVED
    yield "a body of which less comes", head() + b"Content-Length: 9999" + END + END + BODY, NONE
    for name, number in (("2^63 - 1", 2**63 - 1), ("2^64 - 1", 2**64 - 1), ("2^31", 2**31)):
        yield f"content length: {name}", head() + b"Content-Length: %d" % number + END + END + BODY, NONE


def chunks() -> Iterator[Row]:
    begin = head() + CHUNKED + END
    size = b"%x" % len(BODY)
    good = b"\r\n" + BODY + b"\r\n0\r\n\r\n"
    yield "chunks: one", begin + size + good, SERVED
    yield "chunks: zeros before the size", begin + b"0000000" + size + good, SERVED
    yield "chunks: of one byte", begin + b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n", SERVED
    yield "chunks: with an extension", begin + size + b';a="b c";d' + good, SERVED
    yield "chunks: with trailers", begin + size + good[:-2] + b"T: t\r\nU: u\r\n\r\n", SERVED
    other = f"{RID}: id-2\r\n".encode()
    yield "chunks: with an id as trailer", begin + size + good[:-2] + other + b"\r\n", SERVED
    for name, value in (
        ("that is no number", b"many"),
        ("that is negative", b"-1"),
        ("that is empty", b""),
        ("of 17 digits", b"1" + b"0" * 16),
        ("of 1,000 digits", b"f" * 1000),
        ("with 0x", b"0x" + size),
        ("with a space before", b" " + size),
        ("that is too small", b"5"),
        ("of 2^63 - 1", b"7fffffffffffffff"),
        ("of 2^64 - 1", b"ffffffffffffffff"),
        ("whose extension has 64 KiB", size + b";x=" + b"y" * 65536),
    ):
        yield f"chunks: a size {name}", begin + value + good, NONE
    yield "chunks: no last one", begin + size + good[:-5], NONE
    yield "chunks: no CRLF behind one", begin + size + b"\r\n" + BODY + b"0\r\n\r\n", NONE
    yield "chunks: a trailer of 64 KiB", begin + size + good[:-2] + b"T: " + b"t" * 65536 + b"\r\n\r\n", NONE
    yield "chunks: a trailer that is none", begin + size + good[:-2] + b"T\r\n\r\n", NONE


def headers() -> Iterator[Row]:
    yield "headers: none at all", b"HTTP/1.1 200 OK\r\n\r\n" + BODY, NONE
    yield "headers: one of 15,000 bytes", whole(b"X: " + b"x" * 15_000), SERVED
    yield "headers: one of 17,000 bytes", whole(b"X: " + b"x" * 17_000), NONE
    yield "headers: one of 1 MB", whole(b"X: " + b"x" * 1_000_000), NONE
    yield "headers: a name of 1 MB", whole(b"x" * 1_000_000 + b": X"), NONE
    yield "headers: 2,000", whole(*[b"X: y"] * 2_000), SERVED
    yield "headers: 10,000", whole(*[b"X: y"] * 10_000), NONE
    yield "headers: 1,000,000 and no end", head() + b"X: y\r\n" * 1_000_000, NONE
    yield "headers: folded", whole(b"X: y\r\n\tz\r\n  z"), SERVED
    yield "headers: one without a colon", whole(b"X"), NONE
    yield "headers: one without a name", whole(b": x"), NONE
    yield "headers: a space before the colon", whole(b"X : y"), NONE
    yield "headers: a NUL in a name", whole(b"X\0: y"), NONE
    yield "headers: a NUL in a value", whole(b"X: y\0z"), NONE
    yield "headers: a bare CR in a value", whole(b"X: y\rz"), NONE
    yield "headers: bytes over 127", whole(b"X: \xff\x80"), SERVED
    yield "headers: Connection of nonsense", whole(b"Connection: ,,,;="), NONE
    yield "headers: Connection: upgrade", whole(b"Connection: upgrade", b"Upgrade: h2c"), SERVED
    yield "headers: a trace id of 8 KiB", whole(b"Lambda-Runtime-Trace-Id: " + b"t" * 8192), SERVED
    yield "headers: a trace id that is no text", whole(b"Lambda-Runtime-Trace-Id: \xff\xfe"), SERVED
    yield "headers: content of another type", whole(b"Content-Type: text/html", b"Content-Encoding: gzip"), SERVED


def interim() -> Iterator[Row]:
    go_on, hints = b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    yield "100 before the event", go_on + whole(), SERVED
    yield "103 before the event", hints + whole(), SERVED
    yield "eight interim responses before the event", hints * 8 + whole(), SERVED
    yield "nine interim responses before the event", hints * 9 + whole(), NONE
    yield "an interim response with an id of its own", go_on[:-2] + f"{RID}: id-2\r\n\r\n".encode() + whole(), SERVED
    yield "101 for GET next", b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n" + b"x" * 99, NONE


def replying(data: bytes, served: bool, slowly: bool = False) -> Callable[[Play], None]:
    def script(play: Play) -> None:
        play.wait_for_next()
        play.send_slowly(data) if slowly else play.send(data)
        play.asked = False
        if not served:
            play.finish()
            return
        assert play.posted().path.endswith(f"{ID}/response")
        play.tell()

    return script


def until_the_connection_ends(play: Play) -> None:
    play.reply(head() + END + BODY)
    play.drop()
    play.posted()
    play.tell()


def expecting(deadline: bytes, code: str) -> Callable[[Play], None]:
    def script(play: Play) -> None:
        play.reply(whole(b"Lambda-Runtime-Deadline-Ms: " + deadline))
        (item,) = play.posted().json()["items"]
        assert item.get("error", {"code": "done"})["code"] == code
        play.tell()

    return script


def rows() -> Iterator[Fault]:
    for table in (status_lines, request_ids, lengths, chunks, headers, interim):
        for name, data, posts in table():
            yield Fault(name, replying(data, bool(posts)), posts)
    for name, (value, code) in DEADLINES.items():
        yield Fault(f"deadline: {name}", expecting(value, code))
    yield Fault("neither length nor chunks", until_the_connection_ends)
    yield Fault("an event byte by byte", replying(whole(), True, slowly=True))
    yield Fault("a chunked event byte by byte", replying(head() + CHUNKED + END + IN_CHUNKS, True, slowly=True))
    yield Fault("an interim response byte by byte", replying(b"HTTP/1.1 100 C\r\n\r\n" + whole(), True, slowly=True))


# ---- the same for the receipt of an answer: whatever it is, the answer is not posted again

RECEIPTS: dict[str, bytes] = {
    "chunked": b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked, without a chunk": b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "100 before it": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
    "100 and nothing more": b"HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.0": b"HTTP/1.0 202 Accepted\r\n\r\n",
    "two of them": b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n" * 2,
    "no HTTP": b"SSH-2.0-OpenSSH\r\n",
    "one byte": b"H",
    "a NUL": b"\0",
    "an empty line": b"\r\n",
    "a wrong status line": b"HTTP/1.1 2xx Accepted\r\n\r\n",
    "a negative length": b"HTTP/1.1 202 Accepted\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"HTTP/1.1 202 Accepted\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunked": b"HTTP/1.1 202 Accepted\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a header of 1 MB": b"HTTP/1.1 202 Accepted\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
    "10,000 headers": b"HTTP/1.1 202 Accepted\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
    "a body of 7 MiB": b"HTTP/1.1 202 Accepted\r\nContent-Length: %d\r\n\r\n" % (7 << 20) + b"x" * (7 << 20),
    "a body over all that there is": b"HTTP/1.1 202 Accepted\r\nContent-Length: 18446744073709551615\r\n\r\nx",
    "an event": event_head("id-2") + b"Content-Length: 2\r\n\r\n{}",
}


def receiving(data: bytes, slowly: bool) -> Callable[[Play], None]:
    def script(play: Play) -> None:
        play.hand()
        play.posted()
        play.send_slowly(data) if slowly else play.send(data)
        play.finish()

    return script


RECEIVED = [
    Fault(f"receipt: {name}{way}", receiving(data, slowly))
    for name, data in RECEIPTS.items()
    for slowly, way in ((False, ""), (True, ", byte by byte"))
    if not slowly or len(data) < 1000
]


@pytest.mark.parametrize("fault", list(rows()), ids=lambda fault: fault.name)
def test_heads_of_events(fault: Fault, stage: Stage) -> None:
    stage.play(fault)


@pytest.mark.parametrize("fault", RECEIVED, ids=lambda fault: fault.name)
def test_receipts(fault: Fault, stage: Stage) -> None:
    stage.play(fault)
