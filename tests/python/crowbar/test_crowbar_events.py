"""Python handlers behind AWS's runtime client and emulator: each example event is answered as the bootstrap answers it.

A handler that is to be tested like this is one more row of HANDLERS.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from emulator import Emulator
from example_events import Event, all_events, unexpected
from python_function import PythonFunction
from secret_events import SECRET, secret_events

from .conftest import Crowbar


@dataclass(frozen=True)
class Handler:
    name: str  # as awslambdaric takes it
    path: Callable[[Path, Crowbar], list[Path]]  # the folders on PYTHONPATH, of the build and the unpacked zip


HANDLERS = [Handler("liblambda.handler", lambda _build, crowbar: [crowbar.folder])]

# What the runtime client's JSON parser does before a handler is called.
REFUSED_BEFORE = {"error-not-json", "error-after-json", "error-invalid-utf8"}
# It keeps the last of two equal keys, and it drops the spaces that make this event too large.
TAKEN = {"error-duplicate-key", "error-too-large"}
# What differs from run to run. threads_used does, because one thread may have taken all groups before another woke.
MEASURED = {"duration_ms": int, "avg_ms_per_item": float, "memory_used_kb": int, "threads_used": int}
EVENTS = list(all_events())


@pytest.fixture(scope="module")
def bootstrap_answers(bootstrap: Path) -> dict[str, Any]:
    with Emulator(bootstrap) as emulator:
        return {event.name: json.loads(emulator.invoke(event.body)[1]) for event in EVENTS}


@pytest.fixture(scope="module", params=HANDLERS, ids=lambda handler: handler.name)
def function(request: pytest.FixtureRequest, build: Path, crowbar: Crowbar) -> Iterator[PythonFunction]:
    with PythonFunction(request.param.name, request.param.path(build, crowbar)) as running:
        yield running


@pytest.fixture(scope="module")
def lambda_function(lambda_crowbar: Crowbar) -> Iterator[PythonFunction]:
    with PythonFunction("liblambda.handler", [lambda_crowbar.folder], python=lambda_crowbar.python) as running:
        yield running


def password_of(item: Any) -> bytes:
    """bcrypt's own limit, for the events that ask for truncation."""
    plain: str | None = item.get("password")
    return (base64.b64decode(item["password_base64"]) if plain is None else plain.encode())[:72]


def same_hash(ours: str, theirs: str, asked: Any) -> bool:
    """Of a given setting the very same; of new salts the same variant and cost, and both the password's."""
    if ours == theirs:
        return True
    return "setting" not in asked and ours[:7] == theirs[:7] and bcrypt.checkpw(password_of(asked), ours.encode())


def asked_items(asked: Any, where: str) -> list[Any]:
    """What the answers of a list were asked by: a request's items, wherever it stands, or a Pipe's records."""
    if where == "answer" and isinstance(asked, list):
        return [record_of(each) for each in asked]
    if where != "answer.items" or not isinstance(asked, dict):
        return []
    if "requestContext" in asked:
        body = asked["body"]
        asked = json.loads(base64.b64decode(body) if asked["isBase64Encoded"] else body)
    items: list[Any] = asked.get("Items", asked.get("items", []))
    return items


def record_of(record: dict[str, Any]) -> Any:
    text = record.get("body") or base64.b64decode(record["data"])
    try:
        return json.loads(text)
    except ValueError:
        return None


def difference(ours: Any, theirs: Any, asked: Any, where: str = "answer") -> str | None:
    """The first difference between two answers to the same event, or None."""
    name = where.rpartition(".")[2]
    if name in MEASURED:
        kinds = {type(ours), type(theirs), MEASURED[name]}
        return None if len(kinds) == 1 and 0 <= ours < math.inf else f"{where} is {ours!r} and not like {theirs!r}"
    if type(ours) is not type(theirs):
        return f"{where} is {ours!r} and not {theirs!r}"
    if name in ("hash", "new_hash") and isinstance(ours, str):
        return None if same_hash(ours, theirs, asked) else f"{where} is {ours!r} and not like {theirs!r}"
    if where == "answer.body" and ours.startswith("{"):
        return difference(json.loads(ours), json.loads(theirs), asked)
    if isinstance(ours, dict):
        if list(ours) != list(theirs):
            return f"{where} has {list(ours)} and not {list(theirs)}"
        return first(difference(ours[key], theirs[key], asked, f"{where}.{key}") for key in ours)
    if isinstance(ours, list):
        items = asked_items(asked, where) or [asked] * len(ours)
        pairs = zip(ours, theirs, items, strict=True)
        return first(difference(a, b, item, f"{where}[{i}]") for i, (a, b, item) in enumerate(pairs))
    return None if ours == theirs else f"{where} is {ours!r} and not {theirs!r}"


