"""Readers by themselves: the place behind every row is one from which the rest is read as if nothing had happened."""

from __future__ import annotations

import gzip
import importlib
from pathlib import Path
from typing import Any

import pytest

CSV = (
    b'\xef\xbb\xbfid,password\r\n1,"two\r\nlines"\r\n\r\n2,ok\r\n3,too,many\r\n4,"wrong"x\r\n5,"a ""b"""\r\n'
    b"6,\xff\r\n7,last"
)
NDJSON = b'{"password": "a"}\n\n{"id": 1.0, "password": null}\nbroken\n  {"password":"\xc3\xa9"}\n{"password": 3}\n'
LINES = b"\xef\xbb\xbfone\n\ntwo\r\n\xff\nlast"
INPUTS = {"in.csv": (CSV, True), "bare.csv": (CSV, False), "in.ndjson": (NDJSON, True), "in.txt": (LINES, True)}


def table(path: Path, header: bool) -> Any:
    formats = importlib.import_module("lanecrypt.cli.formats")
    layout = formats.Layout(("password" if header else "2",), header=header)
    return formats.open_table(formats.find_format(None, str(path)), str(path), layout)


def read(path: Path, header: bool, start: Any) -> list[Any]:
    opened = table(path, header)
    rows = list(opened.rows(start))
    opened.close()
    return rows


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", INPUTS)
def test_every_mark_can_be_gone_on_from(tmp_path: Path, name: str, packed: bool) -> None:
    data, header = INPUTS[name]
    path = tmp_path / (name + ".gz" if packed else name)
    path.write_bytes(gzip.compress(data) if packed else data)
    start = importlib.import_module("lanecrypt.cli.formats.base").START
    whole = read(path, header, start)
    assert len(whole) >= 5
    for index, row in enumerate(whole):
        assert read(path, header, row.after) == whole[index + 1 :]
    assert whole[-1].after.offset == len(data)


def test_what_a_csv_is_read_as(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(CSV)
    rows = read(tmp_path / "in.csv", True, importlib.import_module("lanecrypt.cli.formats.base").START)
    told = [row.broken.code if row.broken else row.values[0] for row in rows]
    assert [row.number for row in rows] == [2, 5, 6, 7, 8, 9, 10]
    assert told[:5] == [b"two\r\nlines", b"ok", "too_many_fields", "broken_quotes", b'a "b"']
    assert told[5].code == "invalid_encoding"
    assert told[6] == b"last"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.csv", "csv"),
        ("A.TSV.GZ", "csv"),
        ("x.jsonl", "ndjson"),
        ("x.pq", "parquet"),
        ("x.txt", "lines"),
        ("x", None),
    ],
)
def test_formats_by_extension(path: str, name: str | None) -> None:
    found = importlib.import_module("lanecrypt.cli.formats").by_extension(path)
    assert (found.name if found else None) == name
