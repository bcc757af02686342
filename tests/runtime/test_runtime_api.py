"""The bootstrap's side of the Runtime API, against a scripted one: what it asks, answers, logs and takes from its
environment. What it does when that API fails is faults/."""

from __future__ import annotations

import base64
import os
import re
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from emulator import function_environment
from scripted_api import NEXT, TIMEOUT, Connection, ScriptedApi, event, status
from secret_events import SECRET, memory_of, secret_events

HASH = {"op": "hash", "cost": 4, "items": [{"id": 1, "password": "a"}]}
# Cheap hashes, so that some are finished early, and so many that all would take minutes.
SLOW: dict[str, Any] = {
    "op": "hash",
    "cost": 9,
    "mode": "sequential",
    "items": [{"id": i, "password": "a"} for i in range(8000)],
}
PREFIX = "/2018-06-01/runtime/"


def hashes(answer: Any) -> list[str]:
    return [item["hash"] for item in answer["items"]]


def assert_still_serving(connection: Connection, request_id: str = "after") -> None:
    answer = connection.serve(HASH, request_id)
    assert answer.path == f"{PREFIX}invocation/{request_id}/response"
    assert hashes(answer.json())[0].startswith("$2b$04$")


def codes(answer: Any) -> set[str]:
    return {item["error"]["code"] if "error" in item else "done" for item in answer["items"]}


def assert_cut_short(answer: Any, code: str) -> None:
    """Some items of SLOW are whole hashes, the others say code."""
    assert len(answer["items"]) == len(SLOW["items"])
    assert codes(answer) == {"done", code}
    done = [item["hash"] for item in answer["items"] if "hash" in item]
    assert {len(each) for each in done} == {60}
    assert bcrypt.checkpw(b"a", done[-1].encode())
    assert answer["failed"] == len(answer["items"]) - len(done)


# ---- requests and answers


def test_events_are_served_over_one_connection(bootstrap: Path) -> None:
    with ScriptedApi(bootstrap) as api:
        connection = api.accept()
        for number in range(5):
            request = connection.request()
            assert (request.method, request.path, request.body) == ("GET", NEXT, b"")
            assert request.headers["host"] == f"127.0.0.1:{api.port}"
            assert request.headers["user-agent"].startswith("lanecrypt/")
            connection.send(event(HASH, f"8476a536-e9f4-11e8-9739-2dfe598c3fc{number}"))
            answer = connection.request()
            assert answer.method == "POST"
            assert answer.path == f"{PREFIX}invocation/8476a536-e9f4-11e8-9739-2dfe598c3fc{number}/response"
            assert answer.headers["content-type"] == "application/json"
            connection.send(status(202, b'{"status":"OK"}'))


def test_a_failed_event_is_posted_as_an_error(bootstrap: Path) -> None:
    with ScriptedApi(bootstrap) as api:
        connection = api.accept()
        answer = connection.serve({"op": "swordfish"}, "id-7")
        assert answer.path == f"{PREFIX}invocation/id-7/error"
        assert answer.headers["lambda-runtime-function-error-type"] == "Function.InvalidRequest"
        message = 'op must be "hash" or "verify"'
        assert answer.json() == {"errorMessage": message, "errorType": "InvalidRequest", "stackTrace": []}
        assert_still_serving(connection)


# ---- addresses


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("127.0.0.1:{port}", ""),
        ("localhost:{port}", ""),
        ("http://127.0.0.1:{port}", ""),
        ("http://127.0.0.1:{port}/", ""),
        ("http://127.0.0.1:{port}/.rt", "/.rt"),
        ("127.0.0.1:{port}/a/b/", "/a/b"),
    ],
)
def test_addresses(bootstrap: Path, address: str, prefix: str) -> None:
    with ScriptedApi(bootstrap, address=address) as api:
        connection = api.accept()
        assert connection.request().path == prefix + NEXT
        connection.send(event(HASH))
        assert connection.request().path == f"{prefix}{PREFIX}invocation/id-1/response"


