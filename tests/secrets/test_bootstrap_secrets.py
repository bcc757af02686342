"""Nothing of a password is in an idle bootstrap, whatever became of the event that brought it, nor in its logs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted_api import NEXT, Connection, ScriptedApi, event, event_head, status
from secret_events import SECRET, secret_events
from secret_scan import SecretScan, forms_of, schedule_of

SETTING = "$2b$04$abcdefghijklmnopqrstu."
OTHER_HASH = "$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"
ITEM = {"password": SECRET, "setting": SETTING}
NEEDLES = [*forms_of(SECRET), schedule_of(SECRET, SETTING)]


@pytest.fixture(autouse=True)
def _not_sanitized(sanitized: bool) -> None:
    if sanitized:
        pytest.skip("a sanitizer keeps freed stack frames and heap blocks")


@pytest.fixture(scope="module")
def scan() -> SecretScan:
    return SecretScan(NEEDLES)


def hash_event(count: int, **more: Any) -> bytes:
    return json.dumps({"op": "hash", "items": [{**ITEM, **more}] * count}).encode()


EVENTS = {
    **{f"event {number}": body for number, body in enumerate(secret_events())},
    "one item": hash_event(1),
    "many items": hash_event(60),
    "one thread": json.dumps({"op": "hash", "mode": "sequential", "items": [ITEM] * 9}).encode(),
    "mismatch": json.dumps({"op": "verify", "items": [{"password": SECRET, "hash": OTHER_HASH}] * 20}).encode(),
    "unknown user": json.dumps({"op": "verify", "cost": 4, "items": [{"password": SECRET, "hash": None}]}).encode(),
    "refused items": json.dumps({"op": "hash", "items": [{**ITEM, "cost": 4}, {**ITEM, "setting": "x"}] * 9}).encode(),
    "too long": json.dumps({"op": "hash", "items": [{"password": SECRET * 3, "setting": SETTING}] * 9}).encode(),
    "over 6 MiB": b" " * (6 << 20) + hash_event(3),
    "far over 6 MiB": hash_event(1) * 90_000,
    "broken at its end": hash_event(3)[:-1],
    "broken in the password": hash_event(3)[: hash_event(3).index(SECRET.encode()) + 20],
    "deep": b"[" * 20 + hash_event(1) + b"]" * 20,
    "twice": b'{"op":"hash","items":[{"password":"' + SECRET.encode() + b'","password":"' + SECRET.encode() + b'"}]}',
    "no text": b'{"op":"hash","items":[{"password":"' + SECRET.encode() + b'\xff"}]}',
    "a password alone": json.dumps(SECRET).encode(),
}


@pytest.mark.parametrize("engine", [None, "portable"])
def test_an_idle_bootstrap_holds_nothing(bootstrap: Path, scan: SecretScan, engine: str | None) -> None:
    with ScriptedApi(bootstrap, {"LANECRYPT_ENGINE": engine} if engine else {}) as api:
        connection = api.accept()
        request = connection.request()
        for name, body in EVENTS.items():
            assert request.path == NEXT
            connection.send(event(body, "id-1"))
            connection.request()
            connection.send(status(202))
            request = connection.request()
            assert scan.finds(api.process.pid) == [], name


def test_a_deadline_leaves_nothing(bootstrap: Path, scan: SecretScan) -> None:
    with ScriptedApi(bootstrap, {"LANECRYPT_MAX_COST": "14"}) as api:
        connection = api.accept()
        connection.request()
        body = json.dumps({"op": "hash", "cost": 14, "items": [{"password": SECRET}] * 200}).encode()
        soon = int(time.time() * 1000) + 900
        connection.send(event(body, "id-1", Lambda_Runtime_Deadline_Ms=str(soon)))
        answer = connection.request().json()
        assert "deadline" in {item.get("error", {}).get("code") for item in answer["items"]}
        connection.send(status(202))
        connection.request()
        assert scan.finds(api.process.pid) == []


def half_an_event(connection: Connection) -> None:
    body = hash_event(50)
    connection.send(event_head() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) // 2])
    connection.close()


def no_request_id(connection: Connection) -> None:
    connection.send(event(hash_event(50), None))


def no_http(connection: Connection) -> None:
    connection.send(SECRET.encode() * 9 + b"\r\n\r\n")
    connection.close()


def in_chunks(connection: Connection) -> None:
    body = hash_event(9)
    connection.send(event_head() + b"Transfer-Encoding: chunked\r\n\r\n")
    for start in range(0, len(body), 50):
        part = body[start : start + 50]
        connection.send(f"{len(part):x}\r\n".encode() + part + b"\r\n")
    connection.send(b"x\r\n")  # no length
    connection.close()


def in_headers(connection: Connection) -> None:
    connection.send(event(b"[]", "id-1", X_Secret=SECRET))
    connection.request()
    connection.send(status(202))


def in_an_answer_to_a_post(connection: Connection) -> None:
    connection.send(event(hash_event(1), "id-1"))
    connection.request()
    connection.send(status(202, SECRET.encode()))


def refused_answer(connection: Connection) -> None:
    connection.send(event(hash_event(1), "id-1"))
    connection.request()
    connection.send(status(413, SECRET.encode()))


@pytest.mark.parametrize(
    "fault",
    [half_an_event, no_request_id, no_http, in_chunks, in_headers, in_an_answer_to_a_post, refused_answer],
)
def test_a_faulty_runtime_api_leaves_nothing(
    bootstrap: Path, scan: SecretScan, fault: Callable[[Connection], None]
) -> None:
    with ScriptedApi(bootstrap) as api:
        connection = api.accept()
        assert connection.request().path == NEXT
        fault(connection)
        try:
            request = connection.request()
        except OSError:
            request = api.accept().request()
        assert request.path == NEXT
        assert scan.finds(api.process.pid) == []


def test_a_bootstrap_at_work_is_found_to_hold_it(bootstrap: Path, scan: SecretScan) -> None:
    """Before its answer is taken the event is there, and the thread that waits to send it."""
    with ScriptedApi(bootstrap) as api:
        connection = api.accept()
        connection.request()
        connection.send(event(hash_event(60), "id-1"))
        connection.request()
        assert any("as-it-is" in line for line in scan.finds(api.process.pid))
        connection.send(status(202))


@pytest.mark.parametrize("log_format", ["JSON", "Text"])
def test_no_piece_of_a_secret_is_logged(bootstrap: Path, tmp_path: Path, scan: SecretScan, log_format: str) -> None:
    env = {"AWS_LAMBDA_LOG_LEVEL": "TRACE", "AWS_LAMBDA_LOG_FORMAT": log_format}
    errors = tmp_path / "errors"
    log = tmp_path / "log"
    with ScriptedApi(bootstrap, env) as api, errors.open("wb") as said:
        connection = api.accept()
        for body in EVENTS.values():
            answer = connection.serve(body)
            if answer.path.endswith("/error"):
                said.write(answer.body)
        connection.request()
        text = api.log_text()
    assert text.count("\n") == len(EVENTS)
    log.write_text(text)
    assert errors.stat().st_size > 0
    assert scan.finds(log) == []
    assert scan.finds(errors) == []
    assert "$2b$" not in text
    log.write_text(text + SECRET[9:17])
    assert scan.finds(log), "eight bytes of it are enough"
