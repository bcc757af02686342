"""Bad inputs and bad luck: an exit code and one line that says what is wrong, and never a password in it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Start = Callable[..., "subprocess.Popen[str]"]

SECRET = "hunter2"


def test_a_missing_column_lists_what_there_is(lanecrypt_inside: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f"id,passwd,note\n1,{SECRET},x\n")
    assert "no column 'password' among its 3; is it 'passwd'?" in lanecrypt_inside("hash", "in.csv", code=2).stderr
    (tmp_path / "in.ndjson").write_text(json.dumps({"id": 1, "pw": SECRET}) + "\n")
    assert "its columns are: id, pw" in lanecrypt_inside("hash", "in.ndjson", code=2).stderr


@pytest.mark.parametrize(
    "first", [f"1,{SECRET},x", f"me@example.org,{SECRET}", f",{SECRET}", f"$2b$04,{SECRET}", f"alice,{SECRET}", SECRET]
)
def test_a_first_row_without_header_is_not_shown(lanecrypt_inside: Run, tmp_path: Path, first: str) -> None:
    (tmp_path / "in.csv").write_text(first + "\n")
    done = lanecrypt_inside("hash", "in.csv", code=2)
    assert SECRET not in done.stderr
    assert "--no-header" in done.stderr


def test_columns_of_unusual_names_are_columns(lanecrypt_inside: Run, tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({"2021": [1], "pw": ["a"]}), tmp_path / "in.parquet")
    done = lanecrypt_inside("hash", "in.parquet", "-o", "o.parquet", code=2)
    assert "its columns are: 2021, pw" in done.stderr
    (tmp_path / "in.csv").write_text(f"id,pw,{'a long heading ' * 6}\n1,{SECRET},x\n")
    assert "among its 3; is it 'pw'? (--column)" in lanecrypt_inside("hash", "in.csv", code=2).stderr


def test_without_header_columns_have_numbers(lanecrypt_inside: Run) -> None:
    done = lanecrypt_inside("hash", "--format", "csv", "--no-header", stdin=f"alice,{SECRET}\n", code=2)
    assert "no column 'password': without a header its columns are called 1 to 2" in done.stderr
    assert SECRET not in done.stderr


def test_columns_that_are_there_twice_or_already(lanecrypt_inside: Run) -> None:
    twice = lanecrypt_inside("hash", "--format", "csv", stdin=f"password,password\na,{SECRET}\n", code=2)
    assert "more than one column 'password'" in twice.stderr
    already = lanecrypt_inside("hash", "--format", "csv", stdin=f"hash,password\na,{SECRET}\n", code=2)
    assert "already has a column 'hash'" in already.stderr
    assert "--output-column" in already.stderr
    source = json.dumps({"password": SECRET, "hash": "x"}) + "\n"
    assert "already has a column 'hash'" in lanecrypt_inside("hash", "--format", "ndjson", stdin=source, code=2).stderr
    source = f"password,hash,match\n{SECRET},x,y\n"
    match = lanecrypt_inside("verify", "--format", "csv", stdin=source, code=2)
    assert "already has a column 'match'; rename or remove it first" in match.stderr


def test_records_that_do_not_fit_are_left_out(lanecrypt: Run, tmp_path: Path) -> None:
    rows = [
        "1,good,x",
        f"2,{SECRET},with,comma",
        f"{SECRET}",
        f'3,"{SECRET}"x,y',
        '4,"two',
        f'{SECRET}",a,b',
        "5,fine,z",
    ]
    (tmp_path / "in.csv").write_text("\n".join(["id,password,note", *rows, ""]))
    done = lanecrypt("hash", "in.csv", "--errors", "bad.ndjson", "--cost", 4, code=1)
    assert [line[:4] for line in done.stdout.splitlines()] == ["id,n", "1,x,", "5,z,"]
    bad = [json.loads(line) for line in (tmp_path / "bad.ndjson").read_text().splitlines()]
    codes = [(3, "too_many_fields"), (4, "too_few_fields"), (5, "broken_quotes"), (6, "too_many_fields")]
    assert [(each["line"], each["code"]) for each in bad] == codes
    assert "it ends in line 7" in bad[3]["message"]
    assert SECRET not in done.stdout + done.stderr + (tmp_path / "bad.ndjson").read_text()


def test_a_quote_that_is_never_closed(lanecrypt_inside: Run) -> None:
    source = 'id,password\n1,good\n2,"open\n' + f"3,{SECRET * 90}\n" * 27_000
    done = lanecrypt_inside("hash", "--format", "csv", "--cost", 4, stdin=source, code=1)
    assert "line 3: a field is too long; is a quote not closed?" in done.stderr
    assert "\n1,$2b$" in done.stdout
    assert SECRET not in done.stdout + done.stderr
    short = lanecrypt_inside("hash", "--format", "csv", "--cost", 4, stdin=f'id,password\n1,good\n2,"{SECRET}', code=1)
    assert "line 3: the quotes of the record are wrong" in short.stderr


def test_fields_may_be_long(lanecrypt_inside: Run) -> None:
    note = f"{SECRET},row\n" * 14_000
    source = f'id,password,note\n1,one,{"x" * 140_000}\n2,two,"{note}"\n3,three,\n'
    done = lanecrypt_inside("hash", "--format", "csv", "--cost", 4, stdin=source)
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert [row[0] for row in rows] == ["id", "1", "2", "3"]
    assert [row[1] for row in rows[1:]] == ["x" * 140_000, note, ""]


def test_a_carriage_return_in_a_field_stays_in_quotes(lanecrypt_inside: Run) -> None:
    source = 'id,password,note\n1,one,"a\rb"\n2,two,"c\r\nd"\n'
    done = lanecrypt_inside("hash", "--format", "csv", "--cost", 4, stdin=source)
    assert '\n1,"a\rb",$2b$04$' in done.stdout
    assert '\n2,"c\r\nd",$2b$04$' in done.stdout
    assert done.stdout.startswith("id,note,hash\n")


def test_a_row_that_is_not_text_far_down(lanecrypt: Run, tmp_path: Path) -> None:
    count = 1_000
    rows = [b"%d,password" % row for row in range(count)]
    rows[900] = b"900,pass\xe9word"
    (tmp_path / "in.csv").write_bytes(b"\n".join([b"id,password", *rows, b""]))
    lanecrypt("hash", "in.csv", "-o", "out.csv", "--errors", "bad.ndjson", "--cost", 4, code=1)
    assert len((tmp_path / "out.csv").read_text().splitlines()) == count + 1
    bad = [json.loads(line) for line in (tmp_path / "bad.ndjson").read_text().splitlines()]
    assert bad == [{"line": 902, "code": "invalid_encoding", "message": "the value is not valid utf-8"}]


def test_broken_json_lines(lanecrypt_inside: Run) -> None:
    good = json.dumps({"id": 1, "password": "fine"})
    broken = [f'{{"password": "{SECRET}"', f'["{SECRET}"]', "null", "[" * 100_000, f'{{"password": ["{SECRET}"]}}']
    lone = '{"password": "\\udcff"}'
    taken = json.dumps({"password": SECRET, "hash": "x"})
    source = "\n".join([good, *broken, lone, taken, good])
    done = lanecrypt_inside("hash", "--format", "ndjson", "--errors", "bad.csv", "--cost", 4, stdin=source, code=1)
    assert [json.loads(line)["hash"] is None for line in done.stdout.splitlines()] == [False, True, True, False]
    assert SECRET not in done.stdout + done.stderr


def test_the_codes_of_broken_json(lanecrypt_inside: Run, tmp_path: Path) -> None:
    source = '{"password": 12}\n{"password": "\\ud800"}\n{}\nx\n{"password":"a","hash":1}\n'
    lanecrypt_inside("hash", "--format", "ndjson", "--errors", "bad.csv", "--cost", 4, stdin=source, code=1)
    codes = [line.split(",")[1] for line in (tmp_path / "bad.csv").read_text().splitlines()]
    assert codes == ["code", "not_text", "invalid_encoding", "null_password", "broken_json", "column_exists"]


@pytest.mark.parametrize(
    ("name", "data", "code", "says"),
    [
        ("in.csv", b"", 2, "is empty"),
        ("in.csv", bytes(range(256)) * 40, 3, "is not text"),
        ("in.txt", os.urandom(32) + b"\0" + os.urandom(4000), 3, "is not text"),
        ("in.csv", "id,password\n1,a\n".encode("utf-16"), 3, "UTF-16"),
        ("in.csv", b"PAR1" + b"\x15\x04" * 100, 3, "is a Parquet file"),
        ("in.csv", b"\x1f\x8bnot gzip at all", 3, "gzip data is damaged"),
        ("in.parquet", b"not parquet", 3, "not a Parquet file"),
        ("in.parquet", b"", 3, "not a Parquet file"),
        ("in.dat", b"x", 2, "tells no format"),
    ],
)
def test_inputs_that_cannot_be_read(
    lanecrypt_inside: Run, tmp_path: Path, name: str, data: bytes, code: int, says: str
) -> None:
    (tmp_path / name).write_bytes(data)
    done = lanecrypt_inside("hash", name, "-o", "out" + name[2:], "--cost", 4, code=code)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / ("out" + name[2:])).exists()


def test_empty_inputs_that_are_right(lanecrypt_inside: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,password\n")
    assert lanecrypt_inside("hash", "in.csv").stdout == "id,hash\n"
    for name in ("in.ndjson", "in.txt"):
        (tmp_path / name).write_text("")
        assert lanecrypt_inside("hash", name).stdout == ""


def test_files_that_cannot_be_opened(lanecrypt_inside: Run, tmp_path: Path) -> None:
    assert "cannot read no.csv: No such file" in lanecrypt_inside("hash", "no.csv", code=3).stderr
    assert "cannot read .: Is a directory" in lanecrypt_inside("hash", ".", "--format", "csv", code=3).stderr
    (tmp_path / "in.txt").write_text("a\n")
    assert "cannot create no/out.txt" in lanecrypt_inside("hash", "in.txt", "-o", "no/out.txt", code=3).stderr
    assert "standard input has no extension" in lanecrypt_inside("hash", code=2).stderr


def test_gzip_that_ends_too_early_keeps_what_was_read(lanecrypt: Run, tmp_path: Path) -> None:
    text = b"".join(b"%d-%d\n" % (row, row * 7919 % 1000) for row in range(3000))
    (tmp_path / "in.txt.gz").write_bytes(gzip.compress(text)[:-2000])
    done = lanecrypt("hash", "in.txt.gz", "-o", "out.txt", "--cost", 4, "--threads", 2, code=3)
    assert "gzip data is damaged or ends too early" in done.stderr
    assert "rows are kept" in done.stderr
    lines = (tmp_path / "out.txt").read_text().split("\n")
    assert len(lines) > 60
    assert all(len(line) == 60 for line in lines[:-1])


def test_output_and_input_are_never_the_same(lanecrypt_inside: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a\n")
    (tmp_path / "soft.txt").symlink_to("in.txt")
    os.link(tmp_path / "in.txt", tmp_path / "hard.txt")
    for same in ("in.txt", "soft.txt", "hard.txt", "./in.txt"):
        assert "are the same file" in lanecrypt_inside("hash", "in.txt", "-o", same, "--force", code=2).stderr
        assert "are the same file" in lanecrypt_inside("hash", "in.txt", "--errors", same, "--force", code=2).stderr
    assert "are the same file" in lanecrypt_inside("hash", "in.txt", "-o", "x.txt", "--errors", "x.txt", code=2).stderr
    assert (tmp_path / "in.txt").read_text() == "a\n"


@pytest.mark.parametrize("ending", [".progress", ".progress.new"])
def test_what_lies_beside_the_output_is_not_the_input(lanecrypt_inside: Run, tmp_path: Path, ending: str) -> None:
    (tmp_path / ("out.txt" + ending)).write_text("a\n")
    (tmp_path / "in.txt").write_text("a\n")
    usual = ("hash", "--format", "lines", "-o", "out.txt", "--force")
    assert "are the same file" in lanecrypt_inside(*usual, "out.txt" + ending, code=2).stderr
    assert "are the same file" in lanecrypt_inside(*usual, "in.txt", "--errors", "out.txt" + ending, code=2).stderr
    assert (tmp_path / ("out.txt" + ending)).read_text() == "a\n"


@pytest.mark.parametrize("ending", [".partial", ".assembled"])
def test_what_lies_beside_a_parquet_output_is_not_removed(lanecrypt_inside: Run, tmp_path: Path, ending: str) -> None:
    arrow = pytest.importorskip("pyarrow")
    beside = tmp_path / ("out.parquet" + ending)
    pytest.importorskip("pyarrow.parquet").write_table(arrow.table({"password": ["a"]}), beside)
    before = beside.read_bytes()
    usual = ("hash", "--format", "parquet", "-o", "out.parquet", "--cost", 4)
    for more in ((), ("--force",)):
        assert "are the same file" in lanecrypt_inside(*usual, beside.name, *more, code=2).stderr
    (tmp_path / "in.parquet").write_bytes(before)
    assert f"{beside.name} exists" in lanecrypt_inside(*usual, "in.parquet", code=2).stderr
    assert beside.read_bytes() == before
    lanecrypt_inside(*usual, "in.parquet", "--force")
    assert not beside.exists()


def test_an_output_that_exists_is_not_replaced(lanecrypt_inside: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a\n")
    (tmp_path / "out.txt").write_text("precious")
    assert "out.txt exists: --force" in lanecrypt_inside("hash", "in.txt", "-o", "out.txt", code=2).stderr
    assert (tmp_path / "out.txt").read_text() == "precious"
    # Nor is anything left of a try that could not begin.
    assert "out.txt exists" in lanecrypt_inside("hash", "in.txt", "-o", "new.txt", "--errors", "out.txt", code=2).stderr
    assert not (tmp_path / "new.txt").exists()
    assert "says csv" in lanecrypt_inside("hash", "in.txt", "-o", "out.csv", code=2).stderr


def test_parquet_columns_of_other_types(lanecrypt_inside: Run, tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({"id": [1], "password": [12]}), tmp_path / "in.parquet")
    assert (
        "is int64; it must be text or bytes" in lanecrypt_inside("hash", "in.parquet", "-o", "o.parquet", code=2).stderr
    )
    parquet.write_table(arrow.table({"id": [1], "pw": ["a"]}), tmp_path / "in.parquet")
    assert "its columns are: id, pw" in lanecrypt_inside("hash", "in.parquet", "-o", "o.parquet", code=2).stderr
    assert (
        "cannot be written to standard output"
        in lanecrypt_inside("hash", "in.parquet", "--column", "pw", code=2).stderr
    )
    assert (
        "cannot be read from a pipe"
        in lanecrypt_inside("hash", "--format", "parquet", "-o", "o.parquet", code=2).stderr
    )


def test_parquet_text_that_is_no_utf8(lanecrypt_inside: Run, tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    text = arrow.array([b"good", b"\xff", b"fine"], arrow.binary()).view(arrow.string())
    parquet.write_table(arrow.table({"password": text}), tmp_path / "in.parquet")
    done = lanecrypt_inside("hash", "in.parquet", "-o", "o.parquet", "--cost", 4, code=1)
    assert "row 2: the value is not valid utf-8 (invalid_encoding)" in done.stderr
    hashes = parquet.read_table(tmp_path / "o.parquet").column("hash").to_pylist()
    assert [stored is None for stored in hashes] == [False, True, False]


def test_a_full_disk(lanecrypt: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a\n" * 500)
    full = lanecrypt("hash", "in.txt", "-o", "/dev/full", "--cost", 4, code=3)
    assert full.stderr == "lanecrypt: cannot write /dev/full: No space left on device\n"


def test_a_disk_that_fills_up_and_is_emptied(lanecrypt: Run, start: Start, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("".join(f"{row}\n" for row in range(1500)))
    arguments = ("hash", "in.txt", "-o", "out.txt", "--cost", 4)

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    process = start(*arguments, preexec_fn=small_files)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "cannot write out.txt: File too large" in said
    lanecrypt(*arguments, "--resume")
    assert [len(line) for line in (tmp_path / "out.txt").read_text().splitlines()] == [60] * 1500


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a\n" * 2000)
    script = f"{sys.executable} -m lanecrypt hash in.txt --cost 4 | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (141, "")
    assert len(done.stdout) == 61


def test_lines_without_an_end(lanecrypt_inside: Run, tmp_path: Path) -> None:
    with (tmp_path / "in.txt").open("w") as file:
        file.write("first\n" + "x" * (17 << 20) + "\nlast\n")
    done = lanecrypt_inside("hash", "in.txt", "--cost", 4, code=1)
    assert "line 2: the line is too long" in done.stderr
    assert [bool(line) for line in done.stdout.splitlines()] == [True, False, True]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("hash", "--cost", "3"), "4<=x<=31"),
        (("hash", "--cost", "15", "--format", "lines"), "raise --max-cost"),
        (("hash", "--encoding", "utf-16", "--format", "lines"), "cannot be cut into lines"),
        (("hash", "--encoding", "klingon", "--format", "lines"), "no text encoding 'klingon'"),
        (("hash", "--encoding", "base64", "--format", "lines"), "no text encoding 'base64'"),
        (("hash", "--delimiter", ";;", "--format", "csv"), "--delimiter is one character"),
        (("hash", "--lower-digest", "--format", "lines"), "goes with --from-digest"),
        (("hash", "-o", "x", "--resume", "--force", "--format", "lines"), "choose one"),
        (("hash", "--errors", "-", "--format", "lines"), "--errors is a file"),
        (("verify", "--format", "lines"), "this command needs two"),
        (("verify", "--column", "hash", "--format", "csv"), "two columns are called 'hash'"),
        (("frobnicate",), "No such command"),
    ],
)
def test_wrong_command_lines(lanecrypt_inside: Run, arguments: tuple[str, ...], says: str) -> None:
    assert says in lanecrypt_inside(*arguments, code=2).stderr


def test_an_error_that_nobody_foresaw_tells_no_values(tmp_path: Path) -> None:
    program = (
        "import sys, lanecrypt, lanecrypt.cli.hash as command\n"
        "def fail(*_, **__): raise RuntimeError('hunter2')\n"
        "lanecrypt.hash_many = fail\n"
        "from lanecrypt.cli import main\n"
        "sys.exit(main(['hash', '--format', 'lines']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input="hunter2\n", capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 70
    assert "RuntimeError at <string>:2 < hashing.py:" in done.stderr
    assert SECRET not in done.stderr
