"""lanecrypt hash: every format, what is written and what never is, and digests; judged by pyca's bcrypt."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bcrypt
import pytest

Run = Callable[..., Any]

PASSWORDS = ["correct horse", "battery staple", "pass,with comma", 'a "quoted" one', "naïve ☃", "two\nlines", "x" * 72]


def write_csv(path: Path, rows: list[list[str]], header: tuple[str, ...] = ("id", "password", "note")) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def matches(password: str, stored: str | None) -> bool:
    return stored is not None and bcrypt.checkpw(password.encode(), stored.encode())


def test_csv_in_order_without_the_password(lanecrypt: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "in.csv", [[str(i), password, "n, ö"] for i, password in enumerate(PASSWORDS)])
    done = lanecrypt("hash", "in.csv", "-o", "out.csv", "--cost", 4)
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    rows = read_csv(text)
    assert list(rows[0]) == ["id", "note", "hash"]
    assert [row["id"] for row in rows] == [str(i) for i in range(len(PASSWORDS))]
    assert all(matches(password, row["hash"]) for password, row in zip(PASSWORDS, rows, strict=True))
    assert all(row["hash"].startswith("$2b$04$") and row["note"] == "n, ö" for row in rows)
    assert not any(password in text for password in PASSWORDS)
    assert (done.stdout, done.stderr) == ("", "")
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_other_columns_delimiters_and_line_ends(lanecrypt: Run, tmp_path: Path) -> None:
    (tmp_path / "in.tsv").write_bytes(b"\xef\xbb\xbfpw\tb\xe9\r\na,b\t\xff\xfe\r\n")
    options = ("--column", "pw", "--output-column", "bcrypt", "--prefix", "2y", "--cost", 4, "--keep-password")
    lanecrypt("hash", "in.tsv", "-o", "out.tsv", *options)
    head, row, end = (tmp_path / "out.tsv").read_bytes().split(b"\r\n")
    assert head == b"pw\tb\xe9\tbcrypt"
    # Bytes that are no UTF-8 in a column that nobody asked for come through as they were.
    assert row.startswith(b"a,b\t\xff\xfe\t$2y$04$")
    assert end == b""


def test_csv_without_header(lanecrypt: Run) -> None:
    done = lanecrypt("hash", "--format", "csv", "--no-header", "--column", "2", "--cost", 4, stdin="u1,one\nu2,two\n")
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert [row[0] for row in rows] == ["u1", "u2"]
    assert [matches(word, row[1]) for word, row in zip(("one", "two"), rows, strict=True)] == [True, True]


def test_a_file_in_another_encoding_is_hashed_as_utf8(lanecrypt_inside: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes("id,password,name\n1,é,ü\n".encode("latin-1"))
    lanecrypt_inside("hash", "in.csv", "-o", "out.csv", "--encoding", "latin-1", "--cost", 4)
    row = read_csv((tmp_path / "out.csv").read_text(encoding="latin-1"))[0]
    assert matches("é", row["hash"])
    assert row["name"] == "ü"


def test_binary_takes_bytes_as_they_stand(lanecrypt: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"\xff\xfe\x00\x80\n")
    lanecrypt("hash", "in.txt", "-o", "out.txt", "--encoding", "binary", "--cost", 4)
    assert bcrypt.checkpw(b"\xff\xfe\x00\x80", (tmp_path / "out.txt").read_bytes().strip())


def test_plain_lines_keep_their_places(lanecrypt: Run) -> None:
    done = lanecrypt("hash", "--format", "lines", "--cost", 4, stdin="one\n\n" + "y" * 73 + "\nlast", code=1)
    lines = done.stdout.split("\n")
    assert [bool(line) for line in lines] == [True, False, False, True, False]
    assert matches("one", lines[0])
    assert matches("last", lines[3])
    assert "line 2: the password is empty" in done.stderr
    assert "(password_too_long)" in done.stderr


def test_ndjson_keeps_the_rest_to_the_byte(lanecrypt: Run) -> None:
    kept = '"n": 1.10, "big": 12345678901234567890.5e3, "a" :[1,{"b":"}"}], "s": "\\ud83d\\ude00 é"'
    source = '{"p\\u0061ssword": "ein", ' + kept + '}\n\n  {"id":2,"password":"zwei\\u0000"}\n{"password": null}\n'
    done = lanecrypt("hash", "--format", "ndjson", "--cost", 4, stdin=source, code=1)
    first, second, third = done.stdout.splitlines()
    assert first.startswith("{" + kept + ', "hash": "$2b$04$')
    assert matches("ein", json.loads(first)["hash"])
    assert matches("zwei\0", json.loads(second)["hash"])
    assert third == '{"hash": null}'
    assert "line 4: there is no password (null_password)" in done.stderr


@pytest.mark.parametrize("allowed", [False, True])
def test_an_empty_password_needs_a_word(lanecrypt_inside: Run, allowed: bool) -> None:
    options = ["--allow-empty"] if allowed else []
    done = lanecrypt_inside(
        "hash", "--format", "csv", "--cost", 4, *options, stdin="id,password\n1,\n", code=0 if allowed else 1
    )
    row = read_csv(done.stdout)[0]
    assert matches("", row["hash"]) if allowed else row["hash"] == ""


def test_truncation_is_asked_for(lanecrypt_inside: Run) -> None:
    done = lanecrypt_inside(
        "hash", "--format", "lines", "--cost", 4, "--long-passwords", "truncate", stdin="z" * 100 + "\n"
    )
    assert matches("z" * 72, done.stdout.strip())


def test_gzip_in_and_out(lanecrypt: Run, tmp_path: Path) -> None:
    with gzip.open(tmp_path / "in.csv.gz", "wt") as file:
        file.write("id,password\n" + "".join(f"{i},p{i}\n" for i in range(50)))
    lanecrypt("hash", "in.csv.gz", "-o", "out.csv.gz", "--cost", 4)
    with gzip.open(tmp_path / "out.csv.gz", "rt") as file:
        rows = read_csv(file.read())
    assert [int(row["id"]) for row in rows] == list(range(50))
    assert matches("p49", rows[49]["hash"])


@pytest.mark.parametrize("name", ["out.ndjson.gz", "OUT.NDJSON.GZ"])
@pytest.mark.parametrize("rows", ["", '{"password": "a"}\n'])
def test_gzip_is_gzip_by_any_name_and_empty_too(lanecrypt_inside: Run, tmp_path: Path, name: str, rows: str) -> None:
    lanecrypt_inside(
        "hash", "--format", "ndjson", "-o", name, "--errors", "bad.csv.gz", "--cost", 4, stdin=rows
    )  # fmt: skip
    assert gzip.decompress((tmp_path / name).read_bytes()).count(b"\n") == len(rows.splitlines())
    assert (tmp_path / name).stat().st_size > 0
    assert gzip.decompress((tmp_path / "bad.csv.gz").read_bytes()) == b"line,code,message\n"


def test_parquet_columns_of_any_name(lanecrypt_inside: Run, tmp_path: Path) -> None:
    """The new column's type does not go by its name, and columns that nobody asked for may have one name."""
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = [arrow.array(values) for values in ([1, 2], ["x", "y"], ["one", "two"])]
    parquet.write_table(arrow.table(columns, names=["id", "id", "password"]), tmp_path / "in.parquet")
    lanecrypt_inside("hash", "in.parquet", "-o", "out.parquet", "--output-column", "match", "--cost", 4)
    out = parquet.ParquetFile(tmp_path / "out.parquet").read()
    assert out.schema.names == ["id", "id", "match"]
    assert [out.column(index).to_pylist() for index in (0, 1)] == [[1, 2], ["x", "y"]]
    assert matches("two", out.column(2).to_pylist()[1])


