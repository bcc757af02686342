"""Passwords that are no bytes objects: buffers of all kinds, which are copied, and whose copies are wiped.

What is left in a process's memory is looked for from outside, in its /proc/PID/mem.
"""

from __future__ import annotations

import array
import ctypes
import mmap
import os
import re
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lanecrypt import hash_many, verify_many

SETTING = b"$2b$04$abcdefghijklmnopqrstu."
HASH = b"$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"  # of b"pw"


class Bytes(bytes):
    pass


# ---- Kinds of buffers


def test_buffers_of_single_bytes_are_taken() -> None:
    mapped = mmap.mmap(-1, 4096)
    mapped[:2] = b"pw"
    buffers: list[Any] = [
        *(b"pw", Bytes(b"pw"), bytearray(b"pw"), memoryview(b"pw"), memoryview(bytearray(b"pw"))),
        *(
            memoryview(b"apwb")[1:3],
            memoryview(b"pw").toreadonly(),
            memoryview(b"pw").cast("c"),
            memoryview(mapped)[:2],
        ),
        *(memoryview(b"pw").cast("b"), array.array("B", b"pw"), array.array("b", b"pw")),
    ]
    assert hash_many(buffers, settings=[SETTING] * len(buffers)) == [HASH] * len(buffers)
    assert verify_many(buffers, [bytearray(HASH)] * len(buffers)) == [True] * len(buffers)
    assert verify_many([b"pw"] * len(buffers), [memoryview(HASH)] * len(buffers)) == [True] * len(buffers)
    settings: list[Any] = [bytearray(SETTING), memoryview(HASH), Bytes(SETTING), memoryview(b"_" + SETTING)[1:]]
    assert hash_many([b"pw"] * 4, settings=settings) == [HASH] * 4


def test_buffers_may_be_empty() -> None:
    empty: list[Any] = [b"", bytearray(), memoryview(b""), memoryview(b"pw")[2:], array.array("B")]
    assert len(set(hash_many(empty, settings=[SETTING] * 5))) == 1


def test_buffers_may_be_long() -> None:
    long = bytes(range(256)) * 1000
    expected = hash_many([long[:72]], settings=[SETTING])
    for one in (bytearray(long), memoryview(long)):
        assert hash_many([one, one], settings=[SETTING] * 2, long_passwords="truncate") == expected * 2


REFUSED: dict[str, Callable[[], Any]] = {
    "every other byte": lambda: memoryview(b"password")[::2],
    "backwards": lambda: memoryview(b"password")[::-1],
    "shorts": lambda: memoryview(b"password").cast("H"),
    "array of ints": lambda: array.array("i", [1, 2]),
    "two dimensions": lambda: memoryview(b"password").cast("B", (2, 4)),
    "no dimension": lambda: memoryview(b"p").cast("B", ()),
    "floats": lambda: (ctypes.c_double * 2)(),
}


@pytest.mark.parametrize("what", REFUSED)
def test_other_buffers_are_refused(what: str) -> None:
    odd: Any = REFUSED[what]()
    with pytest.raises(TypeError, match=r"^passwords\[1\] \w+ must be contiguous and of single bytes$"):
        hash_many([b"pw", odd])
    with pytest.raises(TypeError, match=r"^hashes\[0\] \w+ must be contiguous and of single bytes$"):
        verify_many([b"pw"], [odd])
    answers: list[Any] = hash_many([b"pw", odd], settings=[SETTING] * 2, on_error="return")
    assert answers[0] == HASH
    assert answers[1].code == "invalid_argument"


def test_a_memoryview_that_was_released_is_refused() -> None:
    released = memoryview(b"password")
    released.release()
    with pytest.raises(TypeError, match=r"^passwords\[0\] memoryview must be"):
        hash_many([released])


def test_buffers_are_given_back_at_once() -> None:
    buffer = bytearray(b"pw")

    def progress(_done: int, _total: int) -> None:
        buffer.extend(b"grows")  # BufferError as long as someone holds it

    assert hash_many([buffer], settings=[SETTING], progress=progress) == [HASH]
    with pytest.raises(TypeError):
        hash_many([buffer, "text"])  # type: ignore[list-item]
    buffer.clear()


# ---- Changed meanwhile


def test_a_bytearray_that_changes_during_the_batch_has_no_effect() -> None:
    passwords = [bytearray(b"pw") for _ in range(300)]
    go_on = threading.Event()
    stopped = threading.Event()

    def change() -> None:
        while not stopped.is_set():
            for password in passwords:
                password[:] = b"something else that is longer"
                password.clear()
            go_on.set()

    changer = threading.Thread(target=change)

    def progress(_done: int, _total: int) -> None:
        if not go_on.is_set():
            changer.start()
            assert go_on.wait(20)

    answers = hash_many(passwords, settings=[SETTING] * 300, progress=progress, threads=1)
    stopped.set()
    changer.join()
    assert answers == [HASH] * 300


