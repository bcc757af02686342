"""Memory stays the same whatever the input's size: the whole command over many rows, and the readers over very many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# The peak of this program alone: getrusage would go on with that of the process that started it.
PEAK = """
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
"""

# Reads a table to its end and prints how many rows it had and the peak of memory, in KiB.
READ = (
    PEAK
    + """
import sys
from lanecrypt.cli.formats import Layout, find_format, open_table
from lanecrypt.cli.formats.base import START
table = open_table(find_format(None, sys.argv[1]), sys.argv[1], Layout(("password",)))
count = sum(1 for row in table.rows(START))
print(count, peak())
"""
)

# Runs a command and prints its exit code and its peak.
RUN = (
    PEAK
    + """
import sys
from lanecrypt.cli import main
code = main(sys.argv[1:])
print(code, peak())
"""
)

# By how much the larger run may exceed the smaller.
ALLOWED_KIB = 8 << 10


def measured(program: str, *arguments: str) -> tuple[int, int]:
    # Arrow's usual allocator keeps what was freed for a while; malloc shows what is held.
    environment = {**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system"}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, env=environment
    )
    first, peak = done.stdout.split()[-2:]
    return int(first), int(peak)


def write(path: Path, rows: int) -> None:
    filler = "f" * 60
    with path.open("w") as file:
        if path.suffix == ".csv":
            file.write("id,password,note\n")
            file.writelines(f"{row},password {row},{filler}\n" for row in range(rows))
        else:
            file.writelines(
                json.dumps({"id": row, "password": f"password {row}", "note": filler}) + "\n" for row in range(rows)
            )


@pytest.mark.parametrize("name", ["in.csv", "in.ndjson"])
def test_text_readers(tmp_path: Path, name: str) -> None:
    peaks = []
    for rows in (10_000, 80_000):
        write(tmp_path / name, rows)
        count, peak = measured(READ, str(tmp_path / name))
        assert count == rows
        peaks.append(peak)
    assert peaks[1] < peaks[0] + ALLOWED_KIB


def test_long_lines_are_not_looked_at_all_at_once(tmp_path: Path) -> None:
    """Of the first rows NDJSON looks at many; a reader of long ones holds few, and few is what one needs."""
    peaks = []
    for rows in (2, 24):
        with (tmp_path / "in.ndjson").open("w") as file:
            file.writelines(json.dumps({"password": "p", "note": "n" * (5 << 20)}) + "\n" for _ in range(rows))
        count, peak = measured(READ, str(tmp_path / "in.ndjson"))
        assert count == rows
        peaks.append(peak)
    assert peaks[1] < peaks[0] + 4 * ALLOWED_KIB


def test_parquet_reader_in_one_row_group(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    peaks = []
    for rows in (30_000, 300_000):
        table = arrow.table({"password": [f"password {row}" for row in range(rows)], "note": ["n" * 20] * rows})
        parquet.write_table(table, tmp_path / "in.parquet", row_group_size=rows, compression="zstd")
        count, peak = measured(READ, str(tmp_path / "in.parquet"))
        assert count == rows
        peaks.append(peak)
    assert peaks[1] < peaks[0] + ALLOWED_KIB


def test_the_whole_command(tmp_path: Path) -> None:
    """Rows that fail are read, listed and written like others, and cost no bcrypt."""
    peaks = []
    for rows in (20_000, 60_000):
        path = tmp_path / f"{rows}.csv"
        with path.open("w") as file:
            file.write("id,password\n")
            file.writelines(f"{row},{'password' if row % 1000 == 0 else ''}\n" for row in range(rows))
        arguments = ("hash", str(path), "-o", str(path) + ".out.csv", "--errors", str(path) + ".bad", "--cost", "4")
        code, peak = measured(RUN, *arguments)
        assert code == 1
        peaks.append(peak)
        with Path(str(path) + ".out.csv").open() as file:
            assert sum(1 for _ in file) == rows + 1
    assert peaks[1] < peaks[0] + ALLOWED_KIB