def test_parquet(lanecrypt: Run, tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    passwords = [*PASSWORDS, None, "x" * 73]
    table = arrow.table(
        {
            "id": arrow.array(range(len(passwords)), arrow.int16()),
            "password": arrow.array(passwords).dictionary_encode(),
            "when": arrow.array([1.5] * len(passwords)),
            "list": [[row] for row in range(len(passwords))],
            "kind": arrow.array(["a", "b", "a"] * 3).dictionary_encode(),
        },
    ).replace_schema_metadata({"made": "by a test"})
    parquet.write_table(table, tmp_path / "in.parquet", row_group_size=3)
    lanecrypt("hash", "in.parquet", "-o", "out.parquet", "--cost", 4, "--errors", "bad.ndjson", code=1)
    out = parquet.read_table(tmp_path / "out.parquet")
    assert out.schema.names == ["id", "when", "list", "kind", "hash"]
    assert out.drop(["hash"]).equals(table.drop(["password"]))
    assert out.schema.metadata[b"made"] == b"by a test"
    hashes = out.column("hash").to_pylist()
    assert all(matches(password, stored) for password, stored in zip(PASSWORDS, hashes, strict=False))
    assert hashes[-2:] == [None, None]
    bad = [json.loads(line) for line in (tmp_path / "bad.ndjson").read_text().splitlines()]
    assert [(each["row"], each["code"]) for each in bad] == [(8, "null_password"), (9, "password_too_long")]
    assert stat.S_IMODE((tmp_path / "out.parquet").stat().st_mode) == 0o600
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("algorithm", "encoding", "text"),
    [
        ("md5", "hex", hashlib.md5(b"secret").hexdigest()),
        ("sha1", "hex", hashlib.sha1(b"secret").hexdigest().upper()),
        ("sha256", "hex", hashlib.sha256(b"secret").hexdigest()),
        ("md5", "base64", "Xr4ilOzQ4PCOq3aQ0qbuaQ=="),
        ("sha256", "base64", "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols="),
    ],
)
def test_a_digests_text_is_hashed_as_it_stands(lanecrypt_inside: Run, algorithm: str, encoding: str, text: str) -> None:
    options = ("--from-digest", algorithm, "--digest-encoding", encoding, "--format", "lines", "--cost", 4)
    done = lanecrypt_inside("hash", *options, stdin=text + "\n")
    assert matches(text, done.stdout.strip())


