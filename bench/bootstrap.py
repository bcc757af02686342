"""The bootstrap's figures beside the bars that the tests hold it to: size, zipped size, memory after a 20-item event.

`./dev bench bootstrap`. Sizes are facts of the build, and memory is read from /proc while the bootstrap is idle behind
the Runtime Interface Emulator: one run is enough.
"""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "runtime" / "local")]

from emulator import Emulator  # noqa: E402  (found by the line above)

BOOTSTRAP = ROOT / "build" / "release" / "bin" / "bootstrap"
# The sizes of the Rust function that the bootstrap replaces, and the memory that the smallest Lambda never notices.
BARS = {"file, stripped": 1_290_000, "zipped": 620_000, "memory after a 20-item event": 3 * 1024 * 1024}


def zipped_bytes(path: Path) -> int:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(path, path.name)
    return len(buffer.getvalue())


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def memory_after_event() -> int:
    with Emulator(BOOTSTRAP) as emulator:
        answer = json.loads(emulator.invoke(b'{"count": 20, "mode": "parallel"}')[1])
        if answer.get("processed") != 20:
            raise SystemExit(f"the bootstrap did not answer the event: {answer.get('errorMessage')}")
        return resident_bytes(emulator.bootstrap_pid())


def main() -> int:
    measured = dict(zip(BARS, (BOOTSTRAP.stat().st_size, zipped_bytes(BOOTSTRAP), memory_after_event()), strict=True))
    for name, value in measured.items():
        verdict = "met" if value <= BARS[name] else "MISSED"
        print(f"bootstrap, {name:<30} {value:>10,} bytes   bar <= {BARS[name]:,}, {verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
