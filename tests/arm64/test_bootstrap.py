"""The bootstrap of arm64 behind AWS's emulator: every example event and the vectors, as for this machine's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from emulator import Emulator
from example_events import Event, all_events, unexpected

# The same tests with another bootstrap: the fixtures below take the place of theirs.
from test_vectors import (
    rows_of,
    test_all_rows_verified,
    test_bad_hashes_are_refused_for_verifying,
    test_bad_settings_are_refused_for_hashing,
    test_long_passwords_are_refused_unless_asked,
)

__all__ = [
    "test_all_rows_verified",
    "test_bad_hashes_are_refused_for_verifying",
    "test_bad_settings_are_refused_for_hashing",
    "test_long_passwords_are_refused_unless_asked",
]
DEAREST = 5  # unless all are asked for: hashing, CTest's VectorsThroughTheAbi has all costs
MAX_FILE_BYTES = 1_290_000

Row = dict[str, str]


@pytest.fixture(scope="module")
def known(vectors: Path, everything: bool) -> list[Row]:
    rows = rows_of(vectors / "bcrypt_vectors.tsv")
    cheap = [row for row in rows if not row["setting"][4:6].isdigit() or int(row["setting"][4:6]) <= DEAREST]
    assert (len(rows), len(cheap)) == (1632, 1486)
    return rows if everything else cheap


@pytest.fixture(scope="module")
def bad(vectors: Path) -> list[Row]:
    return rows_of(vectors / "bcrypt_badsalts.tsv")


@pytest.fixture(scope="module")
def emulator(bootstrap: Path) -> Iterator[Emulator]:
    with Emulator(bootstrap, {"LANECRYPT_MAX_COST": "14", "AWS_LAMBDA_FUNCTION_TIMEOUT": "900"}) as running:
        yield running


@pytest.fixture(scope="module")
def plain_emulator(bootstrap: Path) -> Iterator[Emulator]:
    with Emulator(bootstrap) as running:
        yield running


@pytest.mark.parametrize("event", list(all_events()), ids=lambda event: event.name)
def test_example_event(plain_emulator: Emulator, event: Event) -> None:
    status, body = plain_emulator.invoke(event.body)
    assert status == 200
    answer = json.loads(body)
    assert unexpected(event, answer) is None
    assert answer.get("engine", "portable") == "portable" if isinstance(answer, dict) else True


def test_it_is_one_small_static_file(arm64: Path) -> None:
    path = arm64 / "bin" / "bootstrap"
    told = subprocess.run(["readelf", "-hldSW", path], capture_output=True, text=True, check=True).stdout
    assert "AArch64" in told
    for absent in ("NEEDED", "INTERP", ".symtab", ".debug"):
        assert absent not in told
    assert path.stat().st_size <= MAX_FILE_BYTES
    assert str(Path(__file__).resolve().parents[2]).encode() not in path.read_bytes()
