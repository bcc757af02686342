"""Behind a second real Runtime API: cargo lambda watch, which gives an http:// address with a path prefix."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from emulator import free_port, function_environment

READY_SECONDS = 30.0


def cargo_lambda() -> str:
    beside = Path(sys.executable).parent / "cargo-lambda"
    found = str(beside) if beside.exists() else shutil.which("cargo-lambda")
    if found is None:
        pytest.skip("cargo-lambda is not installed")
    # Before it serves, it asks cargo for the package's metadata.
    cargo = shutil.which("cargo")
    if cargo is None or subprocess.run([cargo, "--version"], capture_output=True, check=False).returncode != 0:
        pytest.skip("cargo-lambda needs a working cargo")
    return found


@pytest.fixture
def port(bootstrap: Path, tmp_path: Path) -> Iterator[int]:
    # It wants a Cargo package in its folder, though with --only-lambda-apis it builds nothing.
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "function"\nversion = "0.1.0"\n')
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.rs").write_text("fn main() {}\n")
    port = free_port()
    command = [cargo_lambda(), "lambda", "watch", "--only-lambda-apis", "--invoke-address", "127.0.0.1"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--invoke-port", str(port)],
            cwd=tmp_path,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        env = function_environment({"AWS_LAMBDA_RUNTIME_API": f"http://127.0.0.1:{port}/.rt"})
        runtime = None
        try:
            wait_for(server, port, tmp_path)
            runtime = subprocess.Popen([str(bootstrap)], env=env, stdout=log, stderr=log)
            yield port
        finally:
            if runtime is not None:
                runtime.kill()
                runtime.wait()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def wait_for(server: subprocess.Popen[bytes], port: int, tmp_path: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        assert server.poll() is None, (tmp_path / "log").read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("cargo lambda watch does not listen")


def test_events_behind_cargo_lambda(port: int) -> None:
    url = f"http://127.0.0.1:{port}/2015-03-31/functions/_/invocations"
    setting = "$2a$05$CCCCCCCCCCCCCCCCCCCCC."
    good = {"op": "hash", "items": [{"id": "U*U", "password": "U*U", "setting": setting}]}
    with httpx.Client(timeout=60, trust_env=False) as client:
        for _ in range(3):
            answer = client.post(url, content=json.dumps(good)).json()
            assert answer["items"] == [{"id": "U*U", "hash": setting + "E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"}]
        refused = client.post(url, content=b'{"op":"x"}').json()
        assert refused["errorType"] == "InvalidRequest"
