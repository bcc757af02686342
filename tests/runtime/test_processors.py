"""The bootstrap on a processor that is not at hand."""

from __future__ import annotations

import platform
import shlex
import shutil
from pathlib import Path

import bcrypt
import pytest
from scripted_api import ScriptedApi, status

HASH = {"op": "hash", "cost": 4, "items": [{"id": 1, "password": "a"}]}


@pytest.mark.parametrize("engine", ["x86_64_bmi2", "x86_64"])
def test_an_engine_that_the_processor_cannot_run_is_an_init_error(
    bootstrap: Path, tmp_path: Path, sanitized: bool, engine: str
) -> None:
    """On Nehalem, which has no BMI2: qemu-user runs one program on a processor that is not at hand."""
    qemu = shutil.which("qemu-x86_64")
    if platform.machine() != "x86_64" or sanitized:
        pytest.skip("this bootstrap has no assembly engines, or a sanitizer in it that cannot be emulated")
    if qemu is None:
        pytest.skip("qemu-x86_64 is not installed (Debian's qemu-user)")
    emulated = tmp_path / "bootstrap"
    emulated.write_text(f"#!/bin/sh\nexec {shlex.quote(qemu)} -cpu Nehalem {shlex.quote(str(bootstrap))}\n")
    emulated.chmod(0o755)
    with ScriptedApi(emulated, {"LANECRYPT_ENGINE": engine}) as api:
        connection = api.accept()
        if engine == "x86_64":
            answer = connection.serve(HASH).json()
            assert answer["engine"] == engine
            assert bcrypt.checkpw(b"a", answer["items"][0]["hash"].encode())
            return
        request = connection.request()
        assert request.path == "/2018-06-01/runtime/init/error"
        assert request.headers["lambda-runtime-function-error-type"] == "Runtime.InvalidEngine"
        assert request.json()["errorMessage"] == "the engine of LANECRYPT_ENGINE cannot run on this CPU"
        connection.send(status(202))
        assert api.exit_status() == 1
