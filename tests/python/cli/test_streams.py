"""Standard streams that are closed, redirected, read before or of another encoding; and signals that are not for us."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Start = Callable[..., "subprocess.Popen[str]"]
USUAL = "--format lines --cost 4 --threads 1"


@pytest.fixture
def shell(tmp_path: Path) -> Callable[[str], tuple[int, str, str]]:
    """Runs a line of shell, in which `lanecrypt` is the command."""

    def run(line: str) -> tuple[int, str, str]:
        function = f'lanecrypt() {{ {shlex.quote(sys.executable)} -m lanecrypt "$@"; }}; '
        done = subprocess.run(
            ["bash", "-c", function + line], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    return run


Shell = Callable[[str], tuple[int, str, str]]


def test_closed_streams(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a\n")
    code, _, said = shell(f"lanecrypt hash in.txt {USUAL} >&-")
    assert (code, said) == (3, "lanecrypt: cannot write standard output: Bad file descriptor\n")
    code, _, said = shell("lanecrypt audit in.txt >&-")
    assert (code, said) == (3, "lanecrypt: cannot write standard output: Bad file descriptor\n")
    code, out, said = shell(f"lanecrypt hash {USUAL} <&-")
    assert (code, out, said) == (3, "", "lanecrypt: cannot read standard input: Bad file descriptor\n")
    for number, closed in enumerate((">&-", "2>&-", "<&-", "<&- >&- 2>&-")):
        code, out, said = shell(f"lanecrypt hash in.txt {USUAL} -o out{number}.txt {closed}")
        assert (code, out, said) == (0, "", "")
        assert len((tmp_path / f"out{number}.txt").read_text()) == 61
    # A message goes nowhere rather than into a file that happens to have the number of standard error.
    (tmp_path / "bad.txt").write_text("\nb\n")
    assert shell(f"lanecrypt hash bad.txt {USUAL} -o out.txt 2>&-")[0] == 1
    assert [len(line) for line in (tmp_path / "out.txt").read_text().splitlines()] == [0, 60]


def test_streams_by_their_names(shell: Shell, tmp_path: Path) -> None:
    """They are written on from where they are, whatever they are open on, and never replaced."""
    (tmp_path / "link").symlink_to("/proc/self/fd/1")
    for name in ("/dev/stdout", "/dev/fd/1", "link"):
        for force in ("", "--force"):
            line = f"{{ echo before; printf 'a\\n' | lanecrypt hash {USUAL} -o {name} {force}; echo after; }} >file"
            assert shell(line) == (0, "", "")
            lines = (tmp_path / "file").read_text().splitlines()
            assert [len(each) for each in lines] == [len("before"), 60, len("after")]
    assert (tmp_path / "link").is_symlink()
    code, _, _ = shell(f"{{ echo before; printf '\\n' | lanecrypt hash {USUAL} --errors /dev/stderr >out; }} 2>bad")
    assert code == 1
    assert '"code": "empty_password"' in (tmp_path / "bad").read_text()


@pytest.mark.parametrize(
    "redirected", ["-o in.txt --force <in.txt", "in.txt >>in.txt", "--errors in.txt --force <in.txt"]
)
def test_a_redirected_input_is_never_written(shell: Shell, tmp_path: Path, redirected: str) -> None:
    (tmp_path / "in.txt").write_text("a\nb\n")
    code, _, said = shell(f"timeout 10 {sys.executable} -m lanecrypt hash {USUAL} {redirected}")
    assert code == 2
    assert "are the same file, in.txt" in said
    assert (tmp_path / "in.txt").read_text() == "a\nb\n"


def test_rows_begin_where_standard_input_is(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a header\na\nb\n")
    code, out, _ = shell(f"{{ read -r header; lanecrypt hash {USUAL}; }} <in.txt")
    assert code == 0
    assert [len(line) for line in out.splitlines()] == [60, 60]


def test_output_of_few_characters(lanecrypt: Run, tmp_path: Path) -> None:
    own = {"PYTHONIOENCODING": "ascii"}
    (tmp_path / "in.txt").write_text("$2b$12$" + "a" * 21 + "O" + "b" * 30 + "O\n")
    drawn = lanecrypt("audit", "in.txt", env=own).stdout
    assert "####" in drawn
    assert "?" not in drawn
    assert "Healthy." in lanecrypt("doctor", env=own).stdout


def test_an_ignored_signal_stays_ignored(start: Start, tmp_path: Path) -> None:
    """As for `lanecrypt ... &` in a script, whose Ctrl-C is for others."""
    (tmp_path / "in.txt").write_text("".join(f"{row}\n" for row in range(900)))

    def ignore() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    process = start("hash", "in.txt", "-o", "out.txt", "--cost", 5, "--threads", 1, preexec_fn=ignore)
    while not ((tmp_path / "out.txt").exists() and (tmp_path / "out.txt").stat().st_size):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
    assert len((tmp_path / "out.txt").read_text().splitlines()) == 900


def test_ctrl_c_while_modules_are_loaded() -> None:
    program = (
        "import os, signal, sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'lanecrypt.cli.app':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from lanecrypt.cli import main\n"
        "sys.exit(main(['--version']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stderr) == (130, "lanecrypt: interrupted\n")
