"""The last lines of `./dev test` name what failed and was skipped, and their exit code can be trusted."""

import subprocess
import sys
from pathlib import Path

TALLY = Path(__file__).parent / "tally.py"

CTEST = """<testsuite>
<testcase name="Plan.Groups" classname="Plan.Groups" status="run"><system-out>fine</system-out></testcase>
<testcase name="All/Wipe.Leaves/a  # GetParam() = 1" classname="All/Wipe.Leaves/a  # GetParam() = 1" status="notrun">
<skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/><system-out>x.cpp:1: Skipped\nno such processor\n</system-out>
</testcase>
<testcase name="All/Wipe.Leaves/b  # GetParam() = 2" classname="All/Wipe.Leaves/b  # GetParam() = 2" status="notrun">
<skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/><system-out>x.cpp:1: Skipped\nno such processor\n</system-out>
</testcase>
<testcase name="install.tree" classname="install.tree" status="disabled"/>
{more}
</testsuite>"""

FAILED = """<testcase name="Plan.Lanes" classname="Plan.Lanes" status="fail"><failure message=""/>
<system-out>plan_test.cpp:7: Failure\nseven, not eight\n</system-out></testcase>"""

PYTEST = """<testsuites><testsuite>
<testcase classname="tests.a" name="test_b[one]"><skipped message="not here"/></testcase>
<testcase classname="tests.a" name="test_b[two]"><skipped message="not here"/></testcase>
<testcase classname="tests.a" name="test_c"/>{more}</testsuite></testsuites>"""

ERROR = """<testcase classname="tests.a" name="test_d[9]"><error message="short">the long story</error></testcase>"""


def tally(folder: Path, runner: str = "0", **files: str) -> tuple[int, list[str]]:
    names = []
    for name, text in files.items():
        names.append(str(folder / f"{name}.xml"))
        if text:
            Path(names[-1]).write_text(text)
    done = subprocess.run([sys.executable, str(TALLY), runner, *names], capture_output=True, text=True)
    return done.returncode, done.stdout.splitlines()


def test_skipped_tests_are_named_and_counted_with_their_reason(tmp_path: Path) -> None:
    code, lines = tally(tmp_path, ctest=CTEST.format(more=""), pytest=PYTEST.format(more=""))
    assert (code, lines) == (
        0,
        [
            "skipped  ctest: All/Wipe.Leaves/{a, b}: no such processor",
            "skipped  ctest: install.tree: disabled in this build",
            "skipped  pytest: tests.a.test_b/{one, two}: not here",
            "2 passed, 0 failed, 5 skipped",
        ],
    )


def test_failures_come_first_with_what_they_printed_and_last_by_name(tmp_path: Path) -> None:
    code, lines = tally(tmp_path, "1", ctest=CTEST.format(more=FAILED), pytest=PYTEST.format(more=ERROR))
    assert code == 1
    assert lines[:5] == [
        "FAILED   ctest: Plan.Lanes",
        "         plan_test.cpp:7: Failure",
        "         seven, not eight",
        "FAILED   pytest: tests.a.test_d/9",
        "         the long story",
    ]
    assert lines[-3:] == [
        "FAILED   ctest: Plan.Lanes",
        "FAILED   pytest: tests.a.test_d/9",
        "2 passed, 2 failed, 5 skipped",
    ]


def test_a_runner_that_wrote_nothing_or_failed_is_a_failure(tmp_path: Path) -> None:
    code, lines = tally(tmp_path, ctest=CTEST.format(more=""), pytest="")
    assert (code, lines[-2:]) == (1, ["FAILED   pytest: wrote no results", "1 passed, 1 failed, 3 skipped"])
    code, lines = tally(tmp_path, "1", ctest=CTEST.format(more=""))
    assert (code, lines[-2]) == (1, "FAILED   a runner that did not say which test")


def test_nothing_run_is_a_failure(tmp_path: Path) -> None:
    code, lines = tally(tmp_path, ctest=CTEST.format(more=""), arm64="<testsuite/>")
    assert (code, lines[-2:]) == (1, ["FAILED   arm64: no test passed", "1 passed, 1 failed, 3 skipped"])


def test_a_test_that_could_not_start_is_a_failure(tmp_path: Path) -> None:
    missing = """<testcase name="Wipe.Gone" classname="Wipe.Gone" status="notrun">
<skipped message="Unable to find executable"/></testcase>"""
    code, lines = tally(tmp_path, ctest=CTEST.format(more=missing))
    assert (code, lines[:2]) == (1, ["FAILED   ctest: Wipe.Gone", "         not run: Unable to find executable"])


def test_a_long_output_is_told_by_its_ends(tmp_path: Path) -> None:
    text = "\n".join(f"line {i}" for i in range(100))
    error = f"""<testcase classname="tests.a" name="test_e"><error message="">{text}</error></testcase>"""
    _, lines = tally(tmp_path, pytest=PYTEST.format(more=error))
    assert [line.strip() for line in lines[1:42]] == [
        *(f"line {i}" for i in range(20)),
        "...",
        *(f"line {i}" for i in range(80, 100)),
    ]
