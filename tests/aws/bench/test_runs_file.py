"""The CSV file: what is written is read, whole rows only, and nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from measure.failure import WrongFile
from measure.runs import COLUMNS, Run, RunsFile, read

RUN = Run("aws", 'f,"1"', "arm64", 2048, 2, 1.158, 20, 1, "2026-11-22T00:00:00.000Z", 100, 104, 130.25, None, 30, 2)
ROWS = [replace(RUN, run=0, init_ms=12.5), RUN, replace(RUN, run=2, billed_ms=None, max_memory_mb=None)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "new folder" / "runs.csv"
    with RunsFile(path) as file:
        for run in ROWS:
            file.write(run)
    return path


def test_what_is_written_is_read(path: Path) -> None:
    assert read(path) == ROWS


def test_each_row_is_in_the_file_at_once(tmp_path: Path) -> None:
    with RunsFile(tmp_path / "runs.csv") as file:
        file.write(RUN)
        assert read(tmp_path / "runs.csv") == [RUN]


def test_a_file_that_is_there_is_not_lost(path: Path) -> None:
    with pytest.raises(WrongFile, match="there already"):
        RunsFile(path)
    assert read(path) == ROWS
    with RunsFile(path, force=True) as file:
        file.write(RUN)
    assert read(path) == [RUN]


@pytest.mark.parametrize("column", ["target", "billed_ms", "threads_used"])
def test_a_file_without_a_column_names_it(path: Path, column: str) -> None:
    path.write_text(path.read_text().replace(column, "other"))
    with pytest.raises(WrongFile, match=f"has no column {column}"):
        read(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",2048,", ",big,", "line 2: memory_mb is not a whole number"),
        (",130.25,", ",,", "line 2: round_trip_ms is not a number"),
        (",130.25,", ",-1,", "line 2: round_trip_ms is negative"),
    ],
)
def test_a_bad_value_names_line_and_column(path: Path, old: str, new: str, message: str) -> None:
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(WrongFile, match=message):
        read(path)


@pytest.mark.parametrize("change", [{"target": "local"}, {"items": 10}])
def test_runs_that_cannot_be_compared_are_not(tmp_path: Path, change: dict[str, object]) -> None:
    with RunsFile(tmp_path / "runs.csv") as file:
        file.write(RUN)
        file.write(replace(RUN, **change))  # type: ignore[arg-type]
    with pytest.raises(WrongFile, match="cannot be compared"):
        read(tmp_path / "runs.csv")


def test_a_file_without_a_warm_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text(",".join(COLUMNS) + "\n")
    with pytest.raises(WrongFile, match="no warm run"):
        read(tmp_path / "runs.csv")


def test_what_is_no_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_bytes(b"\xff\xfe\x00,")
    with pytest.raises(WrongFile):
        read(tmp_path / "runs.csv")
    with pytest.raises(WrongFile, match="measure first"):
        read(tmp_path / "none.csv")
