"""The bootstrap forbids core dumps, which would hold passwords: the kernel then gives its files in /proc to root."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

ANYBODY = 65533  # and not 65534, whose processes other tests count


def owner_of_memory(program: Path, folder: Path) -> int:
    """Whose /proc/PID/mem is while the program, as an unprivileged user, waits for its first event."""
    copy = folder / "bootstrap"
    shutil.copy(program, copy)
    copy.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        process = subprocess.Popen(
            [copy],
            env={"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.getsockname()[1]}"},
            user=ANYBODY if os.geteuid() == 0 else None,
            stderr=subprocess.DEVNULL,
        )
        try:
            with server.accept()[0]:
                return Path(f"/proc/{process.pid}/mem").stat().st_uid
        finally:
            process.kill()
            process.wait()


def test_the_bootstrap_cannot_be_dumped(bootstrap: Path, sanitized: bool) -> None:
    if sanitized:
        pytest.skip("a leak check must attach to the process")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        assert owner_of_memory(bootstrap, Path(folder)) == 0
