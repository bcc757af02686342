"""Handlers that are killed, run out of time or meet each other: nothing is lost, nothing is there twice."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import lanecrypt
import pytest
from data_harness import Bucket, Context, Server, check, notification, packages, rows_of, table
from records_harness import failures, make_queue, make_table, request, rows_of_table, sqs

Load = Callable[..., Any]
ROWS = 220
FILLING = "x" * 28_000  # 220 such rows are a part of 5 MiB and a tail


def in_child(server: Server, work: Callable[[], Any], after: int) -> int:
    """Runs work in a child that is killed when so many of its requests are served. Answers how it ended."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.read(read, 1)  # until the server knows whom to kill
            work()
            code = 0
        finally:
            os._exit(code)
    server.kill(child, after)
    os.write(write, b"!")
    status = os.waitpid(child, 0)[1]
    server.fail()
    os.close(read)
    os.close(write)
    return os.waitstatus_to_exitcode(status)


def kept(bucket: Bucket, key: str) -> tuple[int, bytes]:
    """What is safe of the output: how many bytes are in parts, and what the checkpoint holds behind them."""
    if key in bucket.keys():  # noqa: SIM118 - no dict
        return 0, bucket.get(key)
    if key + ".progress" not in bucket.keys():  # noqa: SIM118 - no dict
        return 0, b""
    head, _, rest = bucket.get(key + ".progress").partition(b"\n")
    told = json.loads(head)
    numbers = {number for number, _ in told["rows"]["parts"]}
    parts: list[Any] = []
    if numbers:
        upload = told["rows"]["upload_id"]
        parts = bucket.s3.list_parts(Bucket=bucket.name, Key=key, UploadId=upload)["Parts"]
    assert b"pw-" not in rest
    return sum(part["Size"] for part in parts if part["PartNumber"] in numbers), rest[: told["rows_tail"]]


def test_killed_after_any_request_it_goes_on_from_what_is_kept(server: Server, bucket: Bucket, load: Load) -> None:
    environment = {"LANECRYPT_PART_MIB": "5", "LANECRYPT_SAVE_SECONDS": "0"}
    event = bucket.put("users.csv", table(ROWS, FILLING))
    moments = held = 0
    while True:
        moments += 1
        bucket.s3.delete_object(Bucket=bucket.name, Key="out/users.csv")
        ended = in_child(server, lambda: load(**environment)(event), moments)
        if ended == 0:
            break
        assert ended == -9
        begin, tail = kept(bucket, "out/users.csv")
        held += bool(begin)
        load(**environment)(event)
        written = bucket.get("out/users.csv")
        assert written[begin : begin + len(tail)] == tail
        check(rows_of(written), ROWS, sample=5)
        assert sorted(bucket.keys()) == ["out/users.csv", "users.csv"]
    assert moments > 10
    assert held > 1


def test_killed_again_and_again_it_comes_to_its_end(server: Server, bucket: Bucket, load: Load) -> None:
    environment = {"LANECRYPT_PART_MIB": "5", "LANECRYPT_SAVE_SECONDS": "0"}
    event = bucket.put("users.csv", table(ROWS, FILLING))
    starts, at = 1, 0
    while in_child(server, lambda: load(**environment)(event), 9) != 0:
        starts += 1
        begin, tail = kept(bucket, "out/users.csv")
        assert begin + len(tail) >= at
        at = begin + len(tail)
        assert starts < 20
    check(rows_of(bucket.get("out/users.csv")), ROWS, sample=50)
    assert starts > 2


@pytest.fixture
def second_chunk(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[Any], None]]:
    """What happens when an invocation's second chunk begins; called with the Cancel that ends it."""
    compute, chunks, happens = lanecrypt.hash_many, dict[int, int](), list[Callable[[Any], None]]()

    def counted(passwords: Any, **options: Any) -> Any:
        cancel = options["cancel"]
        chunks[id(cancel)] = chunks.get(id(cancel), 0) + 1
        if chunks[id(cancel)] == 2:
            chunks.clear()
            happens[0](cancel)
        return compute(passwords, **options)

    monkeypatch.setattr(lanecrypt, "hash_many", counted)
    return happens


def test_out_of_time_it_calls_itself_again(
    server: Server, bucket: Bucket, load: Load, second_chunk: list[Callable[[Any], None]]
) -> None:
    second_chunk.append(lambda cancel: cancel.set())
    handler = load(WORKER_COUNT="1")
    bucket.put("a b.csv", table(200))
    events: list[Any] = [notification(bucket.name, "a%20b.csv")]
    calls = 0
    while events:
        server.fail()
        answer = handler(events.pop(), Context(60_000))
        events = [json.loads(event) for event in server.counts()["invoked"]]
        assert answer["done"] == (not events)
        calls += 1
    assert calls > 2
    check(rows_of(bucket.get("out/a b.csv")), 200)


def test_out_of_time_it_says_so_to_whoever_called(
    bucket: Bucket, load: Load, second_chunk: list[Callable[[Any], None]]
) -> None:
    def until_it_is_over(cancel: Any) -> None:
        end = time.monotonic() + 30
        while not cancel.is_set() and time.monotonic() < end:
            time.sleep(0.01)

    second_chunk.append(until_it_is_over)
    handler = load(WORKER_COUNT="1", LANECRYPT_CONTINUE="raise")
    event = bucket.put("x.ndjson", "".join(f'{{"id": {n}, "password": "pw-{n}"}}\n' for n in range(200)))
    first = handler(event, Context(3000))
    assert first["done"] is False
    assert 0 < first["rows"] < 200
    second_chunk[0] = lambda cancel: cancel.set()
    with pytest.raises(Exception, match="what is done is kept") as caught:
        handler(notification(bucket.name, "x.ndjson"), Context(60_000))
    assert type(caught.value).__name__ == "NotDone"
    second_chunk[0] = lambda _: None
    last = handler(event)
    assert (last["done"], last["rows"]) == (True, 200)
    found = [json.loads(line) for line in bucket.get("out/x.ndjson").splitlines()]
    assert [row["id"] for row in found] == list(range(200))


