"""Seeds of the fuzz targets, made from what the tests have: tests/vectors and examples/events, and a few of their own.

seeds.py FOLDER    one folder in FOLDER for each target, files in it named by their content
"""

# ruff: noqa: UP031  (JSON is full of braces, which str.format would double)
from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
EVENTS = ROOT / "examples" / "events"


def rows(name: str) -> Iterator[dict[str, str]]:
    lines = [line for line in (VECTORS / name).read_text().split("\n") if line and not line.startswith("#")]
    columns = lines[0].split("\t")
    for line in lines[1:]:
        yield dict(zip(columns, line.split("\t"), strict=False))


def settings() -> Iterator[bytes]:
    """Settings, hashes and what is neither, of every dialect and kind."""
    for row in rows("bcrypt_vectors.tsv"):
        yield row["setting"].encode()
        yield row["expected_hash"].encode()
    for row in rows("bcrypt_badsalts.tsv"):
        yield bytes.fromhex(row["value_hex"])


def radix64_texts() -> Iterator[bytes]:
    for text in settings():
        yield text[7:29]
        yield text[29:]
    yield bytes(range(256))


NEXT = (
    b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
    b"Lambda-Runtime-Deadline-Ms: 1542409706888\r\nLambda-Runtime-Trace-Id: Root=1-5bef4de7;Sampled=1\r\n"
)
BODY = b'{"op":"hash","items":[{"id":1,"password":"pw"}]}'
CHUNKED = NEXT + b"Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n%x\r\n%s\r\n0\r\nX: y\r\n\r\n" % (
    len(BODY),
    BODY,
)
RESPONSES = (
    NEXT + b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY),
    NEXT + b"Content-Length: %d\r\nConnection: close\r\n\r\n%sHTTP/1.1 202 Accepted\r\n\r\n" % (len(BODY), BODY),
    NEXT + b"\r\n" + BODY,  # as long as the connection
    NEXT + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n12345",
    NEXT + b"Content-Length: 99999999999999999999\r\n\r\n1",
    NEXT + b"Content-Length: -1\r\n\r\n1",
    CHUNKED,
    CHUNKED.replace(b"5;a=b", b"fffffffffffffffff"),
    b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 413 Payload Too Large\r\nx:\r\n folded\r\nx: 1\r\n\r\n",
    b"HTTP/1.1 500\r\n\r\n",
    b"HTTP/1.0 204 No Content\r\nConnection: keep-alive\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 2x0 OK\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"\r\n\r\n",
)
CUTS = (b"\x00", b"\x01\x00", b"\x01\x06", b"\x04\x10\x00\x03\x40", b"\x0f" + bytes(15))  # the last: each byte alone


def responses() -> Iterator[bytes]:
    """Responses of the Runtime API and what is none, each whole and in pieces."""
    for response in RESPONSES:
        for cuts in CUTS:
            yield cuts + response


