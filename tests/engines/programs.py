"""What a program prints."""

from __future__ import annotations

import subprocess
from pathlib import Path


def output_of(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def verdicts_of(*command: str | Path) -> dict[str, str]:
    """Engine: verdict."""
    return dict(line.split(" ") for line in output_of(*command).splitlines())
