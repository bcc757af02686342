"""atheris target: liblambda.handler with a tree of Python objects that no JSON parser need have made.

An event is answered or refused by one of the module's own exceptions, whatever it is made of; a plain request's items
come back in their places with their ids as they were.
"""

# ruff: noqa: PT017  (no test of pytest's)
from __future__ import annotations

import math
import sys
from typing import Any

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]
import liblambda
from objects import Event

REFUSALS = (liblambda.InvalidRequest, liblambda.NoDestination, liblambda.Unfinished)


def comes_back(value: Any) -> bool:
    """Is it one of the values of which the answer's JSON gives an equal one?"""
    if isinstance(value, dict):
        return all(isinstance(key, str) and comes_back(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(comes_back, value))
    return value is None or isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value))


def as_json(value: Any) -> Any:
    """What is left of a value behind JSON: tuples are lists."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, (list, tuple)) else value


def check_items(event: dict[str, Any], answer: dict[str, Any]) -> None:
    asked = event.get("items", [])
    assert answer["processed"] == len(asked) == len(answer["items"]), "as many items as were asked for"
    for item, ended in zip(asked, answer["items"], strict=True):
        assert ("hash" in ended) + ("match" in ended) + ("error" in ended) == 1, "an item has one outcome"
        given = isinstance(item, dict) and "id" in item
        assert given == ("id" in ended), "an id is echoed where there is one"
        if given and comes_back(item["id"]):
            assert ended["id"] == as_json(item["id"]), "an id comes back as it was"


def one_input(data: bytes) -> None:
    event = Event(atheris.FuzzedDataProvider(data)).tree()
    try:
        answer = liblambda.handler(event, None)
    except REFUSALS as refusal:
        assert str(refusal).isascii(), "no word of the event is in an error"
        return
    assert isinstance(answer, (dict, list)), "an answer is what JSON gives"
    if isinstance(event, dict) and isinstance(answer, dict) and "items" in answer and "op" in event:
        check_items(event, answer)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
