"""Core files: the kernel writes none of the bootstrap; what root's debugger writes of it holds no event, and once it is
idle nothing of a password at all."""

from __future__ import annotations

import json
import os
import resource
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from scripted_api import Connection, ScriptedApi, event
from secret_events import SECRET
from secret_scan import SecretScan, forms_of

WORK = {"op": "hash", "cost": 12, "items": [{"password": SECRET}] * 60}


@pytest.fixture(autouse=True)
def _not_sanitized(sanitized: bool) -> None:
    if sanitized:
        pytest.skip("a sanitizer's build may be dumped and traced, and keeps freed stack frames and heap blocks")


@pytest.fixture(scope="module")
def scan() -> SecretScan:
    return SecretScan(forms_of(SECRET))


def dumping(program: Path | str, folder: Path) -> Path:
    """A script that starts a program where a core would be written, and lets it be as large as it may."""
    script = folder / "dumping"
    script.write_text(f"#!/bin/sh\nulimit -c unlimited\ncd {shlex.quote(str(folder))}\nexec {program}\n")
    script.chmod(0o755)
    return script


def dumps_core(process: subprocess.Popen[bytes]) -> bool:
    """Whether the kernel wrote a core when it ended, which it is made to do."""
    process.send_signal(signal.SIGABRT)
    process.send_signal(signal.SIGCONT)
    ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert ended is not None
    assert ended.si_code in (os.CLD_DUMPED, os.CLD_KILLED)
    assert ended.si_status == signal.SIGABRT
    return ended.si_code == os.CLD_DUMPED


@pytest.fixture(scope="module")
def writes_cores(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A process that forbids nothing does leave a core here."""
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("this system forbids core files (RLIMIT_CORE)")
    folder = tmp_path_factory.mktemp("control")
    with subprocess.Popen([dumping("sleep 60", folder)]) as process:
        while Path(f"/proc/{process.pid}/comm").read_text().strip() != "sleep":
            time.sleep(0.01)
        if not dumps_core(process):
            pytest.skip("this system writes no core files (/proc/sys/kernel/core_pattern)")


@contextmanager
def at_work(bootstrap: Path) -> Iterator[tuple[ScriptedApi, Connection]]:
    with ScriptedApi(bootstrap) as api:
        connection = api.accept()
        connection.request()
        connection.send(event(WORK, "id-1"))
        deadline = time.monotonic() + 30
        while processor_ticks(api.process.pid) < 10 and time.monotonic() < deadline:
            time.sleep(0.005)
        api.process.send_signal(signal.SIGSTOP)  # it works no further while it is looked at
        yield api, connection


@contextmanager
def idle(bootstrap: Path) -> Iterator[tuple[ScriptedApi, Connection]]:
    with ScriptedApi(bootstrap) as api:
        connection = api.accept()
        connection.serve({**WORK, "cost": 4}, "id-1")
        connection.request()
        yield api, connection


def processor_ticks(process: int) -> int:
    """Hundredths of a second. A bootstrap that does not hash has used none."""
    return int(Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[11])


@pytest.mark.usefixtures("writes_cores")
@pytest.mark.parametrize("state", [idle, at_work])
def test_the_kernel_writes_no_core(bootstrap: Path, tmp_path: Path, state: Callable[[Path], Iterator[None]]) -> None:
    with state(dumping(bootstrap, tmp_path)) as (api, _):  # type: ignore[attr-defined]
        assert not dumps_core(api.process)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["dumping"]


def debuggers_core(process: int, folder: Path) -> Path:
    """As root's gcore writes it. What a process has excluded from cores stays out of these, too."""
    program = shutil.which("gcore")
    if program is None:
        pytest.skip("gcore is not installed (Debian's gdb)")
    command = [program, "-o", str(folder / "core"), str(process)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    core = folder / f"core.{process}"
    if not core.exists() and os.geteuid() != 0:
        pytest.skip("core dumps and ptrace are forbidden to all but root")
    assert core.exists(), done.stderr
    return core


def test_a_core_of_an_idle_bootstrap_holds_nothing(bootstrap: Path, tmp_path: Path, scan: SecretScan) -> None:
    with idle(bootstrap) as (api, _):
        core = debuggers_core(api.process.pid, tmp_path)
        assert scan.finds(core) == []
        core.unlink()


def test_a_core_of_a_bootstrap_at_work_holds_no_event(bootstrap: Path, tmp_path: Path, scan: SecretScan) -> None:
    """The key schedules of the batch are in it: who may write it may read the process's memory anyway."""
    text = SecretScan([f"text event {json.dumps(SECRET).encode().hex()}"])
    with at_work(bootstrap) as (api, _):
        assert text.finds(api.process.pid) != [], "the event is in the process"
        core = debuggers_core(api.process.pid, tmp_path)
        found = scan.finds(core)
        assert text.finds(core) == []
        core.unlink()
        assert found != []
        assert all("key word" in line for line in found), found
