"""lanecrypt audit: counts, findings and exit codes, and the picture."""

from __future__ import annotations

import gzip
import hashlib
import importlib
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bcrypt
import pytest

Run = Callable[..., Any]

ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def stored(number: int, cost: int = 12, prefix: str = "2b") -> str:
    """A well-formed hash that nobody computed: an audit computes none either."""
    digest = hashlib.sha512(str(number).encode()).digest()
    text = "".join(ALPHABET[byte % 64] for byte in digest)
    return f"${prefix}${cost:02}${text[:21]}O{text[22:52]}O"


def test_nothing_found(lanecrypt_inside: Run) -> None:
    done = lanecrypt_inside(
        "audit", "--format", "lines", stdin="\n".join([stored(1), stored(2, 10, "2y"), "", stored(3, 12)])
    )
    assert "4 rows: 3 bcrypt hashes, 1 empty" in done.stdout
    assert "Nothing found." in done.stdout
    assert "$2y$ is PHP's name" in done.stdout


def test_counts_of_everything(lanecrypt: Run) -> None:
    lines = [
        stored(1),
        stored(2, 4),
        stored(3, 9),
        stored(4, 10, "2a"),
        stored(5, 10, "2x"),
        stored(6, 20),
        "bcrypt$" + stored(7),
        "bcrypt_sha256$" + stored(8),
        "{CRYPT}" + stored(9),
        f"$bcrypt-sha256$v=2,t=2b,r=12${stored(10)[7:29]}${stored(10)[29:]}",
        f"$bcrypt-sha256$2b,12${stored(11)[7:29]}${stored(11)[29:]}",
        stored(12)[:-1],
        stored(13) + "   ",
        stored(14)[:-1] + "z",
        "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        stored(1),
        "",
    ]
    done = lanecrypt(
        "audit", "--format", "lines", "--json", "--errors", "bad.ndjson", stdin="\n".join(lines) + "\n", code=1
    )
    found = json.loads(done.stdout)
    assert (found["rows"], found["empty"], found["hashes"]) == (18, 1, 12)
    assert found["costs"] == {"4": 1, "9": 1, "10": 2, "12": 7, "20": 1}
    assert found["variants"] == {"2a": 1, "2b": 10, "2x": 1}
    assert found["wrappers"] == {
        "plain": 7,
        "django bcrypt": 1,
        "django bcrypt_sha256": 1,
        "scheme in braces": 1,
        "passlib bcrypt-sha256 v2": 1,
        "passlib bcrypt-sha256 v1": 1,
    }
    assert found["malformed"] == {
        "too short": 1,
        "blanks around it": 1,
        "not canonical: unused bits are set": 1,
        "another scheme: argon2": 1,
        "another scheme: hex digest": 1,
    }
    assert found["findings"] == {"malformed": 5, "weak_cost": 2, "repeated_salt": 2, "weak_variant": 1, "dear_cost": 1}
    assert found["repeated_salts"] == {"salts": 1, "rows": 2, "most": 2}


def test_findings_are_listed_without_hashes(lanecrypt_inside: Run, tmp_path: Path) -> None:
    done = lanecrypt_inside("audit", "--format", "lines", "--min-cost", 12, stdin=stored(1, 11) + "\nhunter2\n", code=1)
    assert "line 1: cost 11 is below 12 (weak_cost)" in done.stderr
    assert "cost below the minimum of 12" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    (tmp_path / "in.csv").write_text(f"id,hash\n1,{stored(1)},x\n")
    assert "(too_many_fields)" in lanecrypt_inside("audit", "in.csv", code=1).stderr


def test_real_hashes_of_a_parquet_file(lanecrypt_inside: Run, tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    hashes = [bcrypt.hashpw(b"a", bcrypt.gensalt(4)) for _ in range(3)] + [None]
    parquet.write_table(arrow.table({"h": hashes}), tmp_path / "in.parquet")
    done = lanecrypt_inside("audit", "in.parquet", "--column", "h", "--min-cost", 4, "--json")
    assert json.loads(done.stdout)["costs"] == {"4": 3}


def test_the_picture(lanecrypt_inside: Run, tmp_path: Path) -> None:
    lines = [stored(number, 12) for number in range(300)] + [stored(number + 300, 8) for number in range(100)]
    done = lanecrypt_inside("audit", "--format", "lines", "--svg", "costs.svg", stdin="\n".join(lines), code=1)
    root = ElementTree.fromstring((tmp_path / "costs.svg").read_text())
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "400 bcrypt hashes in 400 rows" in texts
    # The costs between the lowest and the highest are there, empty.
    assert [text for text in texts if text in {"8", "9", "10", "11", "12"}] == ["8", "9", "10", "11", "12"]
    widths = [float(bar.get("width", "")) for bar in root.iter("{http://www.w3.org/2000/svg}rect")][1:6]
    assert widths[1:4] == [0, 0, 0]
    assert widths[0] == pytest.approx(widths[4] / 3, rel=0.01)
    assert "25.0 %" in texts
    assert "█" in done.stdout
    again = lanecrypt_inside("audit", "--format", "lines", "--svg", "costs.svg", stdin=stored(1), code=2)
    assert "costs.svg exists" in again.stderr


def test_files_are_made_before_the_input_is_read(lanecrypt_inside: Run, tmp_path: Path) -> None:
    """An input that would be found to be damaged is not even read."""
    (tmp_path / "in.txt.gz").write_bytes(gzip.compress(b"x" * 500_000)[:-9])
    (tmp_path / "there").write_text("precious")
    for option in ("--svg", "--errors"):
        other = "--svg" if option == "--errors" else "--errors"
        for path, code in (("there", 2), ("no/folder", 3), ("-", 2)):
            done = lanecrypt_inside("audit", "in.txt.gz", option, path, other, "new", code=code)
            assert "damaged" not in done.stderr
            assert not (tmp_path / "new").exists()
    assert "damaged" in lanecrypt_inside("audit", "in.txt.gz", "--svg", "new", "--errors", "bad", code=3).stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt.gz", "there"]
    assert (tmp_path / "there").read_text() == "precious"


def test_the_input_is_never_written_over(lanecrypt_inside: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text(stored(1) + "\n")
    for option in ("--svg", "--errors"):
        assert "are the same file" in lanecrypt_inside("audit", "in.txt", option, "in.txt", "--force", code=2).stderr
    assert (tmp_path / "in.txt").read_text() == stored(1) + "\n"


def test_repeated_salts_are_found_among_many() -> None:
    module = importlib.import_module("lanecrypt.cli.salts")
    salts = module.Salts()
    for number in range(300_000):  # enough for every part to go to its file
        salts.add(b"%d" % number)
    for _ in range(2):
        salts.add(b"77")
    salts.add(b"299999")
    found = salts.repeated()
    salts.close()
    assert (found.salts, found.rows, found.most) == (2, 5, 3)
