"""ThreadSanitizer sees a race of the Python module, although Python itself is compiled without it.

The module is lanecrypt._core with a counter that is changed without the GIL (CMakeLists.txt). It runs under this
process's settings, which are those of the package's own tests: were a race lost in them, these would tell nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "tsan")).resolve()

# Both are in batches at the same time, each on its own thread: the gate would put theirs in order.
PROGRAM = """
import threading
import lanecrypt

def caller():
    for _ in range(30):
        meet.wait()
        hashes = lanecrypt.hash_many([b"pw"] * 4, rounds=4, threads=1)
        assert lanecrypt.verify_many([b"pw"] * 4, hashes, threads=1) == [True] * 4
    done.append(None)

done = []
meet = threading.Barrier(2)
callers = [threading.Thread(target=caller) for _ in range(2)]
for thread in callers:
    thread.start()
for thread in callers:
    thread.join()
assert len(done) == 2
print(lanecrypt.__file__)
"""


def run(package: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(package)}
    command = [sys.executable, "-c", PROGRAM]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert ended.stdout == f"{package / 'lanecrypt' / '__init__.py'}\n", ended.stderr
    return ended


def test_a_counter_outside_of_the_gil_is_reported() -> None:
    ended = run(BUILD / "planted" / "python")
    assert ended.returncode == 66, ended.stderr  # ThreadSanitizer's own, at the end of a process with a report
    assert "WARNING: ThreadSanitizer: data race" in ended.stderr
    assert "core/calls.cpp" in ended.stderr


def test_without_it_nothing_is_reported() -> None:
    ended = run(BUILD / "python")
    assert (ended.returncode, ended.stderr) == (0, "")
