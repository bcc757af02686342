"""Looks for a secret in a process (its memory, all stacks, all registers) or a file, by the program of tests/secrets.

Any eight bytes of it in a row are found: as they stand, in base64, escaped as JSON may have them, as words of a key.
"""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def in_base64(secret: bytes) -> list[bytes]:
    """What of its base64 does not depend on what stands around it, for each of the three places to begin at."""
    texts = []
    for before in range(3):
        encoded = base64.b64encode(b"?" * before + secret)
        texts.append(encoded[(before * 8 + 5) // 6 : (before + len(secret)) * 8 // 6])
    return texts


def forms_of(secret: str) -> list[str]:
    """Lines for the program."""
    raw = secret.encode()
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in secret).encode()
    return [
        f"password as-it-is {raw.hex()}",
        f"text escaped {escaped.hex()}",
        *(f"text base64 {text.hex()}" for text in in_base64(raw)),
        *(f"text base64-twice {text.hex()}" for once in in_base64(raw) for text in in_base64(once)),
    ]


def schedule_of(secret: str, setting: str) -> str:
    return f"schedule schedule {secret.encode().hex()} {setting}"


class SecretScan:
    def __init__(self, needles: Iterable[str]) -> None:
        build = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()
        self._program = build / "bin" / "lanecrypt_secret_scan"
        assert self._program.exists(), f"{self._program} is not built"
        self._needles = "\n".join(needles) + "\n"

    def finds(self, target: int | Path) -> list[str]:
        """What was found in a process, which goes on afterwards, or in a file. A process that may not be read skips."""
        command = [str(self._program), str(target)]
        done = subprocess.run(command, input=self._needles, capture_output=True, text=True, check=False)
        if done.returncode == 3:
            pytest.skip(f"reading this process's memory needs root: {done.stderr.strip()}")
        assert done.returncode in (0, 1), done.stderr
        *found, seen = done.stdout.splitlines()
        assert seen.endswith(" threads"), done.stdout
        assert (done.returncode == 1) == bool(found)
        return list(found)