def test_a_list_that_changes_during_the_batch_has_no_effect() -> None:
    passwords: list[bytes] = [b"%d" % number for number in range(300)]
    hashes: list[bytes] = hash_many(passwords, rounds=4)
    calls = []

    def progress(_done: int, _total: int) -> None:
        calls.append(1)
        passwords.clear()
        hashes[:] = [b"junk"] * 17
        passwords.extend(b"other %d" % number for number in range(1000))

    assert verify_many(passwords, hashes, progress=progress) == [True] * 300
    assert calls


def test_a_list_that_another_thread_changes() -> None:
    passwords = [b"pw"] * 200
    stopped = threading.Event()

    def change() -> None:
        while not stopped.is_set():
            passwords.append(b"pw")
            passwords.pop()
            passwords.reverse()

    changer = threading.Thread(target=change)
    changer.start()
    try:
        for _ in range(5):
            answers = hash_many(passwords, settings=None, rounds=4)
            assert 200 <= len(answers) <= 201
            assert verify_many([b"pw"] * len(answers), answers) == [True] * len(answers)
    finally:
        stopped.set()
        changer.join()


# ---- What is left in memory

MARKER = b"mArKeR-" + os.urandom(12).hex().encode()
# Words of the key schedule as they lie in memory, byte by byte backwards: one word in four lanes, and four in a row.
SWAPPED = [MARKER[:4][::-1] * 4, b"".join(MARKER[i : i + 4][::-1] for i in range(0, 16, 4))]

PROGRAM = """
    import gc, sys, traceback
    import lanecrypt

    gc.disable()  # what only the garbage collector would free is not gone
    masked = bytes.fromhex(sys.argv[1])
    password, long = bytearray(len(masked)), bytearray(200)

    def write(buffer=password):
        for place, byte in enumerate(masked):
            buffer[place] = byte ^ 0x55

    def wipe(buffer=password):
        for place in range(len(buffer)):
            buffer[place] = 0

    def stop(name):  # the parent looks at this process's memory now
        print(name, flush=True)
        sys.stdin.readline()

    SETTING = b"$2b$04$abcdefghijklmnopqrstu."
    HASH = SETTING + b"Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"
    lanecrypt.verify_many([b"pw"] * 40, [HASH] * 40)
    write()
"""


def written_memory(pid: int) -> Iterator[tuple[int, int]]:
    """The parts of a process's memory that it may write and has ever touched."""
    part = None
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if match := re.match(r"([0-9a-f]+)-([0-9a-f]+) (rw)?", line):
            part = (int(match[1], 16), int(match[2], 16)) if match[3] else None
        elif part and line.startswith("Rss:") and not re.search(r" 0 kB", line):
            yield part


def occurrences(pid: int) -> dict[str, int]:
    """How often the marker stands in the memory of a process that waits."""
    found = {"as it is": 0, "as words": 0}
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for begin, end in written_memory(pid):
            memory.seek(begin)
            content = b""
            while piece := memory.read(end - begin - len(content)):
                content += piece
            found["as it is"] += content.count(MARKER)
            found["as words"] += sum(content.count(words) for words in SWAPPED)
    return found


