"""Seeds of the fuzz targets, made from what the tests have: tests/vectors and examples/events, and a few of their own.

    seeds.py FOLDER    one folder in FOLDER for each target, files in it named by their content
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

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
CHUNKED = NEXT + b"Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n%x\r\n%s\r\n0\r\nX: y\r\n\r\n" % (len(BODY), BODY)
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
CUTS = (b"\x00", b"\x01\x00", b"\x01\x06", b"\x04\x10\x00\x03\x40")


def responses() -> Iterator[bytes]:
    """Responses of the Runtime API and what is none, each whole and in pieces."""
    for response in RESPONSES:
        for cuts in CUTS:
            yield cuts + response


TARGETS = {
    "setting": settings,
    "stored_hash": settings,
    "radix64": radix64_texts,
    "http_response": responses,
}


def write(folder: Path) -> None:
    for target, seeds in TARGETS.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for seed in seeds():
            (folder / target / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(Path(sys.argv[1]))
