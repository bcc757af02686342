"""What is shipped: one static file, small on disk, in the zip and in memory."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest
from emulator import Emulator

# The sizes of the Rust function that this replaces.
MAX_FILE_BYTES = 1_290_000
MAX_ZIP_BYTES = 620_000
MAX_RSS_KB = 3 * 1024


@pytest.fixture(autouse=True)
def release_build(sanitized: bool) -> None:
    if sanitized:
        pytest.skip("a sanitized bootstrap is dynamic and large; the release build is measured")


def test_it_is_static(bootstrap: Path) -> None:
    dynamic = subprocess.run(["readelf", "-d", "-l", bootstrap], capture_output=True, text=True, check=True).stdout
    assert "NEEDED" not in dynamic
    assert "INTERP" not in dynamic


def test_it_is_stripped(bootstrap: Path) -> None:
    sections = subprocess.run(["readelf", "-S", "-W", bootstrap], capture_output=True, text=True, check=True).stdout
    assert ".symtab" not in sections
    assert ".debug" not in sections


def test_it_has_no_path_of_the_machine_that_built_it(bootstrap: Path) -> None:
    assert str(Path(__file__).resolve().parents[2]).encode() not in bootstrap.read_bytes()


def test_its_size(bootstrap: Path, tmp_path: Path) -> None:
    assert bootstrap.stat().st_mode & stat.S_IXUSR
    assert bootstrap.stat().st_size <= MAX_FILE_BYTES
    package = tmp_path / "bootstrap.zip"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(bootstrap, "bootstrap")
    assert package.stat().st_size <= MAX_ZIP_BYTES


def test_its_memory_after_twenty_items(bootstrap: Path) -> None:
    items = [{"id": f"user-{number}", "password": f"password number {number}"} for number in range(20)]
    with Emulator(bootstrap, {"WORKER_COUNT": "6"}) as emulator:
        for event in ({"count": 20, "mode": "parallel"}, {"op": "hash", "cost": 8, "items": items}):
            answer = json.loads(emulator.invoke(json.dumps(event).encode())[1])
            assert answer["processed"] == 20
            assert 0 < answer["memory_used_kb"] <= MAX_RSS_KB
        assert resident_kb(emulator.bootstrap_pid()) <= MAX_RSS_KB


def resident_kb(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") // 1024