def cheap_hash(password: bytes, setting: str) -> str:
    """What cheap_engine.cpp makes of a password: the only hashes that match there."""
    state = 0xCBF29CE484222325
    for byte in (len(password), *password, *setting.encode()):
        state = (state ^ byte) * 0x100000001B3 % 2**64
    digest = bytearray()
    for _ in range(23):
        state = (state ^ 1) * 0x100000001B3 % 2**64
        digest.append(state >> 56)
    bits = int.from_bytes(digest, "big") << 2
    return setting + "".join(ALPHABET[bits >> shift & 63] for shift in range(180, -1, -6))


ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
MATCHING = cheap_hash(b"m~5", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.")
KNOWN = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
ITEM = '{"id":"u1","password":"p~ss wörd!","setting":"$2b$05$CCCCCCCCCCCCCCCCCCCCC."}'


def sqs(body: str, number: int, queue: str = "q.fifo") -> str:
    record = {"messageId": f"m{number}", "eventSource": "aws:sqs", "eventSourceARN": f"arn:aws:sqs:eu-west-1:1:{queue}"}
    return json.dumps({**record, "body": body, "attributes": {"MessageGroupId": f"g{number % 2}"}})


def kinesis(body: str, number: int, nested: bool) -> str:
    data = base64.b64encode(body.encode()).decode()
    fields = {"partitionKey": "k", "sequenceNumber": str(10**20 + number), "data": data}
    own = {"eventSource": "aws:kinesis", "eventSourceARN": "arn:aws:kinesis:eu-west-1:1:stream/s"}
    return json.dumps({**own, "kinesis": fields} if nested else {**own, **fields})


def http(path: str, body: str, **more: object) -> str:
    headers = {"content-type": "application/json; charset=utf-8"}
    return json.dumps(
        {"httpMethod": "POST", "path": path, "headers": headers, "requestContext": {}, "body": body, **more}
    )


BODIES = (
    ITEM,
    '{"password":"x~1","cost":4}',
    '{"op":"hash","items":[%s,{"password":"y~2"}],"cost":5,"mode":"parallel","prefix":"2y"}' % ITEM,
    '{"op":"verify","items":[{"id":[1,-0,1.5e3],"password":"z~3","hash":"%s"}],"upgrade_to":{"cost":6}}' % KNOWN,
    '{"password":"%s"}' % ("w~" * 40),
    '{"op":"verify"}',
    "[1]",
    '{"count":3,"mode":"auto"}',
)
MORE_EVENTS = (
    '{"Records":[%s]}' % ",".join(sqs(body, i) for i, body in enumerate(BODIES)),
    '{"Records":[%s]}' % ",".join(sqs(body, i, "q") for i, body in enumerate(BODIES)),
    '{"Records":[%s]}' % ",".join(kinesis(body, i, True) for i, body in enumerate(BODIES)),
    "[%s]" % ",".join(kinesis(body, i, False) for i, body in enumerate(BODIES[:4])),
    "[%s]" % ",".join(sqs(body, i) for i, body in enumerate(BODIES[:4])),
    '{"Records":[]}',
    '{"Records":{}}',
    '{"Records":[{"eventSource":"aws:sqs","messageId":"1","body":5}]}',
    '{"Records":[{"eventSource":"aws:kinesis","kinesis":{"sequenceNumber":"1","data":"%%%"}}]}',
    '{"Records":[{"eventSource":"aws:kinesis","kinesis":{"sequenceNumber":"1"}}]}',
    '{"Records":[%s,%s]}' % (sqs(ITEM, 1), kinesis(ITEM, 2, True)),
    "[%s,{}]" % sqs(ITEM, 1),
    http("/hash", '{"items":[%s]}' % ITEM),
    http("/verify", '{"op":"hash","items":[]}'),
    http("/", "[]"),
    http("/", ""),
    http("/", '{"op":"hash"', headers={"Content-Type": ["text/plain"]}),
    http("/", "{}", headers={"content-type": 'application/vnd.x+json; charset="latin-1"'}),
    http("/", "{}", headers={"content-type": []}),
    http("/", "{}", headers={"Accept": "*"}),
    http("/", "*", isBase64Encoded=True),
    http("/health", "", httpMethod="HEAD"),
    http("/health", "", httpMethod="PUT", multiValueHeaders={}, requestContext={"elb": {}}),
    '{"requestContext":{"stage":"prod","http":{"method":"GET"}},"rawPath":"/prod/health"}',
    '{"requestContext":{"stage":"prod","http":{"method":"GET"}},"rawPath":"/prod"}',
    '{"requestContext":{"stage":"prod","http":{"method":"GET"}},"rawPath":"/production/health"}',
    '{"requestContext":{"stage":"prod","http":{"method":"GET"}},"rawPath":"/other/health"}',
    '{"requestContext":{"elb":{}},"httpMethod":"POST","path":"/hash","multiValueHeaders":{"content-type":["text/html"]}}',
    '{"Items":[%s],"BatchInput":{"op":"hash","cost":4,"prefix":"2a","long_passwords":"truncate"}}' % ITEM,
    '{"Items":[{"password":"q~4","hash":null}],"BatchInput":{"op":"verify","upgrade_to":{"cost":5}}}',
    '{"Items":[],"BatchInput":{"items":[]}}',
    '{"Items":[],"BatchInput":[]}',
    '{"op":"verify","items":[{"password":"U*U","hash":"%s"}],"upgrade_to":{"cost":5}}' % KNOWN,
    '{"op":"verify","items":[{"password":"m~5","hash":"%s"}],"upgrade_to":{"cost":6}}' % MATCHING,
    '{"op":"verify","items":[{"password":"m~5","hash":"%s"}]}' % MATCHING,
    '{"op":"hash","it\\u0065ms":[]}',
    '{"op":"hash","items":[{"password":"a\\u0000~","id":"\\u0001\\b\\f\\n\\r\\t\\"\\\\/ü€😀"}]}',
    '{"op":"hash","items":[{"password":"a~b","password_base64":"YX5i"},{"password_base64":"YX5i"},{"password_base64":"YX5"}]}',
    '{"op":"hash","items":[{"id":{"a":[true,false,null,{"b":18446744073709551615}]},"password":"a~b","cost":9}]}',
    '{"count":-0,"mode":"auto"}',
    '{"count":-9223372036854775809,"mode":"auto"}',
    '{"count":18446744073709551615,"mode":"auto"}',
    '{"count":36893488147419103232,"mode":"auto"}',
    '{"count":"1","mode":"auto"}',
    '{"op":"hash","id":1e99999999999}',
    '{"op":"hash","id":12',
    "-",
)


def compact(text: bytes) -> bytes:
    """JSON without spaces, so that more of a mutation meets what matters; anything else as it is."""
    try:
        return json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False).encode()
    except ValueError:  # UnicodeError too
        return text


