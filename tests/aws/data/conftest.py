"""A moto server with faults in a process of its own, real boto3, and handlers with environments of their own.

Handlers run in this process where that shows what they do, and in one of their own where that one is killed.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from data_harness import REGION, Bucket, Server

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve() / "python"
AWS = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
OURS = ("LANECRYPT_", "WORKER_COUNT")
TESTS = ("LANECRYPT_BUILD", "LANECRYPT_TEST_RECORDS", "LANECRYPT_TEST_ROWS")

sys.path.insert(0, str(PACKAGES))
if importlib.util.find_spec("lanecrypt") is None:
    collect_ignore_glob = ["*"]


@pytest.fixture(scope="session")
def started_server() -> Iterator[Server]:
    program = [sys.executable, str(Path(__file__).with_name("server.py")), "0"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Server(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        finally:
            process.kill()


@pytest.fixture
def server(started_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    for name in list(os.environ):
        if name.startswith(("AWS_", *OURS)) and name not in TESTS:
            monkeypatch.delenv(name)
    for name, value in {**AWS, "AWS_ENDPOINT_URL": started_server.url}.items():
        monkeypatch.setenv(name, value)
    started_server.fail()
    return started_server


@pytest.fixture
def name() -> str:
    """A name that no other test has."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def handler_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Imports a handler's module as Lambda does, in an environment."""

    def load(module: str, **environment: str) -> Any:
        for key in [key for key in os.environ if key.startswith(OURS) and key not in TESTS]:
            monkeypatch.delenv(key)
        for key, value in environment.items():
            monkeypatch.setenv(key, value)
        sys.modules.pop(f"lanecrypt.aws.{module}", None)
        return importlib.import_module(f"lanecrypt.aws.{module}").handler

    return load


@pytest.fixture
def bucket(server: Server, name: str) -> Bucket:  # noqa: ARG001
    return Bucket(name)


@pytest.fixture
def load(handler_of: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The handler for objects, whose outputs go to the same bucket under out/."""

    def with_defaults(**environment: str) -> Any:
        fixed = {"LANECRYPT_OUTPUT_BUCKET": name, "LANECRYPT_OUTPUT_PREFIX": "out/", "LANECRYPT_COST": "4"}
        return handler_of("objects", **{**fixed, **environment})

    return with_defaults