@pytest.mark.parametrize(
    "address", ["", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999", "a b:1", "ftp://x:1"]
)
def test_an_address_that_is_none_ends_it(bootstrap: Path, address: str) -> None:
    with ScriptedApi(bootstrap, address=address) as api:
        assert api.exit_status() == 1
        assert api.log_lines(1)[0]["level"] == "FATAL"


@pytest.mark.parametrize("request_id", [None, "", "a b", "../../x", "x" * 129])
def test_an_event_without_a_usable_id_is_passed_over(bootstrap: Path, request_id: str | None) -> None:
    with ScriptedApi(bootstrap) as api:
        connection = api.accept()
        connection.request()
        connection.send(event(HASH, request_id))
        assert_still_serving(connection)
        assert "request id" in api.log_lines(1)[0]["message"]


# ---- init


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        ({"LANECRYPT_ENGINE": "warp"}, "InvalidEngine"),
        ({"LANECRYPT_ENGINE": "libcrypt"}, "InvalidEngine"),
        *[({"LANECRYPT_MAX_COST": value}, "InvalidMaxCost") for value in ("3", "32", "12.0", "x", " 12", "+12", "-4")],
    ],
)
def test_init_errors_are_posted_and_end_it(bootstrap: Path, env: dict[str, str], reason: str) -> None:
    with ScriptedApi(bootstrap, env) as api:
        connection = api.accept()
        request = connection.request()
        assert (request.method, request.path) == ("POST", f"{PREFIX}init/error")
        assert request.headers["lambda-runtime-function-error-type"] == f"Runtime.{reason}"
        assert request.json()["errorType"] == reason
        assert request.json()["stackTrace"] == []
        assert next(iter(env)) in request.json()["errorMessage"]
        connection.send(status(202))
        assert api.exit_status() == 1
        assert api.log_lines(1)[0]["level"] == "FATAL"


def test_empty_variables_are_unset_ones(bootstrap: Path) -> None:
    env = {"LANECRYPT_ENGINE": "", "LANECRYPT_MAX_COST": "", "WORKER_COUNT": ""}
    with ScriptedApi(bootstrap, env) as api:
        assert_still_serving(api.accept())


def test_the_ceiling_comes_from_the_environment(bootstrap: Path) -> None:
    with ScriptedApi(bootstrap, {"LANECRYPT_MAX_COST": "5", "LANECRYPT_ENGINE": "portable"}) as api:
        connection = api.accept()
        answer = connection.serve({"op": "hash", "items": [{"password": "a"}, {"password": "a", "cost": 6}]}).json()
        assert answer["items"][0]["hash"].startswith("$2b$05$")
        assert answer["items"][1]["error"]["code"] == "cost_too_high"
        assert answer["engine"] == "portable"
        assert "from 4 to 5" in connection.serve({"op": "hash", "cost": 6}).json()["errorMessage"]


# ---- deadlines, and a log without a reader


def test_the_deadline_is_honoured(bootstrap: Path) -> None:
    with ScriptedApi(bootstrap) as api:
        connection = api.accept()
        for seconds in (1.5, 6, 24):  # a slow machine finishes the first items with a later deadline
            deadline = str(int((time.time() + seconds) * 1000))
            answer = connection.serve(SLOW, Lambda_Runtime_Deadline_Ms=deadline)
            assert answer.path.endswith("/response")
            if "done" in codes(answer.json()):
                break
        assert_cut_short(answer.json(), "deadline")
        assert_still_serving(connection)


