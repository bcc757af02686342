"""Every known answer by the engine of arm64, in groups of every width. CTest has the C ABI's and the kernel's."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

WIDTHS = range(1, 9)
# The dearest of all rows, and of those that are every day's: the rows up to it, and the four of cost 00.
ALL_COSTS, ALL_ROWS = 31, 1613
EVERY_DAY_COST, EVERY_DAY_ROWS = 4, 770


def test_every_width(arm64: Path, qemu: str, libraries: Path, everything: bool) -> None:
    """Other costs are left out but for `--all`: each row of every cost is hashed once by VectorsThroughTheAbi."""
    dearest, rows = (ALL_COSTS, ALL_ROWS) if everything else (EVERY_DAY_COST, EVERY_DAY_ROWS)
    program = arm64 / "bin" / "lanecrypt_engine_answers"

    def answers(width: int) -> str:
        command = [qemu, "-L", str(libraries), str(program), "portable", str(dearest), str(width)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(2) as pool:
        lines = list(pool.map(answers, WIDTHS))
    assert lines == [f"width {width} rows {rows} wrong 0\n" for width in WIDTHS]


def test_the_self_test_finds_the_engine_right(arm64: Path, qemu: str, libraries: Path) -> None:
    command = [qemu, "-L", str(libraries), str(arm64 / "bin" / "lanecrypt_engine_verdicts")]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "portable right\n"