def test_of_two_at_one_object_the_later_goes_on(bucket: Bucket, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    event = bucket.put("x.csv", table(2000, "x" * 100))
    compute, waits, goes_on = lanecrypt.hash_many, threading.Event(), threading.Event()
    calls: list[int] = []

    def slow(passwords: Any, **options: Any) -> Any:
        calls.append(len(passwords))
        if len(calls) == 2:
            waits.set()
            assert goes_on.wait(30)
        return compute(passwords, **options)

    monkeypatch.setattr(lanecrypt, "hash_many", slow)
    handler, other = load(LANECRYPT_SAVE_SECONDS="0"), load(LANECRYPT_SAVE_SECONDS="0")
    raised: list[BaseException] = []

    def first() -> None:
        try:
            handler(event)
        except lanecrypt.Error as error:
            raised.append(error)

    thread = threading.Thread(target=first)
    thread.start()
    assert waits.wait(30)
    assert other(event)["done"]
    written = bucket.get("out/x.csv")
    goes_on.set()
    thread.join(30)
    assert [type(error).__name__ for error in raised] == ["TakenOver"]
    assert bucket.get("out/x.csv") == written
    check(rows_of(written), 2000, sample=50)


def test_a_part_that_comes_late_replaces_none_of_another_run(bucket: Bucket) -> None:
    output = importlib.import_module("lanecrypt.aws._output")
    place = output.Place(bucket.name, "x.csv", "text/csv", 5 << 20, 900.0)
    early = output.Output(bucket.s3, place, "signature")
    early.write([b"a" * (5 << 20)], output.Mark(1, 1), {"rows": 1})
    early.save()
    late = output.Output(bucket.s3, place, "signature")
    late.write([b"b" * (5 << 20)], output.Mark(2, 2), {"rows": 2})
    late.save()
    early.write([b"c" * (5 << 20)], output.Mark(2, 2), {"rows": 2})
    with pytest.raises(lanecrypt.Error) as caught:
        early.save()
    assert caught.value.code == "taken_over"
    late.finish()
    assert bucket.get("x.csv") == b"a" * (5 << 20) + b"b" * (5 << 20)


def test_other_settings_begin_anew(server: Server, bucket: Bucket, load: Load) -> None:
    event = bucket.put("users.csv", table(ROWS, FILLING))
    environment = {"LANECRYPT_PART_MIB": "5", "LANECRYPT_SAVE_SECONDS": "0"}
    assert in_child(server, lambda: load(**environment)(event), 12) == -9
    assert kept(bucket, "out/users.csv")[0] > 0
    load(LANECRYPT_COST="5", **environment)(event)
    rows = rows_of(bucket.get("out/users.csv"))
    assert len(rows) == ROWS
    assert {row["hash"][:7] for row in rows} == {"$2b$05$"}
    assert not bucket.uploads()


def test_memory_is_bounded(bucket: Bucket, server: Server, name: str) -> None:
    """By what objects.py says, with an object that is larger."""
    bound = (32 + 4 * 5) << 20
    bucket.put("small.csv", table(2000))
    bucket.put("large.csv", table(2400, "x" * 26_000))
    program = (
        "import sys, lanecrypt.aws.objects as objects\n"
        "def peak():\n"
        "    lines = open('/proc/self/status').read().splitlines()\n"
        "    return 1024 * int(next(line.split()[1] for line in lines if line.startswith('VmHWM')))\n"
        "objects.handler({'bucket': sys.argv[1], 'key': 'small.csv'})\n"
        "before = peak()\n"
        "objects.handler({'bucket': sys.argv[1], 'key': 'large.csv'})\n"
        "print(peak() - before)\n"
    )
    settings = {"LANECRYPT_OUTPUT_BUCKET": name, "LANECRYPT_OUTPUT_PREFIX": "out/", "LANECRYPT_COST": "4"}
    environment = {**os.environ, **settings, "LANECRYPT_PART_MIB": "5", "PYTHONPATH": packages()}
    run = subprocess.run([sys.executable, "-c", program, name], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert server.counts()["UploadPart"] >= 8
    assert int(run.stdout) < bound < 2400 * 26_000


def test_records_killed_while_they_are_delivered_come_again(server: Server, handler_of: Load, name: str) -> None:
    make_table(name)
    url = make_queue(name + ".fifo")
    event = {
        "Records": [sqs(number, group=f"g{number % 2}") for number in range(9)] + [sqs(9, request([1, 2, 3]), "g0")]
    }

    def run() -> Any:
        environment = {"LANECRYPT_DESTINATION_QUEUE": url, "LANECRYPT_DESTINATION_TABLE": name}
        return handler_of("records", LANECRYPT_DELIVERY_REQUESTS="2", **environment)(event)

    for after in (1, 4, 11, 13, 15):
        assert in_child(server, run, after) == -9
    before = rows_of_table(name)
    assert failures(run()) == []
    rows = rows_of_table(name)
    assert len(rows) == 12
    assert all(rows[key] == row for key, row in before.items())
    messages = server.messages(name + ".fifo")
    assert len(messages) == 10
    for message in messages:
        result = json.loads(message["body"])
        if "op" not in result["answer"]:
            assert rows[result["record"]]["hash"] == result["answer"]["hash"]