def first(differences: Iterator[str | None]) -> str | None:
    return next((each for each in differences if each), None)


def check(function: PythonFunction, event: Event, bootstrap_answers: dict[str, Any]) -> None:
    status, body = function.invoke(event.body)
    assert status == 200
    ours, theirs = json.loads(body), bootstrap_answers[event.name]
    assert unexpected(event, theirs) is None
    if event.name in REFUSED_BEFORE:
        assert ours["errorType"] == "Runtime.UnmarshalError"
    elif event.name in TAKEN:
        assert "errorType" not in ours
    elif event.must_fail:
        assert (ours["errorType"], ours["errorMessage"]) == (theirs["errorType"], theirs["errorMessage"])
    else:
        assert unexpected(event, ours) is None
        assert difference(ours, theirs, json.loads(event.body)) is None


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_event(function: PythonFunction, event: Event, bootstrap_answers: dict[str, Any]) -> None:
    check(function, event, bootstrap_answers)


def test_events_under_lambdas_pythons(lambda_function: PythonFunction, bootstrap_answers: dict[str, Any]) -> None:
    for event in EVENTS:
        check(lambda_function, event, bootstrap_answers)


def test_a_difference_is_found() -> None:
    """The comparison that the tests above rest on."""
    salted = bcrypt.hashpw(b"a", bcrypt.gensalt(4)).decode()
    again = bcrypt.hashpw(b"a", bcrypt.gensalt(4)).decode()
    other = bcrypt.hashpw(b"b", bcrypt.gensalt(4)).decode()
    asked = {"items": [{"password": "a"}]}
    assert difference({"items": [{"hash": salted}]}, {"items": [{"hash": again}]}, asked) is None
    assert difference({"duration_ms": 5, "x": 1}, {"duration_ms": 7, "x": 1}, {}) is None
    for ours, theirs in (
        ({"items": [{"hash": other}]}, {"items": [{"hash": again}]}),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"b": 1, "a": 1}, {"a": 1, "b": 1}),
        ({"duration_ms": 5.0}, {"duration_ms": 7}),
        ({"avg_ms_per_item": -1.0}, {"avg_ms_per_item": 7.0}),
    ):
        assert difference(ours, theirs, asked) is not None


def test_the_log_line_is_the_bootstraps(function: PythonFunction, bootstrap: Path) -> None:
    event = b'{"op":"hash","cost":4,"mode":"sequential","items":[{"password":"a"},{}]}'
    refused = b'{"op":"hash","cost":99}'
    lines: list[dict[str, Any]] = []
    with Emulator(bootstrap) as emulator:
        for running in (emulator, function):
            while running.log_line(timeout=0.2):  # those of earlier tests
                pass
            for body in (event, refused):
                assert running.invoke(body)[0] == 200
                line = running.log_line(failed=True)
                assert line is not None
                lines.append(line)
    for ours, theirs in ((lines[2], lines[0]), (lines[3], lines[1])):
        assert list(ours) == list(theirs)
        own = {"timestamp", "requestId", "duration_ms", "hashes_per_second", "threads", "trace_id"}
        assert {k: v for k, v in ours.items() if k not in own} == {k: v for k, v in theirs.items() if k not in own}
        assert len(ours["requestId"]) == 36


def test_no_secret_reaches_the_log(crowbar: Crowbar) -> None:
    with PythonFunction("liblambda.handler", [crowbar.folder], {"AWS_LAMBDA_LOG_LEVEL": "TRACE"}) as running:
        for body in secret_events():
            answer = json.loads(running.invoke(body)[1])
            if "errorType" in answer:
                assert SECRET not in json.dumps(answer)
        running.invoke(b'{"op":"hash"}')
        while (line := running.log_line(failed=True)) is not None and (line["op"], line["items"]) != ("hash", 0):
            pass
        text = "".join(running.output)
    assert text.count('"error_type":"InvalidRequest"') >= 2
    assert SECRET not in text
    assert "$2b$04$" not in text


def test_a_configuration_that_is_wrong_fails_the_start(crowbar: Crowbar) -> None:
    with PythonFunction("liblambda.handler", [crowbar.folder], {"LANECRYPT_MAX_COST": "32"}) as running:
        answer = json.loads(running.invoke(b"{}")[1])
    assert answer["errorType"] == "InvalidMaxCost"
    assert answer["errorMessage"] == "LANECRYPT_MAX_COST must be an integer from 4 to 31"
