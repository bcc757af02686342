"""The ordinary Python handler of examples/lambda_python behind AWS's runtime client, beside the bootstrap.

It answers less than liblambda does; what it answers must be the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from emulator import Emulator
from example_events import Event, all_events
from python_function import PythonFunction

from .test_crowbar_events import difference

ROOT = Path(__file__).resolve().parents[3]
UNDERSTOOD = {
    "hash",
    "hash-default-cost",
    "hash-no-items",
    "verify",
    "verify-unknown-user",
    "error-not-an-object",
    "error-items-not-array",
    "error-unknown-op",
    "error-cost-too-low",
    "error-cost-too-high",
    "error-cost-text",
    "error-cost-float",
}
EVENTS = [event for event in all_events() if event.name in UNDERSTOOD]


@pytest.fixture(scope="module")
def function(build: Path) -> Iterator[PythonFunction]:
    with PythonFunction("handler.handler", [ROOT / "examples" / "lambda_python", build / "python"]) as running:
        yield running


@pytest.fixture(scope="module")
def bootstrap_answers(bootstrap: Path) -> dict[str, Any]:
    with Emulator(bootstrap) as emulator:
        return {event.name: json.loads(emulator.invoke(event.body)[1]) for event in EVENTS}


def test_all_of_its_events_are_there() -> None:
    assert {event.name for event in EVENTS} == UNDERSTOOD


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_event(function: PythonFunction, event: Event, bootstrap_answers: dict[str, Any]) -> None:
    ours, theirs = json.loads(function.invoke(event.body)[1]), bootstrap_answers[event.name]
    if event.must_fail:
        assert ours["errorType"] == theirs["errorType"] == "InvalidRequest"
        return
    common = {key: theirs[key] for key in ("op", "processed", "failed", "items")}
    assert difference(ours, common, json.loads(event.body)) is None


def test_one_bad_item_is_answered_in_its_place(function: PythonFunction) -> None:
    items = [{"id": 1, "password": "a"}, {"id": 2, "password": "x" * 73}, {"password": None}, {"password": 5}]
    answer = json.loads(function.invoke(json.dumps({"op": "hash", "cost": 4, "items": items}).encode())[1])
    assert answer["items"][0]["hash"].startswith("$2b$04$")
    codes = [item["error"]["code"] for item in answer["items"][1:]]
    assert codes == ["password_too_long", "invalid_argument", "invalid_argument"]
    assert (answer["processed"], answer["failed"]) == (4, 3)


def test_no_password_is_in_an_error(function: PythonFunction) -> None:
    event = b'{"op":"hash","cost":4,"items":[{"password":"secret \\ud800"}]}'
    answer = function.invoke(event)[1].decode()
    assert json.loads(answer)["errorType"] == "InvalidRequest"
    assert "secret" not in answer


def test_the_deadline_is_kept(build: Path, tmp_path: Path) -> None:
    # Seconds instead of its 200 ms to answer in: a test's machine may be busy with others.
    (tmp_path / "patient.py").write_text("import handler as of\nof.RESERVE_SECONDS = 3.0\nhandler = of.handler\n")
    items = [{"password": "a"}] * 2000
    body = json.dumps({"op": "hash", "cost": 12, "items": items}).encode()
    environment = {"AWS_LAMBDA_FUNCTION_TIMEOUT": "5"}
    handler = [tmp_path, ROOT / "examples" / "lambda_python", build / "python"]
    with PythonFunction("patient.handler", handler, environment) as running:
        answer = json.loads(running.invoke(body)[1])
    assert answer["failed"] > 0
    assert {item["error"]["code"] for item in answer["items"] if "error" in item} == {"deadline"}
