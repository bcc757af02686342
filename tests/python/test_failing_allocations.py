"""The n-th of our allocations in a call from Python fails, for every n: an error that says so, no leak, and the next
call is right. Ours are those of C++ (operator new), on the thread that calls; Python's own memory and libgomp's are
not. pyarrow's are C++'s too: an array is made beforehand and only handed over; a stream is none of this, for pyarrow
lets a bad_alloc through while it has given the GIL up.

One allocation is not ours but pybind11's: its note of a new object. Where that fails it frees the object without
destroying it, and what the object holds is lost. That is one object of one call, and the only leak.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()

PROGRAM = """
    import ctypes, sys
    import gc
    import lanecrypt, liblambda
    import pyarrow as pa
    from lanecrypt import _batch, _stream

    failing = ctypes.CDLL(sys.argv[1])
    SETTING = b"$2b$04$abcdefghijklmnopqrstu."
    HASH = SETTING + b"Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"
    stored = [HASH] * 20
    array = pa.array(["pw"] * 20)
    event = {"op": "hash", "items": [{"id": "u", "password": "pw", "setting": SETTING.decode()}]}

    def handled():
        answer = liblambda.handler(event, None)
        return [answer["items"][0]["hash"]]

    making = None  # of a column: whether it failed

    def make_column(items, argument):
        global making
        making = True
        column = made(items, argument)
        making = False
        return column

    made, _batch.make_column, _stream.make_column = _batch.make_column, make_column, make_column

    calls = {
        "hash_many": lambda: lanecrypt.hash_many([b"pw"] * 20, settings=[SETTING] * 20, threads=2),
        "hash_many, Arrow": lambda: lanecrypt.hash_many(array, settings=[SETTING] * 20),
        "hash_many, buffers": lambda: lanecrypt.hash_many([bytearray(b"pw")] * 20, settings=[SETTING] * 20),
        "hash_stream": lambda: list(lanecrypt.hash_stream([b"pw"] * 3, prefix=b"2a", rounds=4))[3:],
        "verify_many": lambda: lanecrypt.verify_many([b"pw"] * 20, stored),
        "verify_many, upgrades": lambda: [
            bool(each.match and each.new_hash) for each in lanecrypt.verify_many([b"pw"] * 20, stored, upgrade_to=5)
        ],
        "hashpw": lambda: [lanecrypt.hashpw(b"pw", SETTING)],
        "checkpw": lambda: [lanecrypt.checkpw(b"pw", HASH)],
        "gensalt": lambda: [len(lanecrypt.gensalt(4))],
        "kdf": lambda: [lanecrypt.kdf(b"pw", b"salt", 32, 1, ignore_few_rounds=True)],
        "identify": lambda: [lanecrypt.identify(HASH).cost],
        "plan": lambda: [lanecrypt.plan(40, threads=1).threads],
        "liblambda.handler": handled,
    }

    def is_told(error):
        if isinstance(error, lanecrypt.Error):
            return error.code == "out_of_memory"
        return isinstance(error, MemoryError) or str(error) == "not enough memory"

    for name, call in calls.items():
        expected = call()
        assert call() == expected, name
        refused = lost = 0
        for nth in range(1, 1000):
            answer, error, making = None, None, False
            live = failing.failing_new_live()
            failing.failing_new_arm(nth)
            try:
                answer = call()
            except Exception as raised:
                error = raised
            failed = failing.failing_new_disarm()
            if error is None:
                assert answer == expected, f"{name}: a wrong answer without allocation {nth}"
                assert failed != 1, f"{name}: nobody says that allocation {nth} failed"
            else:
                assert failed, f"{name}: {error!r} without a reason"
                assert is_told(error), f"{name}: allocation {nth} failed: {error!r}"
                refused += 1
            error = None
            gc.collect()
            left = failing.failing_new_live() - live
            assert left == 0 or making, f"{name}: {left} blocks are left without allocation {nth}"
            lost += left != 0
            assert call() == expected, f"{name}: the call behind is wrong"
            if not failed:
                break
        assert lost <= 2, f"{name}: more is lost than a column for each argument"
        print(f"{name}: {refused}")
"""


@pytest.fixture(scope="module")
def refused() -> dict[str, int]:
    """How many allocations of each call were refused, one at a time."""
    library = BUILD / "lib" / "liblanecrypt_failing_new.so"
    environment = {**os.environ, "LD_PRELOAD": str(library), "AWS_LAMBDA_LOG_LEVEL": "FATAL"}
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(PROGRAM), library],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return {name: int(count) for name, count in (line.split(": ") for line in done.stdout.splitlines())}


def test_each_failed_allocation_is_told_and_loses_nothing(refused: dict[str, int]) -> None:
    assert len(refused) == 13
    assert all(refused[name] >= 10 for name in refused if "many" in name or "handler" in name), refused
