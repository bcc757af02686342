"""Takes the protections of processes, threads and clocks out, one by one, and sees the tests turn red.

    python tests/processes/planted.py [NAME...]

Works on a copy of the tree under a temporary folder, so that nothing here changes; PLANTED_FOLDER names one that is
kept, for a second run. Exit status 1: a test stayed green. Ten minutes on two cores. What is not here, because only
chance shows it: trial threads that are let go but not awaited.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ("lanecrypt_shared", "lanecrypt_process_worker")


@dataclass(frozen=True)
class Defect:
    name: str
    file: str
    old: str
    new: str
    targets: tuple[str, ...]
    test: tuple[str, ...]  # a program of bin/ and its filter, or a file of tests/processes/ and a -k


DEFECTS = [
    Defect(
        "a region without a trial before it",
        "kernel/gate.cpp",
        "  const bool bound = team_is_bound();\n",
        "  if (wanted > 0) return wanted;\n  const bool bound = team_is_bound();\n",
        SHARED,
        ("test_few_processes.py", "library-5 or library-20 or library-50"),
    ),
    Defect(
        "trial threads with a stack of their own",
        "kernel/gate.cpp",
        "Attributes attributes_{team_stack};",
        "Attributes attributes_{team_stack * 0};",
        SHARED,
        ("test_environments.py", "library and stacks_that_do_not_fit"),
    ),
    Defect(
        "places that nobody tries",
        "kernel/gate.cpp",
        "places_can_be_had_ = try_places();",
        "places_can_be_had_ = try_places() || true;",
        SHARED,
        ("test_environments.py", "library and GOMP_CPU_AFFINITY"),
    ),
    Defect(
        "regions on the callers' own threads",
        "kernel/batch.cpp",
        "    const Admission admission = pass_gate(run, control);\n",
        "    if (control.poll() == Status::ok) return run.run();\n"
        "    const Admission admission = pass_gate(run, control);\n",
        ("lanecrypt_shared", "lanecrypt_callers_tests"),
        ("lanecrypt_callers_tests", "Callers.*"),
    ),
    Defect(
        "a caller's stack of 16 KiB filled",
        "kernel/thread_budget.cpp",
        "path_max = 512",
        "path_max = 9000",
        ("lanecrypt_shared", "lanecrypt_stacks_tests"),
        ("lanecrypt_stacks_tests", "Stacks.TheLeastThatThereIs"),
    ),
    Defect(
        "a library that dlclose unloads",
        "capi/CMakeLists.txt",
        "-Wl,-z,nodelete ",
        "",
        ("lanecrypt_shared", "lanecrypt_loading_tests"),
        ("lanecrypt_loading_tests", "Loading.ClosedSignalledWokenAndOpenedAgain"),
    ),
    Defect(
        "threads that take the program's signals",
        "kernel/gate.cpp",
        "sigfillset(&all);",
        "sigemptyset(&all);",
        ("lanecrypt_shared", "lanecrypt_loading_tests"),
        ("lanecrypt_loading_tests", "Signals.*:Loading.Closed*"),
    ),
    Defect(
        "a deadline on the wall clock",
        "kernel/control.cpp",
        "monotonic_ns() >= deadline_",
        "now(CLOCK_REALTIME) >= static_cast<std::int64_t>(wishes_.deadline_ns)",
        ("lanecrypt_shared", "lanecrypt_clock_tests"),
        ("lanecrypt_clock_tests", "*JumpsDuringABatch/0"),
    ),
    Defect(
        "a look at the flags every 2^20 iterations",
        "kernel/cost_loop.hpp",
        "iterations_per_poll = 16;",
        "iterations_per_poll = 1 << 20;",
        ("lanecrypt_kernel_tests",),
        ("lanecrypt_kernel_tests", "CostLoopOfEveryEngine.*"),
    ),
    Defect(
        "no look at the flags while jobs are prepared",
        "capi/batch_work.hpp",
        "stopped_ = control_.poll();",
        "static_cast<void>(control_);",
        ("lanecrypt_capi_tests",),
        ("lanecrypt_capi_tests", "RunningBatch.ACancelFlagEndsThePreparation*"),
    ),
    Defect(
        "an owner that spins between batches",
        "kernel/gate.cpp",
        "while (!ready()) wakes.wait_for(lock, std::chrono::hours(1));",
        "while (!ready()) wakes.wait_for(lock, std::chrono::nanoseconds(1));",
        SHARED,
        ("test_stops.py", "library and idleness"),
    ),
]


@contextlib.contextmanager
def copy_of_the_tree() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lanecrypt-planted-") as temporary:
        folder = Path(os.environ.get("PLANTED_FOLDER", temporary))
        folder.mkdir(parents=True, exist_ok=True)
        names = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout
        subprocess.run(["tar", "-cf", folder / "tree.tar", "-T", "-"], cwd=ROOT, input=names, text=True, check=True)
        subprocess.run(["tar", "-xf", "tree.tar"], cwd=folder, check=True)
        options = ["-DLANECRYPT_RUNTIME=OFF", "-DLANECRYPT_PYTHON=OFF", "-DLANECRYPT_BENCH=OFF", "-DLANECRYPT_TESTS=ON"]
        command = ["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", *options]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        yield folder


def build(folder: Path, targets: tuple[str, ...]) -> None:
    command = ["cmake", "--build", "build", "--target", *targets]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"does not build:\n{done.stdout[-3000:]}")


def run_test(folder: Path, test: tuple[str, ...]) -> tuple[int, str]:
    name, chosen = test
    if name.endswith(".py"):
        command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", f"tests/processes/{name}", "-k", chosen]
    else:
        command = [f"build/bin/{name}", f"--gtest_filter={chosen}"]
    environment = {**os.environ, "LANECRYPT_BUILD": str(folder / "build")}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False
        )
    except subprocess.TimeoutExpired:
        return -1, "hangs"
    if done.returncode < 0:
        return done.returncode, f"killed by signal {-done.returncode}"
    return done.returncode, reason(done.stdout + done.stderr)


def reason(output: str) -> str:
    """The line that says what was seen."""
    lines = output.splitlines()
    for mark in ("libgomp: ", "Which is: ", "actual: ", "AssertionError", "FAILED"):
        for line in lines:
            if mark in line:
                return line.strip()
    return lines[-1] if lines else ""


def stays_green(folder: Path, defect: Defect) -> bool:
    path = folder / defect.file
    right = path.read_text()
    if defect.old not in right:
        sys.exit(f"{defect.name}: {defect.file} is not what it was")
    build(folder, defect.targets)
    code, seen = run_test(folder, defect.test)
    if code != 0:
        sys.exit(f"{defect.name}: red without it: {seen}")
    try:
        path.write_text(right.replace(defect.old, defect.new))
        build(folder, defect.targets)
        code, seen = run_test(folder, defect.test)
    finally:
        path.write_text(right)
    print(f"{'GREEN' if code == 0 else 'red'}: {defect.name}: {' '.join(defect.test)}: {seen}", flush=True)
    return code == 0


def main() -> int:
    chosen = [defect for defect in DEFECTS if not sys.argv[1:] or defect.name in sys.argv[1:]]
    with copy_of_the_tree() as folder:
        green = [defect.name for defect in chosen if stays_green(folder, defect)]
    return 1 if green else 0


if __name__ == "__main__":
    sys.exit(main())
