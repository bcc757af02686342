"""The Python handler: the event's own objects are its caller's, and besides those nothing of a password stays.

The program that is looked at wipes its own str, as no ordinary Python program could, and then waits.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from emulator import function_environment
from secret_events import SECRET
from secret_scan import SecretScan, forms_of

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()

PROGRAM = """
    import ctypes, gc, sys, traceback
    import liblambda

    gc.disable()
    masked = bytes.fromhex(sys.argv[1])
    secret = "".join(chr(byte ^ 0x55) for byte in masked)

    def stop():
        print("look", flush=True)
        sys.stdin.readline()

    def call(event):
        try:
            liblambda.handler(event, None)
        except liblambda.InvalidRequest:
            traceback.format_exc()

    stop()
    {what}
    ctypes.memset(id(secret) + sys.getsizeof("") - 1, 0, len(secret))
    stop()
"""

WHAT = {
    "hashed": "call({'op': 'hash', 'cost': 4, 'items': [{'password': secret}] * 60})",
    "one": "call({'op': 'hash', 'cost': 4, 'items': [{'password': secret}]})",
    "mismatch": "call({'op': 'verify', 'items': [{'password': secret, 'hash': '$2b$04$abcdefghijklmnopqrstu.'"
    " 'Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC'}] * 20})",
    "refused": "call({'op': 'hash', 'cost': 99, 'items': [{'password': secret}]})",
    "unknown field": "call({'op': 'hash', 'items': [], secret: secret})",
    "wrong items": "call({'op': 'hash', 'items': [{'password': secret, 'setting': secret}, secret]})",
}


@pytest.fixture(autouse=True)
def _is_built(sanitized: bool) -> None:
    if sanitized:
        pytest.skip("a sanitizer keeps freed stack frames and heap blocks")
    if not list((BUILD / "python").glob("liblambda*.so")):
        pytest.skip("liblambda is not built (LANECRYPT_PYTHON=OFF)")


@contextmanager
def running(what: str) -> Iterator[subprocess.Popen[str]]:
    masked = bytes(byte ^ 0x55 for byte in SECRET.encode()).hex()
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM).format(what=what), masked]
    environment = function_environment({"PYTHONPATH": str(BUILD / "python")})
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as child:
        try:
            yield child
        finally:
            child.kill()


@pytest.mark.parametrize("what", WHAT)
def test_only_the_callers_objects_hold_it(what: str) -> None:
    scan = SecretScan(forms_of(SECRET))
    with running(WHAT[what]) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "look\n"
        assert scan.finds(child.pid) != [], "the caller's own"
        child.stdin.write("\n")
        child.stdin.flush()
        assert child.stdout.readline() == "look\n"
        assert scan.finds(child.pid) == []
