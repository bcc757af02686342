"""examples/aws/statemachine.asl.json: by two validators, by its own promises, and executed.

moto's interpreter runs it, with files in moto's S3 and the built bootstrap behind AWS's emulator as the function. What
that interpreter lacks is put into its words by `for_interpreter`: it has no ItemBatcher, so a batch is one item there.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bcrypt
import boto3
import pytest
from emulator import Emulator
from moto import mock_aws

if TYPE_CHECKING:
    from tests.aws.conftest import Template

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()
REGION = "eu-central-1"
MAPS = ("Csv", "Json", "Lines")
# What AWS has beyond the States Language that statelint knows.
AWS_FIELDS = {"Label", "InputType", "CSVHeaderLocation", "WriterConfig"}


@pytest.fixture(scope="module")
def path() -> Path:
    return ROOT / "examples" / "aws" / "statemachine.asl.json"


@pytest.fixture
def machine(path: Path) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return definition


def tool(name: str, *arguments: str) -> list[str]:
    """The lines that a tool prints about a file."""
    command = [str(Path(sys.executable).with_name(name)), *arguments]
    env = {**os.environ, "AWS_DEFAULT_REGION": REGION}
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert told.stderr == ""
    return told.stdout.splitlines()


def statelint(definition: dict[str, Any], folder: Path) -> list[str]:
    path = folder / "machine.json"
    path.write_text(json.dumps(definition), encoding="utf-8")
    return [line.strip() for line in tool("statelint", str(path)) if line.startswith(" ")]


def cfn_lint(definition: dict[str, Any], folder: Path) -> list[str]:
    """cfn-lint looks into a definition only where it stands in a template."""
    names = ("FunctionArn", "ResultsBucket", "ItemsPerBatch", "MaxConcurrency", "ToleratedFailurePercentage")
    properties = {
        "RoleArn": "arn:aws:iam::123456789012:role/machine",
        "Definition": definition,
        "DefinitionSubstitutions": dict.fromkeys(names, "1"),
    }
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    path = folder / "template.json"
    path.write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Machine": machine}}))
    return tool("cfn-lint", "--format", "parseable", str(path))


def test_statelint_knows_all_but_what_aws_added(machine: dict[str, Any], tmp_path: Path) -> None:
    found = statelint(machine, tmp_path)
    unknown = [line for line in found if not any(line.startswith(f'Field "{name}" not allowed') for name in AWS_FIELDS)]
    assert unknown == []
    machine["States"]["Format"]["Default"] = "Nowhere"
    assert any("Nowhere" in line for line in statelint(machine, tmp_path))


def test_cfn_lint_knows_all(machine: dict[str, Any], tmp_path: Path) -> None:
    assert cfn_lint(machine, tmp_path) == []
    del machine["States"]["Csv"]["ItemProcessor"]["StartAt"]
    assert any("StartAt" in line for line in cfn_lint(machine, tmp_path))


def test_template_fills_in_every_name(template: Template, path: Path) -> None:
    given = template.resources["MapStateMachine"]["Properties"]["DefinitionSubstitutions"]
    assert template.resources["MapStateMachine"]["Properties"]["DefinitionS3Location"] == path.name
    text = path.read_text(encoding="utf-8")
    assert {name for name in given if f"${{{name}}}" in text} == set(given)
    assert text.count("${") == sum(text.count(f"${{{name}}}") for name in given)


def task_of(state: dict[str, Any]) -> dict[str, Any]:
    processor = state["ItemProcessor"]
    task: dict[str, Any] = processor["States"][processor["StartAt"]]
    return task


@pytest.mark.parametrize("name", MAPS)
def test_batches_fit_a_call_and_its_answer(machine: dict[str, Any], template: Template, name: str) -> None:
    batcher = machine["States"][name]["ItemBatcher"]
    assert batcher["MaxItemsPerBatchPath"] == "$.items_per_batch"
    assert batcher["MaxInputBytesPerBatch"] < 256 * 1024 - 1024
    assert batcher["BatchInput"] == {"op.$": "$.op", "cost.$": "$.cost", "prefix.$": "$.prefix"}
    # 96 bytes for the longest answer of an item without its id, 1 KiB for the rest (runtime/limits.hpp); long ids.
    items = template.body["Parameters"]["ItemsPerBatch"]
    assert items["Default"] <= items["MaxValue"]
    assert items["MaxValue"] * (96 + 180) + 1024 <= 254 * 1024


@pytest.mark.parametrize("name", MAPS)
def test_passwords_rest_in_few_places(machine: dict[str, Any], name: str) -> None:
    state = machine["States"][name]
    assert state["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    assert state["ResultWriter"]["WriterConfig"]["Transformation"] == "COMPACT", "NONE writes every batch's input"
    assert state["ResultWriter"]["Parameters"] == {"Bucket": "${ResultsBucket}", "Prefix": "maps"}


@pytest.mark.parametrize("name", MAPS)
def test_service_errors_are_tried_again_and_wrong_requests_are_not(machine: dict[str, Any], name: str) -> None:
    task = task_of(machine["States"][name])
    again = {error for rule in task["Retry"] for error in rule["ErrorEquals"]}
    assert again == {
        "Lambda.TooManyRequestsException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ClientExecutionTimeoutException",
    }
    assert all(rule["BackoffRate"] > 1 and rule["JitterStrategy"] == "FULL" for rule in task["Retry"])
    assert task["TimeoutSeconds"] > 30, "longer than the function's own, which says more"


def for_interpreter(machine: dict[str, Any], keep_writer: bool = False) -> dict[str, Any]:
    machine = copy.deepcopy(machine)
    for state in (machine["States"][name] for name in MAPS):
        batch_input = state.pop("ItemBatcher")["BatchInput"]
        state["ItemSelector"] = {"Items.$": "States.Array($$.Map.Item.Value)", "BatchInput": batch_input}
        state["ItemProcessor"]["ProcessorConfig"]["ExecutionType"] = "STANDARD"  # it has no EXPRESS,
        state["ResultWriter"].pop("WriterConfig")  # no WriterConfig,
        if not keep_writer:
            del state["ResultWriter"]  # and without this the state's output has the answers
    machine["States"]["Lines"]["ItemReader"]["ReaderConfig"]["InputType"] = "JSON"  # and no JSONL
    return machine


@pytest.fixture(scope="module")
def function() -> Iterator[None]:
    """The bootstrap as a Lambda: boto3 posts invocations to the emulator, as it would to AWS."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "none")
        with Emulator(BUILD / "bin" / "bootstrap") as emulator:
            patch.setenv("AWS_ENDPOINT_URL_LAMBDA", f"http://127.0.0.1:{emulator.port}")
            yield