def looked_at(program: str) -> dict[str, dict[str, int]]:
    """Runs a program that stops at named places: what there was of the marker at each."""
    masked = bytes(byte ^ 0x55 for byte in MARKER).hex()
    source = textwrap.dedent(PROGRAM) + textwrap.dedent(program) + "\nstop('end')\n"
    command = [sys.executable, "-c", source, masked]
    environment = {**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system"}
    seen = {}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            for line in child.stdout:
                seen[line.strip()] = occurrences(child.pid)
                child.stdin.write("\n")
                child.stdin.flush()
        except PermissionError as error:
            pytest.skip(f"this system keeps one process out of another's memory: {error}")
        finally:
            child.stdin.close()
            child.kill()
    assert "end" in seen, seen
    return seen


NOTHING = {"as it is": 0, "as words": 0}


def test_the_scan_finds_what_is_there() -> None:
    seen = looked_at("""
        stop("alive")
        copy = bytes(password)
        stop("copied")
        wipe()
        stop("one wiped")
        del copy
        wipe()
    """)
    assert [each["as it is"] for each in seen.values()][:3] == [1, 2, 1]


def test_copies_are_there_during_the_batch_and_wiped_after_it() -> None:
    seen = looked_at("""
        def progress(done, total):
            if done < total:
                wipe()
                stop("in the batch")

        lanecrypt.hash_many([password] * 2000, rounds=4, progress=progress, threads=1)
    """)
    assert seen["in the batch"]["as it is"] >= 2000
    assert seen["end"] == NOTHING


def test_bytes_are_not_copied() -> None:
    seen = looked_at("""
        import ctypes
        constant = bytes(password)
        wipe()

        def progress(done, total):
            if done < total:
                stop("in the batch")

        lanecrypt.hash_many([constant] * 2000, rounds=4, progress=progress, threads=1)
        stop("after the batch")
        ctypes.memset(id(constant) + bytes.__basicsize__ - 1, 0, len(constant))
    """)
    assert seen["in the batch"]["as it is"] == 1
    assert seen["after the batch"] == {"as it is": 1, "as words": 0}
    assert seen["end"] == NOTHING


def test_arrow_rows_are_not_copied() -> None:
    pytest.importorskip("pyarrow")
    seen = looked_at("""
        import pyarrow
        size = len(password)
        lengths = pyarrow.array([0, size] , pyarrow.int32()).buffers()[1]
        rows = pyarrow.Array.from_buffers(pyarrow.binary(), 1, [None, lengths, pyarrow.py_buffer(password)])

        def progress(done, total):
            if done < total:
                stop("in the batch")

        lanecrypt.hash_many(rows, rounds=9, progress=progress, threads=1)
        stop("after the batch")
        wipe()
    """)
    assert seen.get("in the batch", {"as it is": 1})["as it is"] == 1
    assert seen["after the batch"] == {"as it is": 1, "as words": 0}
    assert seen["end"] == NOTHING


PATHS = {
    "hash_many": "lanecrypt.hash_many([password] * 100, rounds=4)",
    "verify_many": "lanecrypt.verify_many([password] * 100, [HASH] * 100)",
    "the portable engine": "lanecrypt.hash_many([password] * 100, rounds=4, engine='portable')",
    "the portable engine on one thread": "lanecrypt.hash_many([password] * 7, rounds=4, engine='portable', threads=1)",
    "long passwords": "lanecrypt.hash_many([long] * 20, rounds=4, long_passwords='truncate')",
    "the wrong engine": "lanecrypt.hash_many([password] * 20, engine='no such engine')",
    "item errors returned": "lanecrypt.hash_many([password, b'x' * 73] * 20, rounds=4, on_error='return')",
    "an item error raised": "lanecrypt.hash_many([password, b'x' * 73] * 20, rounds=4)",
    "a type error raised": "lanecrypt.hash_many([password, 'text'] * 20, rounds=4)",
    "a progress that raises": "lanecrypt.hash_many([password] * 20, rounds=4, progress=lambda *_: 1 // 0)",
    "a progress that cancels": "lanecrypt.hash_many([password] * 99, rounds=12, progress=lambda *_: False)",
    "a deadline": "lanecrypt.hash_many([password] * 99, rounds=12, deadline=0.05)",
    "unequal lengths": "lanecrypt.verify_many([password] * 20, [HASH])",
    "a stream": "list(lanecrypt.hash_stream([password] * 200, rounds=4))",
    "a stream that raised": "list(lanecrypt.hash_stream([password, b'x' * 73] * 200, rounds=4))",
    "a stream that was left": "stream = lanecrypt.hash_stream([password] * 200, rounds=4); next(stream); del stream",
}


@pytest.mark.parametrize("path", PATHS)
def test_no_copy_is_left(path: str) -> None:
    seen = looked_at(f"""
        write(long)
        try:
            {PATHS[path]}
        except (lanecrypt.Error, TypeError, ValueError, ZeroDivisionError) as caught:
            traceback.format_exc()
        wipe()
        wipe(long)
    """)
    assert seen["end"] == NOTHING


@pytest.mark.parametrize(
    "path", [path for path in PATHS if "rais" in path or path in ("a deadline", "unequal lengths")]
)
def test_no_copy_is_left_while_the_exception_is_kept(path: str) -> None:
    seen = looked_at(f"""
        kept = None
        try:
            {PATHS[path]}
        except (lanecrypt.Error, TypeError, ValueError, ZeroDivisionError) as caught:
            kept = caught
        assert kept is not None
        wipe()
    """)
    assert seen["end"] == NOTHING


def test_hashpw_and_kdf_leave_no_copy() -> None:
    seen = looked_at("""
        import ctypes
        constant = bytes(password)
        wipe()
        hashed = lanecrypt.hashpw(constant, HASH)
        lanecrypt.checkpw(constant, hashed)
        lanecrypt.kdf(constant, b"salt", 64, 4, ignore_few_rounds=True)
        stop("after")
        ctypes.memset(id(constant) + bytes.__basicsize__ - 1, 0, len(constant))
    """)
    assert seen["after"] == {"as it is": 1, "as words": 0}
    assert seen["end"] == NOTHING
