"""Objects of S3 through the handler: rows in, rows out, whatever their number, their format and the network do."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import lanecrypt
import pytest
from data_harness import CANARY, Bucket, Context, Server, check, notification, packages, rows_of, table

Load = Callable[..., Any]


def test_a_hundred_thousand_rows_with_a_network_that_fails(server: Server, bucket: Bucket, load: Load) -> None:
    event = bucket.put("users.csv", table(100_000, "x" * 20))
    refused, lost = {"share": 0.2, "how": "refused"}, {"share": 0.2, "how": "lost"}
    rules = {"HeadObject": refused, "UploadPart": lost, "CreateMultipartUpload": refused, "PutObject": lost}
    server.fail(
        **rules, GetObject={"share": 0.2, "how": "cut"}, CompleteMultipartUpload={"share": 1, "how": "lost", "times": 1}
    )
    answer = load(LANECRYPT_PART_MIB="5", LANECRYPT_SAVE_SECONDS="1")(event)
    counts = server.counts()
    server.fail()
    assert answer == {
        "done": True,
        "rows": 100_000,
        "failed": 0,
        "output": {"bucket": bucket.name, "key": "out/users.csv"},
        "errors": None,
    }
    rows = rows_of(bucket.get("out/users.csv"))
    assert list(rows[0]) == ["id", "note", "hash"]
    check(rows, 100_000)
    assert counts["UploadPart"] >= 2
    assert counts["CompleteMultipartUpload failed"] >= 1
    assert sorted(bucket.keys()) == ["out/users.csv", "users.csv"]
    assert not bucket.uploads()


def test_ndjson_and_gzip_and_failed_rows(bucket: Bucket, load: Load, capfd: pytest.CaptureFixture[str]) -> None:
    lines = [
        {"id": 1, "password": "pw-1"},
        {"id": 2, "password": CANARY + "x" * 72},
        {"id": 3},
        {"id": 4, "password": 12},
        {"id": 5, "password": ""},
        {"id": 6, "password": "pw-6"},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines) + f"{CANARY}\n"
    answer = load()(bucket.put("a b/users.ndjson.gz", gzip.compress(text.encode())))
    assert (answer["rows"], answer["failed"]) == (7, 5)
    assert answer["output"]["key"] == "out/a b/users.ndjson"
    written = bucket.get("out/a b/users.ndjson")
    found = [json.loads(line) for line in written.splitlines()]
    assert [row["id"] for row in found] == [1, 2, 3, 4, 5, 6]
    assert [row["hash"] is not None for row in found] == [True, False, False, False, False, True]
    assert all("password" not in row for row in found)
    failed = bucket.get(answer["errors"]["key"])
    codes = [(line["line"], line["code"]) for line in map(json.loads, failed.splitlines())]
    assert codes == [
        (2, "password_too_long"),
        (3, "null_password"),
        (4, "not_text"),
        (5, "empty_password"),
        (7, "broken_json"),
    ]
    assert CANARY not in "".join(capfd.readouterr()) + written.decode() + failed.decode()


def test_verify_with_upgrades(bucket: Bucket, load: Load) -> None:
    hashes = [each.decode() for each in lanecrypt.hash_many([b"right", b"other"], rounds=4)]
    hostile = hashes[0].replace("$04$", "$31$")
    lines = [("right", hashes[0]), ("wrong", hashes[1]), ("nobody", ""), ("hostile", hostile), ("bad", "$2b$junk")]
    text = "password,stored\n" + "".join(f"{password},{stored}\n" for password, stored in lines)
    environment = {"LANECRYPT_OP": "verify", "LANECRYPT_HASH_COLUMN": "stored", "LANECRYPT_UPGRADE_TO": "5"}
    answer = load(**environment)(bucket.put("logins.csv", text))
    found = rows_of(bucket.get("out/logins.csv"))
    assert [row["match"] for row in found] == ["true", "false", "false", "", ""]
    assert found[0]["new_hash"].startswith("$2b$05$")
    assert [json.loads(line)["code"] for line in bucket.get(answer["errors"]["key"]).splitlines()] == [
        "cost_too_high",
        "invalid_hash",
    ]


@pytest.mark.parametrize(
    ("key", "body", "says"),
    [
        ("empty.csv", b"", "is empty: there is no header"),
        (
            "none.csv",
            b"id,secret\n1,x\n",
            "has no column 'password' among its 2; is its first line a header? (LANECRYPT",
        ),
        ("none.ndjson", b'{"id": 1}\n', "has no column 'password'; its columns are: id"),
        (
            "there.csv",
            b"password,hash\nx,y\n",
            "already has a column 'hash'; choose another name for the new one with LAN",
        ),
        ("wide.csv", "id,password\n1,x\n".encode("utf-16"), "is UTF-16"),
        ("users.parquet", b"PAR1", "LANECRYPT_FORMAT says which"),
        (
            "cut.csv.gz",
            gzip.compress(b"id,password\n" + b"1,x\n" * 99, mtime=0)[:-9],
            "gzip data is damaged or ends too early",
        ),
    ],
)
def test_objects_that_cannot_be_used(bucket: Bucket, load: Load, key: str, body: bytes, says: str) -> None:
    handler = load()
    with pytest.raises(lanecrypt.Error) as caught:
        handler(bucket.put(key, body))
    assert caught.value.code == "unusable_input"
    assert says in str(caught.value)
    assert bucket.keys() == [key]


def test_rows_that_cannot_be_cut_or_read_keep_the_rest(bucket: Bucket, load: Load) -> None:
    body = b"id,password\n0,pw-0\n1\n2,a,b\n3,\xff\xfe\n4,pw-4\n"
    answer = load()(bucket.put("x.csv", body))
    rows = rows_of(bucket.get("out/x.csv"))
    assert [(row["id"], bool(row["hash"])) for row in rows] == [("0", True), ("3", False), ("4", True)]
    failed = [json.loads(line) for line in bucket.get(answer["errors"]["key"]).splitlines()]
    assert [(line["line"], line["code"]) for line in failed] == [
        (3, "too_few_fields"),
        (4, "too_many_fields"),
        (5, "invalid_encoding"),
    ]


def test_an_empty_table_has_an_output_too(bucket: Bucket, load: Load) -> None:
    handler = load()
    assert handler(bucket.put("none.csv", "id,password\n"))["rows"] == 0
    assert bucket.get("out/none.csv") == b"id,hash\n"
    assert handler(bucket.put("none.ndjson", ""))["rows"] == 0
    assert bucket.get("out/none.ndjson") == b""


def test_a_notification_that_comes_twice_is_computed_once(bucket: Bucket, load: Load) -> None:
    handler = load()
    bucket.put("a+b c.csv", table(3))
    event = notification(bucket.name, "a%2Bb+c.csv")
    assert handler(event)["objects"][0]["rows"] == 3
    first = bucket.get("out/a+b c.csv")
    assert handler(event)["objects"] == [
        {"done": True, "already": True, "output": {"bucket": bucket.name, "key": "out/a+b c.csv"}}
    ]
    assert bucket.get("out/a+b c.csv") == first
    bucket.put("a+b c.csv", table(4))
    assert handler(event)["objects"][0]["rows"] == 4


def test_outputs_are_no_inputs(bucket: Bucket, load: Load) -> None:
    bucket.put("out/x.csv", table(1))
    assert load()(notification(bucket.name, "out/x.csv"))["objects"] == [
        {"done": True, "skipped": "it is an output itself"}
    ]
    with pytest.raises(lanecrypt.Error) as caught:
        load(LANECRYPT_OUTPUT_PREFIX="")(bucket.put("x.csv", table(1)))
    assert caught.value.code == "would_replace_input"


def test_an_input_that_is_replaced_is_refused(bucket: Bucket, load: Load) -> None:
    handler = load()
    old = bucket.s3.put_object(Bucket=bucket.name, Key="x.csv", Body=table(2))["ETag"].strip('"')
    bucket.put("x.csv", table(3))
    with pytest.raises(lanecrypt.Error) as caught:
        handler(notification(bucket.name, "x.csv", old))
    assert caught.value.code == "input_changed"
    with pytest.raises(lanecrypt.Error) as caught:
        handler({"bucket": bucket.name, "key": "gone.csv"})
    assert caught.value.code == "input_missing"
    assert bucket.keys() == ["x.csv"]


def test_an_input_that_is_replaced_while_it_is_read_leaves_nothing(
    bucket: Bucket, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = load(LANECRYPT_SAVE_SECONDS="0")
    event = bucket.put("x.csv", table(4000, "x" * 5000))
    compute = lanecrypt.hash_many

    def replace_first(passwords: Any, **options: Any) -> Any:
        bucket.put("x.csv", table(1))
        return compute(passwords, **options)

    monkeypatch.setattr(lanecrypt, "hash_many", replace_first)
    with pytest.raises(lanecrypt.Error) as caught:
        handler(event)
    assert caught.value.code == "input_changed"
    assert bucket.keys() == ["x.csv"]
    assert not bucket.uploads()


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ([], "the event must be an object"),
        ({}, "bucket must be a string"),
        ({"bucket": "b", "key": 1}, "key must be a string"),
        ({"bucket": "b", "key": "k", "etag": 7}, "etag must be a string"),
        ({"bucket": "b", "key": "k", "cost": 4}, "there is no field 'cost'"),
        ({"Records": {}}, "Records must be an array"),
        ({"Records": [{"body": CANARY}]}, "Records[0].eventName must be a string"),
        ({"Records": [{"eventName": "ObjectRemoved:Delete"}]}, "Records[0].eventName must begin with ObjectCreated:"),
        ({"Records": [{"eventName": "ObjectCreated:Put", "s3": {}}]}, "Records[0].s3.bucket must be an object"),
        ({"detail": {}, "detail-type": "x"}, "detail-type must be 'Object Created'"),
    ],
)
def test_events_that_are_none(server: Server, load: Load, event: Any, says: str) -> None:  # noqa: ARG001
    handler = load()
    with pytest.raises(ValueError, match=r"must|no field") as caught:
        handler(event)
    assert type(caught.value).__name__ == "InvalidRequest"
    assert says in str(caught.value)


def test_eventbridge_and_test_events(bucket: Bucket, load: Load) -> None:
    bucket.put("a b.csv", table(2))
    detail = {"bucket": {"name": bucket.name}, "object": {"key": "a b.csv"}}
    assert load()({"detail-type": "Object Created", "detail": detail})["objects"][0]["rows"] == 2
    assert load()({"Service": "Amazon S3", "Event": "s3:TestEvent"}) == {"done": True, "objects": []}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LANECRYPT_OUTPUT_BUCKET", ""),
        ("LANECRYPT_OP", "encrypt"),
        ("LANECRYPT_COST", "3"),
        ("LANECRYPT_COST", "15"),
        ("LANECRYPT_COST", "12.0"),
        ("LANECRYPT_MAX_COST", "99"),
        ("LANECRYPT_UPGRADE_TO", "12"),
        ("LANECRYPT_COLUMN", "hash"),
        ("LANECRYPT_PREFIX", "2x"),
        ("LANECRYPT_PART_MIB", "4"),
        ("LANECRYPT_SAVE_SECONDS", "-1"),
        ("LANECRYPT_CONTINUE", "never"),
        ("LANECRYPT_FORMAT", "parquet"),
        ("LANECRYPT_LONG_PASSWORDS", "hash"),
        ("LANECRYPT_ENGINE", "abacus"),
    ],
)
def test_a_wrong_environment_is_an_init_error_that_names_the_variable(
    server: Server,  # noqa: ARG001
    load: Load,
    variable: str,
    value: str,
) -> None:
    with pytest.raises(Exception, match=variable) as caught:
        load(**{variable: value})
    assert type(caught.value).__name__ == "ConfigError"


def test_no_time_is_no_endless_chain_of_calls(bucket: Bucket, load: Load, server: Server) -> None:
    bucket.put("x.csv", table(10))
    handler = load()
    event = notification(bucket.name, "x.csv")
    with pytest.raises(lanecrypt.Error) as caught:
        handler(event, Context(1))
    assert caught.value.code == "no_progress"
    assert server.counts()["invoked"] == []


def test_an_error_that_nobody_foresaw_tells_no_values(
    bucket: Bucket, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(lanecrypt, "hash_many", fail)
    with pytest.raises(Exception, match="RuntimeError at") as caught:
        load()(bucket.put("x.csv", table(1)))
    assert type(caught.value).__name__ == "Fault"
    assert CANARY not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.usefixtures("server")
def test_handlers_need_nothing_that_lambda_lacks_and_lanecrypt_needs_no_handlers(name: str) -> None:
    program = (
        "import sys\n"
        "for missing in ('click', 'rich', 'pyarrow'): sys.modules[missing] = None\n"
        "import lanecrypt\n"
        "assert not [name for name in sys.modules if name.startswith(('lanecrypt.aws', 'lanecrypt.cli', 'boto'))]\n"
        "import lanecrypt.aws.objects, lanecrypt.aws.records\n"
    )
    needed = {"LANECRYPT_OUTPUT_BUCKET": name, "LANECRYPT_DESTINATION_TABLE": name}
    environment = {**os.environ, **needed, "PYTHONPATH": packages()}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
