"""examples/login_service as its users run it: uvicorn in a process of its own, and logins over HTTP."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bcrypt
import httpx
import pytest

Start = Callable[..., contextlib.AbstractContextManager[httpx.Client]]


@pytest.fixture
def start(root: Path) -> Start:
    @contextlib.contextmanager
    def started(**variables: str) -> Iterator[httpx.Client]:
        app = [sys.executable, "-m", "uvicorn", "--app-dir", str(root / "examples"), "login_service.app:app"]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **variables}
        process = subprocess.Popen([*app, "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True)
        try:
            with httpx.Client(base_url=_address(process), timeout=60) as client:
                yield client
        finally:
            process.terminate()
            rest = process.communicate(timeout=60)[1]
        assert "Traceback" not in rest
        assert "Application shutdown complete" in rest

    return started


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if found := re.search(r"running on (http://\S+)", line):
            return found[1]
    raise AssertionError("".join(lines))


def credentials(user: str, password: str) -> dict[str, str]:
    return {"user": user, "password": password}


@pytest.mark.parametrize("backend", ["lanecrypt", "pyca"])
def test_registers_and_logs_in(start: Start, backend: str) -> None:
    ann = credentials("ann", "corréct horse")
    with start(LOGIN_BACKEND=backend, LOGIN_ROUNDS="5") as client:
        assert client.post("/register", json=ann).status_code == 201
        assert client.post("/register", json=ann).status_code == 409
        assert client.post("/login", json=ann).json() == {"user": "ann"}
        wrong = client.post("/login", json=credentials("ann", "wrong"))
        unknown = client.post("/login", json=credentials("nobody", "wrong"))
        assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)
        assert wrong.status_code == 401
        assert client.post("/login", json=credentials("ann", "x" * 73)).status_code == 422
        assert client.get("/health").json()["backend"] == backend


def test_refuses_what_is_no_request(start: Start) -> None:
    with start(LOGIN_ROUNDS="4") as client:
        for body in (b"", b"{}", b"[]", b'{"user": 1, "password": "x"}', b'{"user": "a", "password": null}'):
            assert client.post("/login", content=body).status_code == 400
        assert client.post("/login", content=b" " * 5000).status_code == 413
        assert client.get("/login").status_code == 405


@pytest.mark.parametrize("backend", ["lanecrypt", "pyca"])
def test_a_weak_hash_is_replaced_at_the_next_login(start: Start, tmp_path: Path, backend: str) -> None:
    path = tmp_path / "users.db"
    weak = bcrypt.hashpw(b"pw", bcrypt.gensalt(4))
    with start(LOGIN_ROUNDS="5", LOGIN_USERS=str(path), LOGIN_BACKEND=backend) as client:
        with contextlib.closing(sqlite3.connect(path)) as users, users:
            users.execute("INSERT INTO users VALUES ('ann', ?)", (weak,))
        assert client.post("/login", json=credentials("ann", "wrong")).status_code == 401
        assert _stored(path) == weak
        assert client.post("/login", json=credentials("ann", "pw")).status_code == 200
        assert _stored(path).startswith(b"$2b$05$")
        assert client.post("/login", json=credentials("ann", "pw")).status_code == 200


def _stored(path: Path) -> bytes:
    with contextlib.closing(sqlite3.connect(path)) as users:
        (hash,) = users.execute("SELECT hash FROM users").fetchone()
    return bytes(hash)


@pytest.mark.parametrize("backend", ["lanecrypt", "pyca"])
def test_answers_503_where_too_many_wait(start: Start, backend: str) -> None:
    with start(LOGIN_ROUNDS="11", LOGIN_QUEUE="1", LOGIN_BACKEND=backend) as client:

        def log_in(_number: int) -> httpx.Response:
            return client.post("/login", json=credentials("nobody", "x"))

        with ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(log_in, range(40)))
        assert {each.status_code for each in answers} == {401, 503}
        assert {each.headers.get("retry-after") for each in answers if each.status_code == 503} == {"1"}
        assert client.post("/login", json=credentials("nobody", "x")).status_code == 401