@pytest.fixture
def files(function: None) -> Iterator[Any]:  # noqa: ARG001 - it is there while files are
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        s3: Any = boto3.client("s3", REGION)
        for bucket in ("input", "results"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield s3


def execute(machine: dict[str, Any], event: dict[str, Any], **substitutions: str) -> dict[str, Any]:
    """One at a time: the emulator takes one invocation at a time."""
    values = {
        "FunctionArn": "function",
        "ResultsBucket": "results",
        "ItemsPerBatch": "500",
        "MaxConcurrency": "1",
        "ToleratedFailurePercentage": "0",
    } | substitutions
    text = json.dumps(machine)
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    steps: Any = boto3.client("stepfunctions", REGION)
    role = "arn:aws:iam::123456789012:role/machine"
    arn = steps.create_state_machine(name="lanecrypt-map", definition=text, roleArn=role)["stateMachineArn"]
    run = steps.start_execution(stateMachineArn=arn, input=json.dumps(event))["executionArn"]
    for _ in range(600):
        told: dict[str, Any] = steps.describe_execution(executionArn=run)
        if told["status"] != "RUNNING":
            return told
        time.sleep(0.05)
    raise AssertionError("the execution does not end")


def answers(told: dict[str, Any]) -> list[dict[str, Any]]:
    assert told["status"] == "SUCCEEDED", told
    batches = json.loads(told["output"])
    return [item for batch in batches for item in batch["items"]]


USERS = [("u1", "correct horse"), ("u2", "pässword, with a comma"), ("u3", "")]


def put(files: Any, key: str, text: str) -> dict[str, Any]:
    files.put_object(Bucket="input", Key=key, Body=text.encode())
    return {"bucket": "input", "key": key, "cost": 4}


def test_csv_is_hashed(machine: dict[str, Any], files: Any) -> None:
    rows = [f'{name},"{password}"' for name, password in USERS]
    event = put(files, "users.csv", "\n".join(["id,password", *rows, ""]))
    found = answers(execute(for_interpreter(machine), event))
    assert [item["id"] for item in found] == [name for name, _ in USERS]
    for item, (_, password) in zip(found, USERS, strict=True):
        assert item["hash"].startswith("$2b$04$")
        assert bcrypt.checkpw(password.encode(), item["hash"].encode())


def test_json_is_verified_and_one_wrong_item_spoils_nothing(machine: dict[str, Any], files: Any) -> None:
    stored = bcrypt.hashpw(b"correct horse", bcrypt.gensalt(4)).decode()
    items = [
        {"id": 1, "password": "correct horse", "hash": stored},
        {"id": 2, "password": "wrong", "hash": stored},
        {"id": 3, "password": "correct horse", "hash": "$2b$31$hostile"},
        {"id": 4, "password": "correct horse", "hash": None},
    ]
    event = put(files, "users.json", json.dumps(items)) | {"format": "json", "op": "verify"}
    found = answers(execute(for_interpreter(machine), event))
    assert [item.get("match") for item in found] == [True, False, None, False]
    assert found[2]["error"]["code"] == "invalid_hash"


def test_what_the_caller_says_goes_over_the_defaults(machine: dict[str, Any], files: Any) -> None:
    event = put(files, "users.csv", "id,password\nu1,correct horse\n") | {"prefix": "2y", "cost": 5}
    (item,) = answers(execute(for_interpreter(machine), event))
    assert item["hash"].startswith("$2y$05$")


def test_an_unknown_format_is_refused_by_name(machine: dict[str, Any], files: Any) -> None:
    told = execute(for_interpreter(machine), put(files, "users.xml", "<users/>") | {"format": "xml"})
    assert (told["status"], told["error"]) == ("FAILED", "InvalidRequest")
    assert told["cause"] == "format must be csv, json or jsonl"


def test_results_are_written_where_the_template_says(machine: dict[str, Any], files: Any) -> None:
    event = put(files, "users.csv", "id,password\nu1,correct horse\n")
    told = execute(for_interpreter(machine, keep_writer=True), event)
    assert told["status"] == "SUCCEEDED", told
    details = json.loads(told["output"])["ResultWriterDetails"]
    assert details["Bucket"] == "results"
    assert details["Key"].startswith("maps/")
    assert "correct horse" not in told["output"]
