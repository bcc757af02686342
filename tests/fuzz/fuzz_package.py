"""atheris target: the lanecrypt package with items of every kind, Arrow arrays of every layout, settings and options.

What is answered is what the rules say: an item that is no bytes is refused in its place, a setting where Python's own
regular expression does not match it; an Arrow array is answered as the list of its rows is; a bad option is a TypeError
or ValueError.
"""

# ruff: noqa: PT018  (no test of pytest's)
from __future__ import annotations

import re
import sys
from typing import Any

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

with atheris.instrument_imports(include=["lanecrypt"]):
    import lanecrypt
import pyarrow as pa  # type: ignore[import-untyped]
from objects import KNOWN, SETTING, Event, Items

IS_SETTING = re.compile(rb"\$2[abxy]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{22}\Z")
IS_HASH = re.compile(
    rb"\$2[abxy]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]\Z"
)
LAYOUTS = (pa.binary(), pa.large_binary(), pa.binary_view(), pa.string(), pa.large_string(), pa.string_view())
BAD_ARGUMENT = (TypeError, ValueError, lanecrypt.Error)


def text_near(items: Items, known: str) -> bytes:
    """A setting or hash with a few bytes changed, or any bytes."""
    if items.below(4) == 0:
        return items.blob()
    text = bytearray(known, "ascii")
    for _ in range(items.below(3)):
        text[items.below(len(text))] = items.below(256)
    return bytes(text[: len(text) - items.below(2)])


def check_settings(items: Items) -> None:
    settings = [text_near(items, SETTING if items.below(2) else KNOWN) for _ in range(items.below(6))]
    answers: list[Any] = lanecrypt.hash_many(
        [b"pw"] * len(settings), settings=settings, max_cost=31, threads=1, on_error="return"
    )
    for setting, answer in zip(settings, answers, strict=True):
        if IS_SETTING.match(setting) or IS_HASH.match(setting):
            assert IS_HASH.match(answer) and answer[:28] == setting[:28], "a setting is taken"
        else:
            assert isinstance(answer, lanecrypt.ItemError) and answer.code == "invalid_setting", (
                "what is none is refused"
            )


def check_hashes(items: Items) -> None:
    stored = text_near(items, KNOWN)
    info = lanecrypt.identify(stored)
    expected = IS_HASH.match(stored) is not None
    assert (info is not None) == expected, "identify takes hashes"
    [verdict] = lanecrypt.verify_many([b"pw"], [stored], max_cost=31, threads=1, on_error="return")
    assert isinstance(verdict, bool) == expected, "verify takes hashes"
    if info is not None:
        assert info.setting == stored[:29] and info.prefix == stored[1:3] and info.cost == int(stored[4:6]), "its parts"


def check_buffers(items: Items) -> None:
    made = [items.item() for _ in range(items.below(8))]
    setting = SETTING.encode()
    settings = [setting] * len(made)
    passwords = [item for item, _ in made]
    answers = lanecrypt.hash_many(passwords, settings=settings, threads=1, on_error="return")
    for (_, blob), answer in zip(made, answers, strict=True):
        if blob is None:
            assert isinstance(answer, lanecrypt.ItemError) and answer.code == "invalid_argument", "no bytes are refused"
        elif len(blob) > 72:
            assert isinstance(answer, lanecrypt.ItemError) and answer.code == "password_too_long", "so is a long one"
        else:
            assert [answer] == lanecrypt.hash_many([blob], settings=[setting], threads=1), "a buffer is its bytes"


def arrow_column(items: Items) -> tuple[Any, list[Any]]:
    """An array of some layout, sliced as it happens, and its rows."""
    kind = items.below(len(LAYOUTS) + 1)
    rows: list[Any] = [
        None if items.below(6) == 5 else items.blob()[:70].hex()[:72].encode() for _ in range(items.below(9))
    ]
    if kind == len(LAYOUTS):  # all rows of one length
        width = items.below(73)
        rows = [None if row is None else row.ljust(width, b"x")[:width] for row in rows]
        column = pa.array(rows, pa.binary(width))
    else:
        column = pa.array([None if row is None else row.decode() for row in rows], pa.string()).cast(LAYOUTS[kind])
    start = items.below(len(rows) + 1)
    column, rows = column[start:], rows[start:]
    if items.below(3) == 2:
        cut = items.below(len(rows) + 1)
        column = pa.chunked_array([column[:cut], column[cut:]])
    return column, rows


def check_arrow(items: Items) -> None:
    column, rows = arrow_column(items)
    settings = [SETTING.encode()] * len(rows)
    from_arrow = lanecrypt.hash_many(column, settings=settings, threads=1, on_error="return")
    from_list = lanecrypt.hash_many(rows, settings=settings, threads=1, on_error="return")
    for row, one, other in zip(rows, from_arrow, from_list, strict=True):
        assert isinstance(one, lanecrypt.ItemError) == (row is None), "a null is no password"
        assert row is None or one == other, "a row of an array is its bytes"


def check_other_arrow(items: Items) -> None:
    """What is no column of strings or binary, or was handed over before."""
    text = pa.array([items.blob().hex()])
    others = (pa.array([items.below(256)]), text.dictionary_encode(), pa.table({"p": text}), pa.array([{"p": "x"}]))
    kind = items.below(len(others) + 1)
    if kind < len(others):
        try:
            lanecrypt.hash_many(others[kind], threads=1)
        except TypeError:
            return
        raise AssertionError("a column of another type is refused")
    speaker: Any = Speaker("__arrow_c_array__", text.__arrow_c_array__())
    lanecrypt.hash_many(speaker, threads=1, on_error="return")
    try:
        lanecrypt.hash_many(speaker, threads=1)
    except ValueError:
        return
    raise AssertionError("an array is handed over once")


class Speaker:
    """An object that says it speaks Arrow's protocol, and returns anything."""

    def __init__(self, name: str, answer: Any) -> None:
        setattr(self, name, lambda *_: answer)


def check_protocol(items: Items, event: Event) -> None:
    array, schema = pa.array([b"x"]).__arrow_c_array__()[::-1]
    answers = (None, (), (schema,), (array, schema), (schema, schema), (schema, None), [schema, array], event.value(3))
    name = "__arrow_c_array__" if items.below(2) else "__arrow_c_stream__"
    try:
        speaker: Any = Speaker(name, answers[items.below(len(answers))])
        lanecrypt.hash_many(speaker, threads=1)
    except (*BAD_ARGUMENT, IndexError):
        pass


def check_options(event: Event) -> None:
    names = ("rounds", "prefix", "settings", "long_passwords", "max_cost", "threads", "on_error", "cancel", "engine")
    options = {event.pick(names): event.value(3) for _ in range(event.below(3))}
    if isinstance(options.get("threads"), int):
        options["threads"] = 1
    try:
        lanecrypt.hash_many([b"pw"], **options)
        lanecrypt.verify_many([b"pw"], event.value(2), deadline=event.leaf(), threads=1)
    except (*BAD_ARGUMENT, OverflowError):
        pass


def one_input(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    items = Items(provider)
    kind = items.below(6)
    if kind == 0:
        check_settings(items)
    elif kind == 1:
        check_hashes(items)
    elif kind == 2:
        check_buffers(items)
    elif kind == 3:
        check_arrow(items)
        check_other_arrow(items)
    elif kind == 4:
        check_protocol(items, Event(provider))
    else:
        check_options(Event(provider))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
