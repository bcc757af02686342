"""liblambda.record_handler: where results go, what comes back as failed, what a failing deliver does, threads."""

from __future__ import annotations

from .conftest import Crowbar

RECORDS = """
item = json.dumps({"id": "U*U", "password": "U*U", "setting": setting})
arn = "arn:aws:sqs:eu-west-1:123456789012:passwords"
def sqs(name, body=item, arn=arn, group=None):
    attributes = {"MessageGroupId": group} if group else {}
    return {"messageId": name, "body": body, "eventSource": "aws:sqs", "eventSourceARN": arn, "attributes": attributes}
def failed(answer):
    assert list(answer) == ["batchItemFailures"], answer
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]
got = []
"""


def test_results_go_to_deliver(crowbar: Crowbar) -> None:
    log = crowbar.passes(
        RECORDS
        + """
handler = liblambda.record_handler(got.append)
assert failed(handler({"Records": [sqs("a"), sqs("b", "no JSON"), sqs("c", group="g")]}, None)) == ["b"]
answer = {"id": "U*U", "hash": known}
assert got == [[
    {"record": "a", "source": "aws:sqs", "arn": arn, "answer": answer},
    {"record": "c", "source": "aws:sqs", "group": "g", "arn": arn, "answer": answer},
]], got
"""
    )
    assert '"source":"records","op":"hash","items":3,"failed":1,"hashes":2' in log
    assert '"first_failure":"invalid_request"' in log


def test_what_deliver_returns_comes_again(crowbar: Crowbar) -> None:
    crowbar.passes(
        RECORDS
        + """
records = [sqs("a"), sqs("b"), sqs("c")]
for returned, names in ((None, []), ([], []), ([0, 2], ["a", "c"]), ((1,), ["b"]), (iter({1}), ["b"])):
    assert failed(liblambda.record_handler(lambda results: returned)({"Records": records})) == names
fifo = [sqs(name, arn=arn + ".fifo", group=name[0]) for name in ("a1", "b1", "a2", "b2")]
assert failed(liblambda.record_handler(lambda results: [0])({"Records": fifo})) == ["a1", "a2"]
for wrong in ([3], [-1], ["0"], [0.5], [None], 7):
    try:
        liblambda.record_handler(lambda results: wrong)({"Records": records})
    except (IndexError, TypeError):
        continue
    raise AssertionError(wrong)
"""
    )


def test_an_exception_of_deliver_fails_the_invocation(crowbar: Crowbar) -> None:
    log = crowbar.passes(
        RECORDS
        + """
class Throttled(Exception):
    pass
def deliver(results):
    raise Throttled("slow down")
try:
    liblambda.record_handler(deliver)({"Records": [sqs("a")]})
except Throttled as error:
    assert str(error) == "slow down"
else:
    raise AssertionError
"""
    )
    assert '"error_type":"DeliveryFailed"' in log
    assert "slow down" not in log


def test_other_events_are_answered_as_ever(crowbar: Crowbar) -> None:
    crowbar.passes(
        RECORDS
        + """
handler = liblambda.record_handler(got.append)
hash_is_right(handler(good, None))
assert handler([sqs("a")]) == [{"record": "a", "id": "U*U", "hash": known}]
assert got == []
try:
    liblambda.handler({"Records": [sqs("a")]})
except liblambda.NoDestination as error:
    assert str(error).startswith("no_destination: ")
else:
    raise AssertionError
for wrong in (None, 7, "deliver"):
    try:
        liblambda.record_handler(wrong)
    except TypeError:
        continue
    raise AssertionError(wrong)
"""
    )


def test_deliver_may_call_a_handler(crowbar: Crowbar) -> None:
    """On the same thread, whose memory the outer call still needs."""
    crowbar.passes(
        RECORDS
        + """
def deliver(results):
    hash_is_right(liblambda.handler(good))
    inner = liblambda.record_handler(got.append)
    assert failed(inner({"Records": [sqs("x"), sqs("y", "no JSON")]})) == ["y"]
    return [1]
records = [sqs("a"), sqs("b"), sqs("c"), sqs("d", "no JSON")]
assert failed(liblambda.record_handler(deliver)({"Records": records})) == ["b", "d"]
assert [result["record"] for result in got[0]] == ["x"]
"""
    )


def test_threads_deliver_their_own_results(crowbar: Crowbar) -> None:
    crowbar.passes(
        RECORDS
        + """
local = threading.local()
def deliver(results):
    local.names = [each["record"] for each in results]
handler = liblambda.record_handler(deliver)
wrong = []
def work(number):
    for turn in range(20):
        names = [f"{number}-{turn}-{at}" for at in range(3)]
        handler({"Records": [sqs(name) for name in names]})
        if local.names != names:
            wrong.append((names, local.names))
threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not wrong, wrong
"""
    )
