"""The module liblambda by itself: its input, its exceptions, the deadline, the log, threads, forks, memory.

Each test is a script in a Python of its own, which ends with a traceback where something is not as it should be.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from typing import Any

import bcrypt
import pytest
from emulator import function_environment
from secret_events import memory_of

from .conftest import PRELUDE, ROOT, Crowbar

# ---- input and errors


def test_without_a_context(crowbar: Crowbar) -> None:
    crowbar.passes("hash_is_right(liblambda.handler(good)); hash_is_right(liblambda.handler(good, None))")


def test_passwords_of_every_kind_of_str(crowbar: Crowbar) -> None:
    """Python keeps a str with one, two or four bytes for a letter; bcrypt gets UTF-8."""
    script = """
texts = ["", "plain", "q\\"uo\\\\te\\n\\t\\x01\\x7f", "caf\\xe9", "\\u20ac 5", "\\U0001f40e \\xe9 \\u20ac", "nul\\0nul"]
texts.append("\\x7f\\x80\\u07ff\\u0800\\ud7ff\\uffff\\U00010000\\U0010ffff")  # where UTF-8 gets longer
items = [{"password": text, "id": text} for text in texts]
hashed = liblambda.handler({"op": "hash", "cost": 4, "items": items})["items"]
assert [item["id"] for item in hashed] == texts
print(json.dumps([item["hash"] for item in hashed]))
"""
    ended = crowbar.run(PRELUDE + script)
    assert ended.returncode == 0, ended.stderr
    texts = ["", "plain", 'q"uo\\te\n\t\x01\x7f', "caf\xe9", "\u20ac 5", "\U0001f40e \xe9 \u20ac", "nul\0nul"]
    texts.append("\x7f\x80\u07ff\u0800\ud7ff\uffff\U00010000\U0010ffff")
    for text, made in zip(texts, json.loads(ended.stdout), strict=True):
        assert bcrypt.checkpw(text.encode(), made.encode()), text


def test_ids_come_back_equal(crowbar: Crowbar) -> None:
    crowbar.passes(
        """
ids = [None, True, False, 0, -1, 2**63 - 1, -2**63, 2**63, 2**64, -2**64, 10**30, 1.5, 12.0, -0.0, 1e300, 5e-324, 0.1,
       "", "\\U0001f40e", [], {}, [1, [2.0, {"a": [None]}]], {"k\\xe9y": {"": 1}}]
items = [{"id": each, "password": "a"} for each in ids]
back = [item["id"] for item in liblambda.handler({"op": "hash", "cost": 4, "items": items})["items"]]
for ours, theirs in zip(back, ids):
    assert type(ours) is type(theirs) and repr(ours) == repr(theirs), (ours, theirs)
tuples = {"op": "hash", "cost": 4, "items": ({"id": (1, 2), "password": "a"},)}
assert liblambda.handler(tuples)["items"][0]["id"] == [1, 2]
""",
    )


def test_subclasses_count_by_their_value(crowbar: Crowbar) -> None:
    crowbar.passes(
        """
class Text(str):
    def __str__(self): raise AssertionError
class Number(int):
    __str__ = __repr__ = Text.__str__
class Fields(dict):
    def items(self): raise AssertionError
    __iter__ = keys = __getitem__ = items
event = Fields(op=Text("hash"), cost=Number(4), items=[Fields(id=Number(10**30), password=Text("a"))])
assert liblambda.handler(event)["items"][0]["id"] == 10**30
""",
    )


NO_EVENT = "the event must be a JSON object, or an array of SQS or Kinesis records"


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ('{"op": "hash", "cost": 12.0}', "cost must be an integer"),
        ('{"op": "hash", "cost": 4294967300}', "cost must be an integer"),
        ('{"op": "hash", "cost": True}', "cost must be an integer"),
        ('{"op": "hash", "cost": 2**64}', "cost must be an integer"),
        ('{"op": "hash", "items": [{"password": "\\ud800"}]}', "the event is not valid JSON in UTF-8"),
        ('{"\\udc00": 1}', "the event is not valid JSON in UTF-8"),
        ('{"op": float("nan")}', "the event is not valid JSON in UTF-8"),
        ('{"op": float("-inf")}', "the event is not valid JSON in UTF-8"),
        ("[]", NO_EVENT),
        ("None", NO_EVENT),
        ('b"{}"', "the event must be made of dict"),
        ('{"op": {1}}', "the event must be made of dict"),
        ('{1: "op"}', "the event must be made of dict"),
        ('{"op": 10**5000}', "the event must be made of dict"),
        ('{"op": "a" * (6 << 20)}', "the event is larger than 6 MiB"),
        ('{"op": "a" * (100 << 20)}', "the event is larger than 6 MiB"),
        ('{"op": ["a" * (1 << 20)] * 7}', "the event is larger than 6 MiB"),
        ('{"op": [0] * (4 << 20)}', "the event is larger than 6 MiB"),
        ('json.loads("[" * 17 + "]" * 17)', "the event nests deeper than 16 levels"),
        ('json.loads("[" * 900 + "]" * 900)', "the event nests deeper than 16 levels"),
        ("(lambda loop: loop.append(loop) or loop)([])", "the event nests deeper than 16 levels"),
        ("(lambda loop: loop.extend([loop] * 99) or loop)([])", "the event is larger than 6 MiB"),
    ],
)
def test_refused(crowbar: Crowbar, event: str, message: str) -> None:
    crowbar.passes(f"said = refusal({event})\nassert said.startswith({message!r}), said\n")


def test_sixteen_levels_are_taken(crowbar: Crowbar) -> None:
    """The event, items and the item are three."""
    crowbar.passes(
        """
deep = json.loads("[" * 13 + "]" * 13)
assert liblambda.handler({"op": "hash", "cost": 4, "items": [{"id": deep, "password": "a"}]})["items"][0]["id"] == deep
assert "deeper" in refusal({"op": "hash", "items": [{"id": [deep], "password": "a"}]})
""",
    )


def test_the_class_of_an_error_has_the_name_of_its_type(crowbar: Crowbar) -> None:
    handler = (ROOT / "runtime" / "handler.cpp").read_text()
    answers = handler[handler.index("HandlerResult answer_or_error") : handler.index("forced_engine_error")]
    types = set(re.findall(r'HandlerError\{"\w+", "(\w+)"', answers))
    assert "InvalidRequest" in types
    crowbar.passes(
        f"""
for name in {sorted(types)}:
    kind = getattr(liblambda, name)
    assert kind.__name__ == name and kind.__module__ == "liblambda"
    assert issubclass(kind, liblambda.Error) and issubclass(liblambda.Error, Exception)
try:
    liblambda.handler({{}})
except Exception as error:
    assert type(error) is liblambda.InvalidRequest and len(error.args) == 1
""",
    )


def test_an_error_that_needs_too_much_memory_has_its_own_class(crowbar: Crowbar) -> None:
    crowbar.passes(
        """
try:
    liblambda.handler({"op": "hash", "items": [0] * 2_900_000})
except liblambda.OutOfMemory as error:
    assert "more memory" in str(error)
else:
    raise AssertionError
hash_is_right(liblambda.handler(good))
""",
    )


# ---- context


@pytest.mark.parametrize(
    ("remaining", "code"),
    [
        ("lambda self: 0", "deadline"),
        ("lambda self: -5", "deadline"),
        ("lambda self: 150.5", "deadline"),  # within the reserve
        ("lambda self: 60_000", "done"),
        ("lambda self: 60_000.0", "done"),
        ("lambda self: 10**400", "done"),
        ("lambda self: float('nan')", "done"),
        ("lambda self: float('inf')", "done"),
        ("lambda self: None", "done"),
        ("lambda self: 'soon'", "done"),
        ("lambda self: object()", "done"),
        ("17", "done"),
    ],
)
def test_deadlines(crowbar: Crowbar, remaining: str, code: str) -> None:
    crowbar.passes(
        f"""
Context = type("Context", (), {{"get_remaining_time_in_millis": {remaining}}})
(item,) = liblambda.handler(good, Context())["items"]
assert item.get("error", {{"code": "done"}})["code"] == {code!r}, item
""",
    )


def test_the_deadline_ends_a_batch_under_way(crowbar: Crowbar) -> None:
    crowbar.passes(
        """
from local_context import LocalContext
slow = {"op": "hash", "cost": 9, "mode": "sequential", "items": [{"id": i, "password": "a"} for i in range(8000)]}
for seconds in (1.5, 6, 24):  # a slow machine finishes the first items with a later deadline
    begin = time.monotonic()
    answer = liblambda.handler(slow, LocalContext(int(seconds * 1000)))
    codes = [item.get("error", {"code": "done"})["code"] for item in answer["items"]]
    if "done" in codes:
        break
assert set(codes) == {"done", "deadline"} and answer["failed"] == codes.count("deadline")
assert time.monotonic() - begin < seconds
""",
        {"PYTHONPATH": f"{crowbar.folder}:{ROOT / 'runtime' / 'local'}"},
    )


def test_an_exception_of_the_context_is_not_hidden(crowbar: Crowbar) -> None:
    crowbar.passes(
        """
class Context:
    def get_remaining_time_in_millis(self): raise ZeroDivisionError
try:
    liblambda.handler(good, Context())
except ZeroDivisionError:
    sys.exit(0)
raise AssertionError
""",
    )


# ---- log


def log_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_one_line_per_invocation(crowbar: Crowbar) -> None:
    script = """
from types import SimpleNamespace
for request_id in ("id-1", "id-\\u20ac\\n", "\\ud800", 17):
    liblambda.handler(good, SimpleNamespace(aws_request_id=request_id))
os.environ["_X_AMZN_TRACE_ID"] = "Root=2"
liblambda.handler(good)
del os.environ["_X_AMZN_TRACE_ID"]
refusal({"op": "hash", "cost": 3})
refusal({"op": {1}})
"""
    lines = log_lines(crowbar.passes(script, {"_X_AMZN_TRACE_ID": "Root=1"}))
    assert [line.get("requestId") for line in lines] == ["id-1", "id-\u20ac\n", None, None, None, None, None]
    assert [line.get("trace_id") for line in lines] == ["Root=1"] * 4 + ["Root=2", None, None]
    assert [line["level"] for line in lines] == ["INFO"] * 5 + ["ERROR"] * 2
    assert [line["op"] for line in lines] == ["hash"] * 6 + ["none"]
    assert [line.get("error_type") for line in lines] == [None] * 5 + ["InvalidRequest"] * 2
    assert lines[0]["hashes"] == 1


@pytest.mark.parametrize(
    ("env", "beginning"),
    [
        ({"AWS_LAMBDA_LOG_FORMAT": "Text"}, r'[-0-9T:.]+Z INFO message="invocation" source="plain" op="hash" items=1'),
        ({"AWS_LAMBDA_LOG_FORMAT": "JSON"}, r'\{"timestamp":'),
        ({"AWS_LAMBDA_LOG_LEVEL": "WARN"}, r"$"),
    ],
)
def test_format_and_level_of_the_log(crowbar: Crowbar, env: dict[str, str], beginning: str) -> None:
    assert re.match(beginning, crowbar.passes("liblambda.handler(good)", env))


# ---- threads, forks, memory


def test_other_threads_run_meanwhile(crowbar: Crowbar) -> None:
    crowbar.passes(
        """
ticks = []
def tick():
    while not done.wait(0.005):
        ticks.append(None)
done = threading.Event()
thread = threading.Thread(target=tick)
thread.start()
before = len(ticks)
liblambda.handler({"op": "hash", "cost": 11, "items": [{"password": "a"}] * 8, "mode": "sequential"})
during = len(ticks) - before
done.set()
thread.join()
assert during >= 5, during
""",
    )


def test_invocations_in_several_threads(crowbar: Crowbar) -> None:
    crowbar.passes(
        """
def work(number):
    for turn in range(20):
        name = f"{number}-{turn}"
        made = liblambda.handler({"op": "hash", "cost": 4, "items": [{"id": name, "password": name}] * 5})
        assert [item["id"] for item in made["items"]] == [name] * 5
        asked = [{"id": name, "password": name, "hash": item["hash"]} for item in made["items"]]
        assert all(item["match"] for item in liblambda.handler({"op": "verify", "items": asked})["items"])
        done.append(None)
done = []
threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(done) == 120
""",
    )


def test_a_fork_after_an_invocation(crowbar: Crowbar) -> None:
    crowbar.passes(
        """
many = {"op": "hash", "mode": "parallel", "items": good["items"] * 64}
def right():
    answer = liblambda.handler(many)
    return all(item["hash"] == known for item in answer["items"])
assert right()
for _ in range(3):
    child = os.fork()
    if child == 0:
        os._exit(0 if right() and right() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert right()
""",
        {"WORKER_COUNT": "4"},
    )


def test_no_password_stays_in_the_modules_memory(crowbar: Crowbar) -> None:
    """Python's own str cannot be wiped; so the password is one that the module writes with other bytes than Python."""
    quoted, euros = 'correct"horse"battery"staple', "\u20ac9 correct horse \u20ac7"
    needles = {"JSON text": quoted.replace('"', '\\"').encode(), "UTF-8": euros.encode()}
    script = f"""
import liblambda, sys
quoted = "".join(map(chr, {[ord(letter) for letter in quoted]}))
euros = "".join(map(chr, {[ord(letter) for letter in euros]}))
items = [{{"password": quoted}}, {{"password": euros}}] * 2
event = {{"op": "hash", "cost": 12, "mode": "sequential", "items": items}}
while sys.stdin.readline():
    print("begun", flush=True)
    liblambda.handler(event)
    print("answered", flush=True)
"""
    process = subprocess.Popen(
        [crowbar.python, "-c", script],
        env=function_environment({"PYTHONPATH": str(crowbar.folder)}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        seen: set[str] = set()
        end = time.monotonic() + 60
        while len(seen) < len(needles) and time.monotonic() < end:
            process.stdin.write("go\n")
            process.stdin.flush()
            assert process.stdout.readline() == "begun\n"
            time.sleep(0.1)  # into the batch, which takes half a second and more
            seen |= held(process.pid, needles)
            assert process.stdout.readline() == "answered\n"
        assert seen == set(needles), "the scan does not find what is there"
        assert held(process.pid, needles) == set()
        process.stdin.close()


def held(pid: int, needles: dict[str, bytes]) -> set[str]:
    try:
        memory = memory_of(pid)
    except PermissionError:
        pytest.skip("another process's memory cannot be read here")
    return {name for name, needle in needles.items() if needle in memory}
