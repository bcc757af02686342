"""Takes each protection of secrets out of a copy of the sources, one after the other, and shows that a test notices.

    .venv/bin/python tests/secrets/planted_defects.py [FOLDER]

FOLDER is where the copy is built (a temporary one by default; kept and used again where it is named). Prints a line for
each defect: how many tests of which program found it. Exit status 1 if one was not found, or if a test fails without.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
BUILD = "build"


@dataclass(frozen=True)
class Defect:
    name: str
    file: str
    what: str  # stands there once
    instead: str
    tests: str  # a GoogleTest program, or a file for pytest


LIBRARY = "lanecrypt_secrets_tests"
BOOTSTRAP = "tests/secrets/test_bootstrap_secrets.py"
CORES = "tests/secrets/test_cores.py"
SCRATCH = "  const ZeroOnExit wipe(scratch, {});\n"
TRACES = "  const TracesWipedOnExit wipe_traces;\n"

DEFECTS = [
    Defect("scratch is not wiped", "kernel/cost_loop.cpp", SCRATCH.format("engine.scratch_bytes"), "", LIBRARY),
    Defect("registers and stack are not wiped", "kernel/cost_loop.cpp", TRACES, "", LIBRARY),
    Defect("registers are not wiped", "kernel/traces.cpp", "  wipe_registers();\n}", "}", LIBRARY),
    Defect(
        "the stack is not wiped",
        "kernel/traces.cpp",
        "secure_zero(below, sizeof below)",
        "secure_zero(below, 1)",
        LIBRARY,
    ),
    Defect("AVX-512's registers are not wiped", "kernel/traces.cpp", "| 1U << 7;", ";", "lanecrypt_kernel_tests"),
    Defect("ymm's upper halves are not wiped", "kernel/traces.cpp", "| 1U << 2 ", "", "lanecrypt_kernel_tests"),
    Defect("too little stack is wiped", "kernel/traces.hpp", "std::size_t{8} * 1024", "512", "lanecrypt_kernel_tests"),
    Defect("pbkdf's scratch is not wiped", "kernel/pbkdf.cpp", SCRATCH.format("pbkdf_scratch_bytes"), "", LIBRARY),
    Defect("pbkdf's traces are not wiped", "kernel/pbkdf.cpp", TRACES, "", LIBRARY),
    Defect(
        "recomputed hashes are not wiped",
        "capi/verify_api.cpp",
        "wipe_(hashes_.data(), count * sizeof(HashText))",
        "wipe_(hashes_.data(), 0)",
        LIBRARY,
    ),
    Defect(
        "the arena is not wiped",
        "runtime/arena.cpp",
        "  explicit_bzero(small_->bytes() + sizeof(Chunk), small_->used - sizeof(Chunk));\n",
        "",
        BOOTSTRAP,
    ),
    Defect("the handler's stack is not wiped", "runtime/handler.cpp", "  wipe_stack();\n", "", BOOTSTRAP),
    Defect("wipe_stack does nothing", "runtime/arena.cpp", "frame.data(), frame.size()", "frame.data(), 1", BOOTSTRAP),
    Defect(
        "the receive buffer is not wiped",
        "runtime/bootstrap/http_connection.cpp",
        "  explicit_bzero(buffer_.data(), filled_);\n",
        "",
        BOOTSTRAP,
    ),
    Defect(
        "an event that broke off is not wiped",
        "runtime/bootstrap/runtime_api.cpp",
        "    arena.wipe();  // an event",
        "    // an event",
        BOOTSTRAP,
    ),
    Defect(
        "registers are not wiped with the arena",
        "runtime/arena.cpp",
        "  capi::wipe_registers();\n",
        "",
        "lanecrypt_runtime_tests",
    ),
    Defect(
        "core dumps are allowed", "runtime/bootstrap/bootstrap_main.cpp", "  prctl(PR_SET_DUMPABLE, 0);\n", "", CORES
    ),
    Defect(
        "the arena is in core dumps",
        "runtime/arena.cpp",
        "  static_cast<void>(madvise(memory, bytes, MADV_DONTDUMP));\n",
        "",
        CORES,
    ),
    Defect(
        "an error names what was wrong",
        "runtime/handler.cpp",
        'InvalidRequest", wrong.message}',
        'InvalidRequest", event}',
        BOOTSTRAP,
    ),
]


def copy_sources(folder: Path) -> None:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    for name in filter(None, names):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != (ROOT / name).read_bytes():
            shutil.copy2(ROOT / name, target)


def build(folder: Path, *targets: str) -> None:
    command = ["cmake", "--build", str(folder / BUILD), "-j", str(os.cpu_count()), "--target", *targets]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def needs(tests: str) -> list[str]:
    return ["bootstrap", "lanecrypt_secret_scan"] if tests.endswith(".py") else [tests]


def failures(folder: Path, tests: str) -> list[str]:
    """The names of the tests that fail."""
    environment = {**os.environ, "LANECRYPT_BUILD": str(folder / BUILD)}
    if tests.endswith(".py"):
        command = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder / tests)]
    else:
        command = [str(folder / BUILD / "bin" / tests), "--gtest_brief=1"]
        if tests == "lanecrypt_kernel_tests":
            command.append("--gtest_filter=Traces.*")
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    found = re.findall(r"^(?:\[  FAILED  \]|FAILED) (\S+)", done.stdout, re.MULTILINE)
    return sorted({name.rstrip(",") for name in found})


def try_defect(folder: Path, defect: Defect) -> list[str]:
    path = folder / defect.file
    sound = path.read_text()
    assert sound.count(defect.what) == 1, f"{defect.file} has not {defect.what!r} once"
    try:
        path.write_text(sound.replace(defect.what, defect.instead))
        build(folder, *needs(defect.tests))
        return failures(folder, defect.tests)
    finally:
        path.write_text(sound)


def run(folder: Path) -> int:
    copy_sources(folder)
    own = ["-D", "LANECRYPT_PYTHON=OFF", "-D", "LANECRYPT_BENCH=OFF", "-D", "LANECRYPT_WERROR=OFF"]
    command = ["cmake", "--preset", "release", "-B", str(folder / BUILD), *own]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    unseen = 0
    for tests in sorted({defect.tests for defect in DEFECTS}):
        build(folder, *needs(tests))
        wrong = failures(folder, tests)
        print(f"sound: {tests}: {wrong or 'passes'}", flush=True)
        unseen += len(wrong)
    for defect in DEFECTS:
        found = try_defect(folder, defect)
        unseen += not found
        print(f"{defect.name}: {len(found)} of {Path(defect.tests).name} red, {', '.join(found[:3])}", flush=True)
    return 1 if unseen else 0


def main() -> int:
    if len(sys.argv) > 1:
        folder = Path(sys.argv[1]).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        return run(folder)
    with tempfile.TemporaryDirectory() as temporary:
        return run(Path(temporary))


if __name__ == "__main__":
    sys.exit(main())
