"""Every known answer by the engine of arm64, in groups of every width. CTest has the C ABI's and the kernel's."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

WIDTHS = range(1, 9)
# Rows of all costs that are computable, and the four of cost 00; those of cost 04 and 00.
ALL_COSTS, ALL_ROWS = 31, 1613
CHEAP_COST, CHEAP_ROWS = 4, 770
LATER = "./dev test --all runs it: it takes minutes in an emulated processor"


@pytest.mark.parametrize(("dearest", "rows"), [(CHEAP_COST, CHEAP_ROWS), (ALL_COSTS, ALL_ROWS)], ids=["cheap", "all"])
def test_every_row_in_every_width(
    arm64: Path, qemu: str, libraries: Path, everything: bool, dearest: int, rows: int
) -> None:
    """VectorsThroughTheAbi, which is CTest's, hashes the rows of all costs once in any case."""
    if dearest == ALL_COSTS and not everything:
        pytest.skip(LATER)
    program = arm64 / "bin" / "lanecrypt_engine_answers"

    def answers(width: int) -> str:
        command = [qemu, "-L", str(libraries), str(program), "portable", str(dearest), str(width)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(2) as pool:
        lines = list(pool.map(answers, WIDTHS))
    assert lines == [f"width {width} rows {rows} wrong 0\n" for width in WIDTHS]


def test_ctests_long_tests(arm64: Path, everything: bool) -> None:
    listed = subprocess.run(
        ["ctest", "--test-dir", arm64, "-N", "-L", "long"], check=True, capture_output=True, text=True
    )
    names = re.findall(r"Test\s+#\d+: (\S+)", listed.stdout)
    assert len(names) >= 6
    if not everything:
        pytest.skip(f"{', '.join(names)}: {LATER}")
    command = ["ctest", "--test-dir", str(arm64), "-L", "long", "-j2", "--output-on-failure"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout


def test_the_self_test_finds_the_engine_right(arm64: Path, qemu: str, libraries: Path) -> None:
    command = [qemu, "-L", str(libraries), str(arm64 / "bin" / "lanecrypt_engine_verdicts")]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "portable right\n"
