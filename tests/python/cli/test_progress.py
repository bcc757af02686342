"""The progress bar: there on a terminal, silent in a pipe; seen through a pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path

Start = Callable[..., "subprocess.Popen[str]"]

ROWS = 1_500


def on_terminal(start: Start, *arguments: object, interrupt: bool = False) -> tuple[int, str]:
    """The exit code of a command, and what came to its terminal, which is its stderr."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    process = start(*arguments, stderr=slave, stdout=subprocess.DEVNULL, start_new_session=True)
    os.close(slave)
    seen = b""
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:  # the terminal ends with its last user
            break
        if not data:
            break
        seen += data
        if interrupt and b"rows" in seen:
            process.send_signal(signal.SIGINT)
            interrupt = False
    os.close(master)
    return process.wait(timeout=20), seen.decode()


def test_rows_rate_and_time_left(start: Start, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("".join(f"password {row}\n" for row in range(ROWS)))
    code, seen = on_terminal(start, "hash", "in.txt", "-o", "out.txt", "--cost", 5, "--threads", 2)
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen)
    assert code == 0
    assert "hashing" in plain
    rates = re.findall(r"(\d+)%\s+([\d,]+) rows\s+([\d,.]+)/s\s+(\d+:\d\d) left", plain)
    assert len(rates) > 2
    percents = [int(rate[0]) for rate in rates]
    assert percents == sorted(percents)
    assert f"{ROWS:,} rows hashed in" in plain
    # The bar is taken away at the end, and the cursor is there again.
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")


def test_an_interrupted_bar_leaves_the_terminal_in_order(start: Start, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("".join(f"password {row}\n" for row in range(ROWS)))
    code, seen = on_terminal(start, "hash", "in.txt", "-o", "out.txt", "--cost", 6, "--threads", 2, interrupt=True)
    assert code == 130
    assert "--resume goes on from there" in seen
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")


def test_quiet_has_no_bar(start: Start, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a\n")
    began = time.monotonic()
    assert on_terminal(start, "hash", "in.txt", "-o", "out.txt", "--cost", 4, "--quiet") == (0, "")
    assert time.monotonic() - began < 10