def test_what_is_no_digest_is_refused(lanecrypt_inside: Run) -> None:
    md5 = hashlib.md5(b"secret").hexdigest()
    wrong = [md5[:-1], md5 + "0", md5[:-1] + "g", "hunter2", " " + md5[1:]]
    done = lanecrypt_inside(
        "hash", "--from-digest", "md5", "--format", "lines", "--cost", 4, stdin="\n".join([*wrong, md5.upper()]), code=1
    )
    assert [bool(line) for line in done.stdout.splitlines()] == [False] * 5 + [True]
    assert done.stderr.count("(invalid_digest)") == 5
    assert "hunter2" not in done.stderr
    lower = lanecrypt_inside(
        "hash", "--from-digest", "md5", "--lower-digest", "--format", "lines", "--cost", 4, stdin=md5.upper() + "\n"
    )
    assert matches(md5, lower.stdout.strip())


def test_the_password_column_can_be_replaced(lanecrypt_inside: Run) -> None:
    source = "id,password\n1,abc\n"
    done = lanecrypt_inside("hash", "--format", "csv", "--output-column", "password", "--cost", 4, stdin=source)
    assert matches("abc", read_csv(done.stdout)[0]["password"])


def test_errors_as_csv_are_private_and_hold_no_password(lanecrypt: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "in.csv", [["1", "hunter2" * 20, ""], ["2", "fine", ""]])
    lanecrypt("hash", "in.csv", "-o", "out.csv", "--errors", "bad.csv", "--cost", 4, code=1)
    text = (tmp_path / "bad.csv").read_text()
    rows = read_csv(text)
    assert [(row["line"], row["code"]) for row in rows] == [("2", "password_too_long")]
    assert "hunter2" not in text
    assert stat.S_IMODE((tmp_path / "bad.csv").stat().st_mode) == 0o600


def test_force_replaces_and_does_not_inherit(lanecrypt_inside: Run, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("kept")
    (tmp_path / "out.txt").symlink_to(tmp_path / "other")
    os.chmod(tmp_path / "other", 0o644)  # noqa: PTH101
    lanecrypt_inside("hash", "--format", "lines", "-o", "out.txt", "--cost", 4, stdin="a\n", code=2)
    lanecrypt_inside("hash", "--format", "lines", "-o", "out.txt", "--cost", 4, "--force", stdin="a\n")
    assert (tmp_path / "other").read_text() == "kept"
    assert not (tmp_path / "out.txt").is_symlink()
    assert stat.S_IMODE((tmp_path / "out.txt").stat().st_mode) == 0o600
