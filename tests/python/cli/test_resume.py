"""Ctrl-C, SIGKILL and --resume: nothing is lost, nothing is there twice, no line is torn; in every format."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bcrypt
import pytest

Run = Callable[..., Any]
Start = Callable[..., "subprocess.Popen[str]"]

ROWS = 2_000
FEW = ("--threads", 2)  # so that this is many chunks on any machine
BAD = 7  # the row, from 0, whose password is too long


def password(row: int) -> str:
    return "x" * 80 if row == BAD else f"password {row}"


def write_input(path: Path) -> None:
    """A table of ROWS rows in the format of its extension."""
    kind = path.name.split(".")[1]
    if kind == "parquet":
        arrow = pytest.importorskip("pyarrow")
        parquet = pytest.importorskip("pyarrow.parquet")
        table = arrow.table({"id": range(ROWS), "password": [password(row) for row in range(ROWS)]})
        parquet.write_table(table, path, row_group_size=5000)
        return
    lines = {
        "csv": ["id,password", *(f"{row},{password(row)}" for row in range(ROWS))],
        "ndjson": [json.dumps({"id": row, "password": password(row)}) for row in range(ROWS)],
        "txt": [password(row) for row in range(ROWS)],
    }[kind]
    text = "\n".join(lines) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode(), 1))
    else:
        path.write_text(text)


def read_output(path: Path) -> list[tuple[int, str | None]]:
    """Row numbers and hashes."""
    kind = path.name.split(".")[1]
    if kind == "parquet":
        columns = pytest.importorskip("pyarrow.parquet").read_table(path).to_pydict()
        return list(zip(columns["id"], columns["hash"], strict=True))
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    lines = data.decode().splitlines()
    if kind == "csv":
        return [(int(line.split(",")[0]), line.split(",")[1] or None) for line in lines[1:]]
    if kind == "ndjson":
        return [(row["id"], row["hash"]) for row in map(json.loads, lines)]
    return [(row, line or None) for row, line in enumerate(lines)]


def is_whole(path: Path) -> None:
    rows = read_output(path)
    assert [row for row, _ in rows] == list(range(ROWS))
    assert [row for row, stored in rows if stored is None] == [BAD]
    assert len({stored for _, stored in rows}) == ROWS
    for row in (0, 1, ROWS // 3, ROWS // 2, ROWS - 2, ROWS - 1):
        stored = rows[row][1]
        assert stored is not None
        assert bcrypt.checkpw(password(row).encode(), stored.encode())


def progress_of(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.with_name(path.name + ".progress").read_text())
    except (FileNotFoundError, ValueError):
        return {"counts": {}}
    return found


def wait_for_rows(process: subprocess.Popen[str], path: Path) -> None:
    until = time.monotonic() + 30
    while progress_of(path)["counts"].get("rows", 0) == 0:
        assert process.poll() is None, f"ended too early: {process.communicate()}"
        assert time.monotonic() < until
        time.sleep(0.005)


def wait_until_still(path: Path) -> None:
    """Until a file has something and has not grown for half a second."""
    size, since = 0, time.monotonic()
    until = since + 30
    while size == 0 or time.monotonic() - since < 0.5:
        found = path.stat().st_size if path.exists() else 0
        if found != size:
            size, since = found, time.monotonic()
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz", "in.ndjson", "in.txt", "in.parquet"])
def test_interrupted_and_resumed(lanecrypt: Run, start: Start, tmp_path: Path, name: str) -> None:
    write_input(tmp_path / name)
    out = tmp_path / name.replace("in.", "out.")
    arguments = ("hash", name, "-o", out.name, *FEW, "--cost", 4, "--errors", "bad.ndjson")
    process = start(*arguments)
    wait_for_rows(process, out)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, said = process.communicate(timeout=20)
    assert time.monotonic() - began < 3
    assert process.returncode == 130
    assert "--resume goes on from there" in said
    done = progress_of(out)["counts"]["rows"]
    assert 0 < done < ROWS
    assert f"after {done:,} rows" in said
    # Another command does not touch it.
    lanecrypt(*arguments, code=2)
    lanecrypt(*arguments, "--resume", code=1)
    is_whole(out)
    assert [json.loads(line)["code"] for line in (tmp_path / "bad.ndjson").read_text().splitlines()] == [
        "password_too_long"
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["bad.ndjson", name, out.name])


def test_killed_and_resumed(lanecrypt: Run, start: Start, tmp_path: Path) -> None:
    write_input(tmp_path / "in.csv")
    out = tmp_path / "out.csv"
    arguments = ("hash", "in.csv", "-o", out.name, *FEW, "--cost", 4)
    process = start(*arguments)
    wait_for_rows(process, out)
    process.kill()
    process.wait()
    kept = progress_of(out)["counts"]["rows"]
    assert 0 < kept < ROWS
    # What a crash in the middle of a write leaves: half a line.
    saved = out.read_bytes()[: progress_of(out)["output_bytes"]]
    with out.open("ab") as file:
        file.write(b"31337,$2b$04$half a li")
    lanecrypt(*arguments, "--resume", code=1)
    is_whole(out)
    # Nothing that had been kept was hashed again.
    assert out.read_bytes().startswith(saved)


def test_a_pipe_is_left_at_once_and_gone_on_with(lanecrypt: Run, start: Start, tmp_path: Path) -> None:
    process = start("hash", "--format", "lines", "-o", "out.txt", *FEW, "--cost", 4, stdin=subprocess.PIPE)
    assert process.stdin is not None
    lines = "".join(f"{row}\n" for row in range(2000))
    process.stdin.write(lines)
    process.stdin.flush()
    wait_until_still(tmp_path / "out.txt")  # it waits for more now, and is interrupted in a read
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 143
    kept = progress_of(tmp_path / "out.txt")["counts"].get("rows", 0)
    lanecrypt("hash", "--format", "lines", "-o", "out.txt", *FEW, "--cost", 4, "--resume", stdin=lines)
    hashes = (tmp_path / "out.txt").read_bytes().splitlines()
    assert len(hashes) == 2000
    assert all(bcrypt.checkpw(str(row).encode(), hashes[row]) for row in (0, kept - 1, kept, 1999) if row >= 0)


def test_what_resume_refuses(lanecrypt: Run, start: Start, tmp_path: Path) -> None:
    write_input(tmp_path / "in.txt")
    arguments = ("hash", "in.txt", "-o", "out.txt", *FEW, "--cost", 4, "--errors", "bad.ndjson")
    process = start(*arguments)
    wait_for_rows(process, tmp_path / "out.txt")
    process.send_signal(signal.SIGSTOP)  # or it may be done before the others have begun
    for option in ("--resume", "--force"):
        assert "another lanecrypt is writing out.txt" in lanecrypt(*arguments, option, code=2).stderr
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)
    process.wait()
    other = lanecrypt(*arguments, "--cost", 5, "--prefix", "2y", "--resume", code=2)
    assert "other settings: cost, prefix" in other.stderr
    # A file that this run's errors do not go to is none to be cut.
    (tmp_path / "precious.txt").write_text("precious\n" * 100)
    other = lanecrypt(*arguments, "--errors", "precious.txt", "--resume", code=2)
    assert "other settings: errors" in other.stderr
    assert (tmp_path / "precious.txt").read_text() == "precious\n" * 100
    with (tmp_path / "in.txt").open("a") as file:
        file.write("one more\n")
    assert "the input is not the one" in lanecrypt(*arguments, "--resume", code=2).stderr
    write_input(tmp_path / "in.txt")
    known = json.loads((tmp_path / "out.txt.progress").read_text())
    known["input"]["modified_ns"] = (tmp_path / "in.txt").stat().st_mtime_ns
    (tmp_path / "out.txt.progress").write_text(json.dumps(known))
    # The errors file is known by where it lies beside the output, however it is called.
    lanecrypt(*arguments, "--errors", tmp_path / "bad.ndjson", "--resume", code=1)
    is_whole(tmp_path / "out.txt")
    (tmp_path / "out.txt.progress").write_text("{}")
    assert "is damaged" in lanecrypt(*arguments, "--resume", code=2).stderr


def test_resume_with_nothing_to_resume(lanecrypt: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a\n")
    lanecrypt("hash", "in.txt", "-o", "out.txt", *FEW, "--cost", 4, "--resume")  # the first run may have the option too
    before = (tmp_path / "out.txt").read_bytes()
    try:
        os.setxattr(tmp_path / "in.txt", "user.lanecrypt.test", b"")
        known = True
    except OSError:
        known = False  # a file system without extended attributes
    done = lanecrypt("hash", "in.txt", "-o", "out.txt", *FEW, "--cost", 4, "--resume", code=0 if known else 2)
    assert ("nothing is left to do" if known else "is finished, or not ours") in done.stderr
    # Of other settings, or another input, or no file of ours: then nobody can tell.
    other = lanecrypt("hash", "in.txt", "-o", "out.txt", *FEW, "--cost", 5, "--resume", code=2)
    assert "is finished, or not ours, which cannot be told" in other.stderr
    (tmp_path / "in.txt").write_text("b\n\n")
    lanecrypt("hash", "in.txt", "-o", "out.txt", *FEW, "--cost", 4, "--resume", code=2)
    assert (tmp_path / "out.txt").read_bytes() == before
    assert "needs an output file" in lanecrypt("hash", "in.txt", *FEW, "--cost", 4, "--resume", code=2).stderr


def test_another_standard_input_is_not_gone_on_with(start: Start, tmp_path: Path) -> None:
    write_input(tmp_path / "in.txt")
    (tmp_path / "other.txt").write_text("other\n" * ROWS * 4)
    arguments = ("hash", "--format", "lines", "-o", "out.txt", *FEW, "--cost", 4)
    with (tmp_path / "in.txt").open() as file:
        process = start(*arguments, stdin=file)
        wait_for_rows(process, tmp_path / "out.txt")
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    with (tmp_path / "other.txt").open() as file:
        refused = start(*arguments, "--resume", stdin=file)
        assert "the input is not the one" in refused.communicate(timeout=20)[1]
    # The same file is, be it by its name.
    process = start("hash", "in.txt", *arguments[3:], "--resume")
    process.communicate(timeout=20)
    is_whole(tmp_path / "out.txt")


def test_a_pipe_with_a_name_can_be_gone_on_with(tmp_path: Path) -> None:
    write_input(tmp_path / "in.txt")
    given = "hash <(cat in.txt) --format lines -o out.txt --cost 5 --threads 2"
    script = f"{sys.executable} -m lanecrypt {given} & "
    script += """until grep -q '"rows"' out.txt.progress; do sleep 0.01; done; kill -TERM $!; wait $!; echo $?"""
    script += f"; {sys.executable} -m lanecrypt {given} --resume; echo $?"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=40, check=False)
    assert done.stdout.split() == ["143", "1"], done.stderr
    is_whole(tmp_path / "out.txt")


def test_standard_input_that_was_read_before(start: Start, tmp_path: Path) -> None:
    """A comment line that the caller has taken off it is no row, and places count from behind it."""
    write_input(tmp_path / "in.csv")
    comment = "# a comment of some length\n"
    out = tmp_path / "out.csv"
    (tmp_path / "in.csv").write_text(comment + (tmp_path / "in.csv").read_text())
    arguments = ("hash", "--format", "csv", "-o", out.name, *FEW, "--cost", 4)
    codes = []
    for more in ((), ("--resume",)):
        with (tmp_path / "in.csv").open("rb") as file:
            os.lseek(file.fileno(), len(comment), os.SEEK_SET)
            process = start(*arguments, *more, stdin=file)
            if not more:
                wait_for_rows(process, out)
                process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
            codes.append(process.returncode)
    assert codes == [130, 1]
    is_whole(out)


def test_a_file_that_came_into_the_outputs_place(lanecrypt: Run, start: Start, tmp_path: Path) -> None:
    write_input(tmp_path / "in.parquet")
    out = tmp_path / "out.parquet"
    arguments = ("hash", "in.parquet", "-o", out.name, *FEW, "--cost", 4)
    process = start(*arguments)
    wait_for_rows(process, out)
    out.write_text("precious")
    assert "has appeared in the meantime; the new file is out.parquet.assembled" in process.communicate(timeout=20)[1]
    assert process.returncode == 2
    assert out.read_text() == "precious"
    out.unlink()
    lanecrypt(*arguments, "--resume", code=1)
    is_whole(out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.parquet", out.name]