# How the handler's target runs an event: the bits of fuzz_handler.cpp's How.
PLAIN, TWO_WORKERS, FUSSY, LOW_CEILING, PAST, CANCELLED, DESTINATION, HALF, FAILS = 0, 1, 2, 4, 8, 16, 32, 64, 128


def events() -> Iterator[bytes]:
    """The example events, and each way to handle one for those in which it makes a difference."""
    ways = (PLAIN, LOW_CEILING, PAST)
    records = (DESTINATION, DESTINATION | HALF, DESTINATION | FAILS, DESTINATION | CANCELLED)
    for path in sorted(EVENTS.glob("*.json")):
        event = compact(path.read_bytes())
        for how in ways + (records if b"Records" in event else ()):
            yield event + bytes([how])
    for text in MORE_EVENTS:
        for how in (*ways, *records, DESTINATION | PAST, FUSSY, TWO_WORKERS):
            yield text.encode() + bytes([how])


def choices() -> Iterator[bytes]:
    """What the batch target decides by: bytes at random, the same every time."""
    random = Random(20261122)
    for size in (16, 64, 256):
        for _ in range(256):
            yield random.randbytes(size)


TARGETS = {
    "setting": settings,
    "stored_hash": settings,
    "radix64": radix64_texts,
    "http_response": responses,
    "handler": events,
    "batch": choices,
    "package": choices,
    "liblambda": choices,
}


def large_responses() -> Iterator[bytes]:
    """Bodies over the limit of what is kept, with and without a length."""
    body = b"a" * (7 << 20)
    yield b"\0HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    yield b"\0HTTP/1.1 200 OK\r\n\r\n" + body


def large_events() -> Iterator[bytes]:
    """Events at and over each limit; too long for libFuzzer to work on."""
    over = " " * (6 << 20)
    zeros = "0," * 2_900_000 + "0"
    empty = ",".join(["{}"] * 10_001)
    fields = ",".join(f'"{i}":0' for i in range(1_001))
    yield from (
        text.encode() + bytes([DESTINATION])
        for text in (
            '{"op":"hash"}' + over,
            '{"op":"hash"}' + over * 2,
            over + "[",
            http("/hash", "") + over,
            http("/hash", f"[{zeros}]"),
            http("/hash", f"[{zeros}]", headers={}, multiValueHeaders={"content-type": ["application/json"]}),
            '{"op":"hash","items":[%s]}' % zeros,
            '{"op":"hash","items":[%s]}' % empty,
            '{"op":"hash","items":[{"id":{%s},"password":"x"}]}' % fields,
            '{"op":"hash","items":[{"id":"%s","password":"x"}]}' % ("u" * (6_100_000)),
            '{"op":"hash","items":[%s]}' % ",".join(['{"id":"%s"}' % ("u" * 900)] * 6_000),
            '{"Items":[%s]}' % ",".join(["{}"] * 3_500),
            '{"Items":[%s]}' % ",".join(["{}"] * 3_000),
            http("/hash", '{"items":[%s]}' % ",".join(['{"x":0}'] * 9_000), requestContext={"elb": {}}),
            '{"Records":[%s]}' % empty,
            '{"Records":[%s]}' % ",".join([sqs("{}", 1)] * 10_001),
            "[%s]" % ",".join([sqs("{}", 1)] * 10_001),
            '{"Records":[%s]}' % ",".join([sqs('{"op":"hash","items":[%s]}' % ",".join(["{}"] * 4_000), 1)] * 4),
            '{"Records":[%s]}' % ",".join([sqs('{"id":"%s","password":"x"}' % ("u" * 1_500_000), 1)] * 4),
            "[%s,%s]"
            % (
                ",".join([sqs('{"id":"%s","password":"x"}' % ("u" * 1_400_000), 1)] * 4),
                sqs('{"op":"hash","items":[%s]}' % ",".join(["{}"] * 9_900), 2),
            ),
            "[%s]" % ",".join([sqs('{"op":"verify","items":[%s]}' % ",".join(["{}"] * 9_000), 1)] * 2),
            "[%s]" % ",".join([sqs('{"op":"hash","items":[{"id":"%s"}]}' % ("u" * 1_500_000), 1)] * 4),
        )
    )


LARGE = {"http_response": large_responses, "handler": large_events}


def write(folder: Path, large: bool) -> None:
    """One folder for each target, and in `large` those that are too long to work on: for the coverage alone."""
    for below, kinds in ((folder, TARGETS), (folder / "large", LARGE if large else {})):
        for target, made in kinds.items():
            (below / target).mkdir(parents=True, exist_ok=True)
            for seed in made():
                file = below / target / hashlib.sha256(seed).hexdigest()[:16]
                if not file.exists() or file.stat().st_size != len(seed):
                    file.write_bytes(seed)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(Path(sys.argv[1]), large=False)
