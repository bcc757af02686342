"""bench.py --local: the real handler behind the real emulator, with few runs."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from measure import runs, validate
from measure.local import HOST, LocalTarget
from measure.targets import CROWBAR

from .conftest import ROOT, Command

OURS = f"local-{HOST}"


def test_the_known_answers_are_rows_of_the_vectors() -> None:
    with (ROOT / "tests" / "vectors" / "bcrypt_vectors.tsv").open(newline="", encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("#")]
    vectors = {row["id"]: row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}
    assert len(validate.KNOWN) >= 10
    for row in validate.KNOWN:
        vector = vectors[row["id"]]
        assert (row["password_hex"], row["hash"]) == (vector["password_hex"], vector["expected_hash"])
        assert row["setting"] == vector["setting"][:29]


def test_validate_passes_on_what_is_built(local: Command) -> None:
    code, out, err = local("validate", "--function", f"{OURS}-[16]vcpu-*", "--function", "local-crowbar")
    assert code == 0, err
    assert f"{OURS}-1vcpu-1536mb" in out
    functions = 3 if "left out: local-crowbar" not in out else 2
    assert f"{6 * functions} of {6 * functions} checks right, {functions} functions" in out


def wrapped(tmp_path: Path, build: Path, text: str) -> Path:
    """A build folder whose bootstrap is a script."""
    script = tmp_path / "bin" / "bootstrap"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\n{text.format(bootstrap=build / 'bin' / 'bootstrap')}\n")
    script.chmod(0o755)
    return tmp_path


def test_validate_finds_what_is_wrong(command: Command, tmp_path: Path, build: Path) -> None:
    strict = wrapped(tmp_path, build, "LANECRYPT_MAX_COST=9 exec {bootstrap}")  # one known answer has cost 10
    code, out, _ = command("validate", "--local", "--build", strict, "--function", "*-1vcpu-*")
    assert code == 1
    assert "known answers: 1 of 13 known answers are wrong: V1801" in out
    assert "match and no match: match is wrong for V1801" in out
    assert "4 of 6 checks right" in out or "3 of 6 checks right" in out
    assert not any(row["hash"] in out for row in validate.KNOWN)


def test_comprehensive_then_cost_with_plots(local: Command, command: Command, build: Path, tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    # Any file will do for the other architecture's bootstrap, for it must not be started.
    options = ("--csv", path, "--other-bootstrap", build / "bin" / "bootstrap")
    code, out, _ = local("comprehensive", "--runs", 2, "--items", 2, *options)
    assert code == 0
    assert "LOCAL" in out
    assert "not AWS Lambda" in out
    assert "times mean nothing" in out or "is not installed" in out  # why the other architecture is not there
    found = runs.read(path)
    assert [(run.workers, run.run) for run in found] == [(count, run) for count in range(1, 7) for run in (0, 1, 2)]
    assert {run.memory_mb for run in found} == {1536, 2048, 4096, 6144, 8192, 10240}
    assert all(run.target == "local" and run.architecture == HOST and run.items == 2 for run in found)
    assert all(run.billed_ms is not None and run.billed_ms >= run.duration_ms for run in found)
    assert all((run.init_ms is not None) == (run.run == 0) for run in found)
    warm = [run for run in found if run.warm]
    assert all(run.ran_ms and run.longest_ms and run.ran_ms <= run.threads_used * run.longest_ms + 0.01 for run in warm)
    code, out, _ = command("cost", path, "--local", "--plots", tmp_path / "plots")
    assert code == 0
    assert out.count("cheapest") == 1
    assert out.count("fastest") == 1
    assert "Estimated" in out
    assert "2026-11-22" in out
    for name in ("local-time", "local-cost"):
        svg = ET.parse(tmp_path / "plots" / f"{name}.svg").getroot()
        assert len(list(svg.iter("{http://www.w3.org/2000/svg}path"))) > 20
        assert (tmp_path / "plots" / f"{name}.png").stat().st_size > 10_000


def test_cost_keeps_this_machine_and_aws_apart(local: Command, command: Command, tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    assert local("comprehensive", "--runs", 1, "--items", 1, "--csv", path, "--function", "*-1vcpu-*")[0] == 0
    code, _, err = command("cost", path)
    assert code == 2
    assert "add --local" in err
    code, _, err = local("comprehensive", "--csv", path)
    assert code == 2
    assert "--force" in err


def test_workers_beyond_the_cores_are_told(local: Command, tmp_path: Path) -> None:
    code, out, _ = local("comprehensive", "--runs", 1, "--csv", tmp_path / "runs.csv", "--function", "*-[16]vcpu-*")
    assert code == 0
    cores = len(os.sched_getaffinity(0))
    if cores < 5:
        assert f"5 threads shared {cores} processors" in out
    assert "had 1, the memory pays for 0.87" in out


def test_burst_tells_threads_and_idle_time(local: Command) -> None:
    code, out, _ = local("burst", "--runs", 1, "--mix", "4:60,5:30,8:10", "--function", "*-[12]vcpu-*")
    assert code == 0
    assert "100 items in one event: 60 at cost 4, 30 at cost 5, 10 at cost 8" in out
    assert "idle by" in out
    rows = [line.split("│") for line in out.splitlines() if OURS in line]
    assert [row[3].strip() for row in rows] == ["1", "2"]  # threads
    assert all(row[-2].strip().endswith("%") for row in rows)


@pytest.mark.parametrize("mix", ["4", "4:0", "3:1", "15:1", "4:1,4:2", "four:1", ""])
def test_a_wrong_mix_is_refused(local: Command, mix: str) -> None:
    code, _, err = local("burst", "--mix", mix)
    assert code == 2
    assert "--mix" in err


def test_metrics_of_the_emulator(local: Command) -> None:
    code, out, _ = local("metrics", "--runs", 2, "--items", 1, "--function", "*-1vcpu-*")
    assert code == 0
    (row,) = [line.split("│") for line in out.splitlines() if OURS in line]
    cells = [cell.strip() for cell in row[1:-1]]
    assert cells[1:4] == ["2", "-", "-"]
    assert cells[7] == "1"  # one cold start
    assert 0 < float(cells[8]) < 20_000  # init, milliseconds
    assert 0.1 < float(cells[9]) < 200  # peak memory, MB


def test_what_is_not_there_is_told(command: Command, local: Command, tmp_path: Path) -> None:
    code, _, err = command("validate", "--local", "--build", tmp_path)
    assert code == 3
    assert "is not built" in err
    code, _, err = local("comprehensive", "--function", "nothing*", "--csv", tmp_path / "runs.csv")
    assert code == 3
    assert "--function matches none" in err
    assert not (tmp_path / "runs.csv").exists()


def test_a_function_that_ends_ends_the_run(command: Command, tmp_path: Path, build: Path) -> None:
    broken = wrapped(tmp_path, build, "exit 3")
    code, _, err = command("comprehensive", "--local", "--build", broken, "--csv", tmp_path / "runs.csv")
    assert code == 3
    assert "cannot invoke local-" in err
    assert f"{tmp_path / 'runs.csv'} has the 0 runs before this" in err


def test_the_other_architecture_is_checked_but_not_timed(build: Path, tmp_path: Path) -> None:
    other = tmp_path / "bootstrap"
    other.write_bytes(b"")
    target = LocalTarget(build, other)
    foreign = [function for function in target.functions() if function.emulated]
    reasons = dict(target.left_out)
    if foreign:
        assert len(foreign) == 6
        assert all(function.architecture != HOST for function in foreign)
    else:
        assert any("is not installed" in reason for reason in reasons.values())
    assert sum(function.kind == CROWBAR for function in target.functions()) <= 1


def test_ctrl_c_leaves_whole_rows(build: Path, tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    program = [sys.executable, str(ROOT / "examples" / "aws" / "bench.py"), "comprehensive", "--local"]
    options = ["--build", str(build), "--csv", str(path), "--runs", "10000", "--items", "1"]
    process = subprocess.Popen(
        [*program, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    end = time.monotonic() + 60
    while time.monotonic() < end and (not path.exists() or path.read_bytes().count(b"\n") < 6):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    found = runs.read(path)
    assert len(found) >= 5
    assert path.read_bytes().endswith(b"\n")
    assert f"{path} has the {len(found)} runs before this" in err
    assert "Traceback" not in err
