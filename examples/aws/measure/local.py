"""The same functions here, behind AWS's own Runtime Interface Emulator: the real handler, not the real machine.

Workers, memory size and the Runtime API are as on AWS. Processors are this machine's: a function has all of them,
however little its memory would pay for, and more workers than processors share them. The emulator measures no memory.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from .configurations import all_configurations
from .failure import Unreachable
from .reports import Report, parse
from .targets import BOOTSTRAP, CROWBAR, Function, Invocation, invocation

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "runtime" / "local"))

from emulator import Emulator, EmulatorError  # noqa: E402  (its folder is known only now)

BUILD = ROOT / "build" / "release"
HOST = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
QEMU = {"arm64": "qemu-aarch64", "x86_64": "qemu-x86_64"}
CROWBAR_MB = 3538
REPORT_SECONDS = 5.0
_INIT = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)\)")


def cores() -> int:
    return len(os.sched_getaffinity(0))


class LocalSession:
    def __init__(self, emulator: Emulator, function: Function) -> None:
        self._emulator = emulator
        self._function = function
        self._read = 0  # lines of the emulator's output
        self._init_ms: float | None = None

    def invoke(self, event: bytes) -> Invocation:
        started = time.perf_counter()
        try:
            status, body = self._emulator.invoke(event)
        except EmulatorError as error:
            raise Unreachable(f"cannot invoke {self._function.name}: {error}") from error
        elapsed = (time.perf_counter() - started) * 1e3
        if status != 200:
            raise Unreachable(f"cannot invoke {self._function.name}: the emulator answered with status {status}")
        return invocation(body, False, elapsed, self._report())

    def _report(self) -> Report | None:
        """It comes just behind the answer. Its memory is the function's size and its Init Duration that of nothing."""
        end = time.monotonic() + REPORT_SECONDS
        while time.monotonic() < end:
            while self._read < len(self._emulator.output):
                line = self._emulator.output[self._read]
                self._read += 1
                if found := _INIT.search(line):
                    self._init_ms = float(found[1])
                if report := parse(line):
                    init, self._init_ms = self._init_ms, None
                    return Report(report.duration_ms, report.billed_ms, report.memory_mb, None, init)
            time.sleep(0.001)
        return None

    def thread_ms(self) -> dict[str, tuple[float, float]]:
        """By the kernel's schedstat; the threads stay from batch to batch, so none of their time is lost."""
        try:
            tasks = list((Path("/proc") / str(self._emulator.bootstrap_pid()) / "task").iterdir())
            times = {task.name: (task / "schedstat").read_text().split() for task in tasks}
        except (OSError, EmulatorError):
            return {}
        return {name: (int(ran) / 1e6, int(waited) / 1e6) for name, (ran, waited, _) in times.items()}

    def peak_mb(self) -> float | None:
        try:
            status = (Path("/proc") / str(self._emulator.bootstrap_pid()) / "status").read_text()
            return int(status.partition("VmHWM:")[2].split()[0]) / 1024
        except (OSError, ValueError, IndexError, EmulatorError):
            return None


class LocalTarget:
    """`build` is a build folder of this architecture, `other` the bootstrap of the other one, run by qemu-user."""

    label = "local"

    def __init__(self, build: Path = BUILD, other: Path | None = None) -> None:
        self.left_out: list[tuple[str, str]] = []
        self._bootstrap = build / "bin" / "bootstrap"
        self._python = build / "python"
        if not self._bootstrap.is_file():
            raise Unreachable(
                f"{self._bootstrap} is not built: run ./dev run once, or name a build folder with --build"
            )
        foreign = next(name for name in QEMU if name != HOST)
        self._other = other or build.parent / foreign / "bin" / "bootstrap"
        self._qemu = shutil.which(QEMU[foreign])
        runs = {HOST: True, foreign: self._runs_foreign(foreign)}
        self._functions = [
            Function(
                f"local-{each.name}",
                BOOTSTRAP,
                each.architecture,
                each.memory_mb,
                each.workers,
                each.architecture != HOST,
            )
            for each in all_configurations()
            if runs[each.architecture]
        ]
        if self._has_crowbar():
            self._functions.append(Function("local-crowbar", CROWBAR, HOST, CROWBAR_MB))

    def _runs_foreign(self, architecture: str) -> bool:
        what = f"local-{architecture}-*"
        if not self._other.is_file():
            self.left_out.append((what, f"no bootstrap for {architecture} at {self._other} (--other-bootstrap FILE)"))
        elif self._qemu is None:
            self.left_out.append((what, f"{QEMU[architecture]} is not installed (Debian: qemu-user)"))
        else:
            return True
        return False

    def _has_crowbar(self) -> bool:
        version = f"{sys.version_info.major}{sys.version_info.minor}"
        if any(self._python.glob(f"liblambda.cpython-{version}-*.so")):
            return True
        self.left_out.append(("local-crowbar", f"the crowbar module for this Python is not in {self._python}"))
        return False

    def functions(self) -> list[Function]:
        return self._functions

    @contextlib.contextmanager
    def open(self, function: Function) -> Iterator[LocalSession]:
        try:
            with self._emulator(function) as emulator:
                yield LocalSession(emulator, function)
        except EmulatorError as error:
            raise Unreachable(f"cannot run {function.name}: {error}") from error

    def _emulator(self, function: Function) -> Emulator:
        env = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb), "AWS_LAMBDA_LOG_FORMAT": "JSON"}
        if function.workers is not None:
            env["WORKER_COUNT"] = str(function.workers)
        if function.kind == CROWBAR:
            from python_function import PythonFunction

            return PythonFunction("liblambda.handler", [self._python], env)
        if function.emulated:
            assert self._qemu is not None
            return Emulator(Path(self._qemu), env, [str(self._other)])
        return Emulator(self._bootstrap, env)

    def processors(self, function: Function) -> float:
        return min(cores(), function.workers or cores())
