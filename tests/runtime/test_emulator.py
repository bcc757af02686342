"""The bootstrap behind AWS's Runtime Interface Emulator: every example event, and the sample's contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest
from emulator import Emulator, EmulatorError
from example_events import EVENTS, Event, all_events, difference, unexpected

SAMPLE_FIELDS = [
    "processed",
    "duration_ms",
    "mode",
    "workers",
    "detected_cpus",
    "avg_ms_per_item",
    "memory_used_kb",
    "threads_used",
]


@pytest.fixture(scope="module")
def emulator(bootstrap: Path) -> Iterator[Emulator]:
    with Emulator(bootstrap) as running:
        yield running


def invoke(emulator: Emulator, event: Any) -> Any:
    status, body = emulator.invoke(json.dumps(event).encode())
    assert status == 200
    return json.loads(body)


@pytest.mark.parametrize("event", list(all_events()), ids=lambda event: event.name)
def test_example_event(emulator: Emulator, event: Event) -> None:
    assert event.expected is not None, "an event without a file in expected/"
    status, body = emulator.invoke(event.body)
    assert status == 200
    answer = json.loads(body)
    assert unexpected(event, answer) is None
    items = answer.get("items", []) if isinstance(answer, dict) else []
    for asked, item in zip(items_of(event), items, strict=False):
        if "hash" in item and "password" in asked:
            assert bcrypt.checkpw(asked["password"].encode()[:72], item["hash"].encode())


def items_of(event: Event) -> list[Any]:
    request = {} if event.must_fail else json.loads(event.body)
    return request.get("items", []) if isinstance(request, dict) else []


def test_every_expectation_has_its_event() -> None:
    names = {event.name for event in all_events()}
    assert {path.stem for path in (EVENTS / "expected").glob("*.json")} == names
    assert sum(name.startswith("error-") for name in names) >= 30


def test_ten_thousand_records_one_of_them_poison(emulator: Emulator) -> None:
    bodies = ['{"op":"hash","items":[]}'] * 10_000
    bodies[4_711] = "[" * 100
    bodies[9_999] = '{"id":"last","password":"a","cost":4}'
    record = {"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:passwords"}
    answer = invoke(emulator, [{"messageId": f"m-{at}", "body": body, **record} for at, body in enumerate(bodies)])
    assert [result["record"] for result in answer] == [f"m-{at}" for at in range(10_000)]
    assert [at for at, result in enumerate(answer) if "error" in result] == [4_711]
    assert answer[4_711]["error"]["message"] == "the record nests deeper than 16 levels"
    assert bcrypt.checkpw(b"a", answer[9_999]["hash"].encode())
    assert answer[9_999]["id"] == "last"


def test_an_expectation_can_fail() -> None:
    """The comparison that the tests above rest on."""
    assert difference("x|y", "x") is None
    assert difference("x|y", "y") is None
    assert difference({"a": [1, {"b": "x*"}]}, {"a": [1, {"b": "xyz", "c": 2}], "d": 3}) is None
    for expected, answer in (
        ({"a": 1}, {}),
        ([1], [1, 2]),
        ("x*", "y"),
        ("x|y", "z"),
        ("x|y", "x|y"),
        (1, True),
        (1, 1.0),
        ({}, []),
        (None, 0),
    ):
        assert difference(expected, answer) is not None


@pytest.mark.parametrize(("mode", "resolved"), [("parallel", "parallel"), ("sequential", "sequential"), ("auto", None)])
def test_the_samples_contract(emulator: Emulator, mode: str, resolved: str | None) -> None:
    answer = invoke(emulator, {"count": 4, "mode": mode})
    assert list(answer) == SAMPLE_FIELDS
    assert answer["processed"] == 4
    assert isinstance(answer["avg_ms_per_item"], float)
    for name in ("duration_ms", "workers", "detected_cpus", "memory_used_kb", "threads_used"):
        assert type(answer[name]) is int, name
    assert abs(answer["avg_ms_per_item"] * 4 - answer["duration_ms"]) <= 1.01
    auto = "parallel" if answer["workers"] > 1 else "sequential"
    assert answer["mode"] == (resolved or auto)
    if mode == "sequential":
        assert answer["workers"] == answer["threads_used"] == 1


@pytest.mark.parametrize(
    ("text", "workers"), [("1", 1), ("3", 3), ("+3", 3), ("6", 6), ("0", 1), ("many", None), ("2.5", None)]
)
def test_worker_count(bootstrap: Path, text: str, workers: int | None) -> None:
    with Emulator(bootstrap, {"WORKER_COUNT": text}) as running:
        answer = invoke(running, {"count": 1, "mode": "parallel"})
        if workers is None:  # the thread budget, which the function's memory may hold below the processors
            assert 1 <= answer["workers"] <= answer["detected_cpus"]
        else:
            assert answer["workers"] == workers
        assert invoke(running, {"count": 1, "mode": "auto"})["mode"] == (
            "parallel" if answer["workers"] > 1 else "sequential"
        )


def test_new_hashes_differ_and_verify(emulator: Emulator) -> None:
    made = invoke(emulator, {"op": "hash", "cost": 5, "items": [{"id": i, "password": "same"} for i in range(40)]})
    hashes = [item["hash"] for item in made["items"]]
    assert len(set(hashes)) == 40
    assert all(bcrypt.checkpw(b"same", each.encode()) for each in hashes)
    asked = [{"id": i, "password": "same" if i % 3 else "other", "hash": each} for i, each in enumerate(hashes)]
    told = invoke(emulator, {"op": "verify", "items": asked})
    assert [item["match"] for item in told["items"]] == [i % 3 != 0 for i in range(40)]


def test_unknown_users_cost_a_hash(emulator: Emulator) -> None:
    """Not a matter of milliseconds: the log counts the computations."""
    told = invoke(emulator, {"op": "verify", "cost": 4, "items": [{"password": "a", "hash": None}] * 3})
    assert [item["match"] for item in told["items"]] == [False] * 3
    while (line := emulator.log_line()) is not None:  # those of earlier events may still be there
        if line["op"] == "verify" and line["items"] == 3:
            break
    assert line is not None
    assert line["hashes"] == 3


@pytest.mark.parametrize(
    ("env", "good", "bad"),
    [
        ({}, True, True),
        ({"AWS_LAMBDA_LOG_LEVEL": "warn"}, False, True),
        ({"AWS_LAMBDA_LOG_LEVEL": "FATAL"}, False, False),
        ({"AWS_LAMBDA_LOG_FORMAT": "Text"}, False, False),
    ],
)
def test_the_log_line_of_an_invocation(bootstrap: Path, env: dict[str, str], good: bool, bad: bool) -> None:
    with Emulator(bootstrap, env) as running:
        assert running.invoke(b'{"op":"verify"}')[0] == 200
        line = running.log_line()
        assert (line is not None and line["op"] == "verify") == good
        running.invoke(b'{"op":"hash","cost":99}')
        line = running.log_line(failed=True)
        assert (line is not None and line["level"] == "ERROR" and line["op"] == "hash") == bad


def test_the_environment_of_the_shell_is_not_the_functions(bootstrap: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANECRYPT_MAX_COST", "none")
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", "FATAL")
    monkeypatch.setenv("WORKER_COUNT", "1")
    with Emulator(bootstrap, {"WORKER_COUNT": "2"}) as running:
        assert invoke(running, {"count": 1, "mode": "auto"})["workers"] == 2
        assert running.log_line() is not None


def test_an_answer_that_does_not_come_is_told(bootstrap: Path) -> None:
    with Emulator(bootstrap) as running:
        running._client.timeout = httpx.Timeout(0.2)
        with pytest.raises(EmulatorError, match="no answer within"):
            running.invoke(b'{"op":"hash","cost":14,"items":[{"password":"a"},{"password":"a"},{"password":"a"}]}')


def test_ids_are_echoed_as_they_were_written(emulator: Emulator) -> None:
    for text in ("1.50", "12345678901234567890123456789", "1e3", "-0", '{"b":1,"a":[2.0]}', "null"):
        event = f'{{"op":"hash","cost":4,"items":[{{"id":{text},"password":"a"}}]}}'
        assert f'"items":[{{"id":{text},"hash"'.encode() in emulator.invoke(event.encode())[1]