def test_a_log_that_nobody_reads_does_not_end_it(bootstrap: Path) -> None:
    """SIGPIPE is ignored: stderr is a pipe whose reader has gone."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(TIMEOUT)
        env = function_environment({"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{listener.getsockname()[1]}"})
        process = subprocess.Popen([str(bootstrap)], env=env, stderr=write_end)
        connection = Connection(listener.accept()[0])
        try:
            assert_still_serving(connection)
            assert_still_serving(connection)
        finally:
            connection.close()
            process.kill()
            process.wait()
            os.close(write_end)


# ---- trace id, log, secrets


def test_the_trace_id_is_exported_for_one_invocation(bootstrap: Path) -> None:
    root = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1"
    with ScriptedApi(bootstrap, {"_X_AMZN_TRACE_ID": "Root=of-the-parent-process"}) as api:
        connection = api.accept()
        connection.serve(HASH, "a", Lambda_Runtime_Trace_Id=root)
        connection.serve(HASH, "b")
        connection.serve(HASH, "c", Lambda_Runtime_Trace_Id="Root=2")
        # The log line's trace id is read back from the environment.
        assert [line.get("trace_id") for line in api.log_lines(3)] == [root, None, "Root=2"]


@pytest.mark.parametrize("byte", [b"\xff", b"\x80", "é".encode(), b"\t"])
def test_a_trace_id_that_is_no_text_is_not_logged(bootstrap: Path, byte: bytes) -> None:
    with ScriptedApi(bootstrap) as api:
        connection = api.accept()
        connection.request()
        connection.send(event(HASH, Lambda_Runtime_Trace_Id="Root=1;X=@;Y").replace(b"@", byte))
        assert connection.request().path.endswith("/response")
        connection.send(status(202))
        (line,) = api.log_lines(1)
        assert line["message"] == "invocation"
        assert "trace_id" not in line


def test_one_json_line_per_invocation(bootstrap: Path) -> None:
    with ScriptedApi(bootstrap) as api:
        connection = api.accept()
        connection.serve({"op": "hash", "cost": 4, "items": [{"password": "a"}, {"password": "b"}, {}]}, "id-1")
        connection.serve({"op": "verify"}, "id-2")
        connection.serve({"count": 1, "mode": "sequential"}, "id-3")
        connection.serve(b"[]", "id-4")
        connection.request()
        lines = api.log_lines(4)
        assert len(lines) == 4
        for line in lines:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["timestamp"])
        assert [line["requestId"] for line in lines] == ["id-1", "id-2", "id-3", "id-4"]
        assert [line["level"] for line in lines] == ["INFO", "INFO", "INFO", "ERROR"]
        assert [line["op"] for line in lines] == ["hash", "verify", "count", "none"]
        first = lines[0]
        assert (first["items"], first["failed"], first["hashes"]) == (3, 1, 2)
        assert first["duration_ms"] > 0
        assert first["hashes_per_second"] > 0
        assert first["engine"]
        assert first["threads"] >= 1
        assert lines[3]["error_type"] == "InvalidRequest"


@pytest.mark.parametrize(
    ("level", "good", "bad"),
    [
        ("TRACE", 1, 1),
        ("DEBUG", 1, 1),
        ("INFO", 1, 1),
        ("info", 1, 1),
        ("nonsense", 1, 1),
        ("WARN", 0, 1),
        ("ERROR", 0, 1),
        ("FATAL", 0, 0),
    ],
)
def test_log_levels(bootstrap: Path, level: str, good: int, bad: int) -> None:
    with ScriptedApi(bootstrap, {"AWS_LAMBDA_LOG_LEVEL": level}) as api:
        connection = api.accept()
        connection.serve(HASH, "good")
        connection.serve(b"[]", "bad")
        connection.request()
        ids = [line["requestId"] for line in api.log_lines(good + bad)]
        assert ids == ["good"] * good + ["bad"] * bad


@pytest.mark.parametrize(
    ("log_format", "is_json"),
    [(None, True), ("JSON", True), ("json", True), ("Text", False), ("TEXT", False)],
)
def test_log_formats(bootstrap: Path, log_format: str | None, is_json: bool) -> None:
    env = {} if log_format is None else {"AWS_LAMBDA_LOG_FORMAT": log_format}
    with ScriptedApi(bootstrap, env) as api:
        connection = api.accept()
        connection.serve(HASH, "id-1")
        connection.request()
        line = api.log_text().strip()
        assert line.startswith("{") == is_json
        assert "requestId" in line
        assert "id-1" in line
        if not is_json:
            assert re.search(
                r' INFO requestId="id-1" message="invocation" source="plain" op="hash" items=1 failed=0 hashes=1 dura',
                line,
            )


def test_no_secret_reaches_the_log(bootstrap: Path) -> None:
    with ScriptedApi(bootstrap, {"AWS_LAMBDA_LOG_LEVEL": "TRACE"}) as api:
        connection = api.accept()
        for number, body in enumerate(secret_events()):
            answer = connection.serve(body, f"id-{number}")
            if answer.path.endswith("/error"):
                assert SECRET.encode() not in answer.body
        connection.request()
        api.log_lines(len(secret_events()))
        assert SECRET not in api.log_text()
        assert "$2b$04$" not in api.log_text()


def test_an_idle_bootstrap_holds_no_password(bootstrap: Path, sanitized: bool) -> None:
    if sanitized:
        pytest.skip("a sanitizer keeps freed stack frames and heap blocks")
    if os.geteuid() != 0:
        pytest.skip("reading another process's memory needs root: core dumps and ptrace are forbidden")
    with ScriptedApi(bootstrap) as api:
        connection = api.accept()
        for number, body in enumerate(secret_events()):
            connection.request()
            connection.send(event(body, f"id-{number}"))
            connection.request()
            # Before its answer is taken the memory does hold the password: the scan can find it.
            assert SECRET.encode() in memory_of(api.process.pid), number
            connection.send(status(202))
        connection.request()
        memory = memory_of(api.process.pid)
        assert len(memory) > 2**16
        for needle in (SECRET.encode(), base64.b64encode(SECRET.encode())[:20], SECRET.encode()[:16]):
            assert needle not in memory
