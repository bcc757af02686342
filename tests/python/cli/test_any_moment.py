"""A run that is ended before any one of its calls to the system that concern files, and --resume behind it.

Every such moment of a whole run is tried, in a folder of its own and in forks of a process that has loaded everything.
"""

from __future__ import annotations

import csv
import gzip
import json
import signal
import subprocess
import sys
from pathlib import Path

import bcrypt
import pytest

ROWS = 40
BAD = 7  # the row, from 0, whose password is too long

PROGRAM = """
import os, signal, sys
from pathlib import Path
import lanecrypt.cli.app, lanecrypt.cli.hash
from lanecrypt.cli import main

CALLS = ("open", "write", "fsync", "link", "rename", "replace", "unlink", "ftruncate", "setxattr")
source, output, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
arguments = ["hash", source, "-o", output, "--errors", "bad.csv", "--cost", "4", "--threads", "1", "--quiet"]
if output.endswith(".parquet"):
    import lanecrypt.cli.formats.parquet, pyarrow.compute
elif output.endswith(".csv"):
    import lanecrypt.cli.formats.csv_rows
else:
    import lanecrypt.cli.formats.ndjson

def refuse(*_):
    raise PermissionError(1, "Operation not permitted")

def run(more, moment=0):
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.dup2(os.open("said", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    seen = 0
    def counted(real):
        def call(*given, **options):
            nonlocal seen
            seen += 1
            if seen == moment:
                os.kill(os.getpid(), number)
            return real(*given, **options)
        return call
    if "without links" in sys.argv:
        os.link = refuse
    os.fsync = lambda _: None  # takes long, and is for machines that crash and not for processes
    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    code = main(arguments + more)
    Path("../calls").write_text(str(seen))
    os._exit(code)

late = 0  # signals that came when the end could not be left any more, or after it
first = 1
if "the end" in sys.argv:
    os.mkdir("0")
    os.chdir("0")
    assert run([]) == 1
    os.chdir("..")
    first = int(Path("calls").read_text()) - 12
for moment in range(first, 1000):
    os.mkdir(f"{moment}")
    os.chdir(f"{moment}")
    code = run([], moment)
    again = None if code == 1 else run(["--resume"])
    print(moment, code, again)
    os.chdir("..")
    late += code == 1
    if late == (1 if number == signal.SIGKILL else 6):
        break
"""


def write_input(path: Path) -> None:
    passwords = ["x" * 80 if row == BAD else f"password {row}" for row in range(ROWS)]
    if path.suffix == ".parquet":
        arrow = pytest.importorskip("pyarrow")
        table = arrow.table({"id": range(ROWS), "password": passwords})
        pytest.importorskip("pyarrow.parquet").write_table(table, path)
    elif path.suffix == ".csv":
        path.write_text("id,password\n" + "".join(f"{row},{word}\n" for row, word in enumerate(passwords)))
    else:
        lines = [json.dumps({"id": row, "password": word}) + "\n" for row, word in enumerate(passwords)]
        path.write_bytes(gzip.compress("".join(lines).encode()))


def read_output(path: Path) -> list[tuple[int, str | None]]:
    if path.suffix == ".parquet":
        columns = pytest.importorskip("pyarrow.parquet").read_table(path).to_pydict()
        return list(zip(columns["id"], columns["hash"], strict=True))
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            return [(int(row["id"]), row["hash"] or None) for row in csv.DictReader(file)]
    rows = map(json.loads, gzip.decompress(path.read_bytes()).splitlines())
    return [(row["id"], row["hash"]) for row in rows]


def is_whole(folder: Path, output: str) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted([output, "bad.csv", "said"]), folder
    rows = read_output(folder / output)
    assert [row for row, _ in rows] == list(range(ROWS)), folder
    assert [row for row, stored in rows if stored is None] == [BAD], folder
    stored = rows[ROWS - 1][1]
    assert stored is not None
    assert bcrypt.checkpw(f"password {ROWS - 1}".encode(), stored.encode())
    listed = (folder / "bad.csv").read_text().splitlines()
    assert [line.split(",")[1] for line in listed] == ["code", "password_too_long"], folder


@pytest.mark.parametrize(
    ("kind", "number", "how"),
    [
        ("csv", signal.SIGKILL, ""),
        ("ndjson.gz", signal.SIGINT, ""),
        ("parquet", signal.SIGKILL, ""),
        # The end alone, when there is a whole file already.
        ("parquet", signal.SIGINT, "the end"),
        ("parquet", signal.SIGKILL, "the end, without links"),
    ],
)
def test_ended_at_any_moment(tmp_path: Path, kind: str, number: signal.Signals, how: str) -> None:
    source, output = tmp_path / f"in.{kind}", f"out.{kind}"
    write_input(source)
    (tmp_path / "runs").mkdir()
    arguments = [str(source), output, str(int(number)), *how.split(", ")]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=tmp_path / "runs",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    moments = [line.split() for line in done.stdout.splitlines()]
    ended = {str(-number) if number == signal.SIGKILL else "130", "1"}
    for moment, code, again in moments:
        assert code in ended, (moment, code, (tmp_path / "runs" / moment / "said").read_text())
        # The second run ends as the first would have, for a row failed; it is 0 where nothing was left to do.
        told = (tmp_path / "runs" / moment / "said").read_text()
        assert again in {"None", "1"} or (again == "0" and "nothing is left to do" in told), (moment, again, told)
        is_whole(tmp_path / "runs" / moment, output)
    assert len([code for _, code, _ in moments if code != "1"]) > (3 if how else 15)
