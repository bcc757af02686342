"""bench.py on AWS's APIs: real boto3, stack, metrics and logs from moto, answers from the real handler."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest
from botocore.credentials import Credentials
from measure import runs, validate
from measure.aws import AwsTarget
from measure.local import LocalTarget
from measure.signing import AwsSignature
from moto.server import ThreadedMotoServer

from .conftest import Command
from .endpoint import Endpoint, HttpApi

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

REGION = "eu-central-1"
X86, ARM = "lanecrypt-x86-2vcpu-2048mb", "lanecrypt-arm64-2vcpu-2048mb"
API, URL = "https://abc.execute-api.eu-central-1.amazonaws.com", "https://abc.lambda-url.eu-central-1.on.aws/"
TRAFFIC, CROWBAR, DATA = "lanecrypt-http", "lanecrypt-crowbar", "lanecrypt-s3"


def function(name: str, architecture: str, memory: int, handler: str, workers: str | None) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "FunctionName": name,
        "Architectures": [architecture],
        "MemorySize": memory,
        "Handler": handler,
        "Runtime": "provided.al2023" if handler == "bootstrap" else "python3.13",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": "not run here"},
    }
    if workers is not None:
        properties["Environment"] = {"Variables": {"WORKER_COUNT": workers}}
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


TEMPLATE = {
    "Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}},
        "X86": function(X86, "x86_64", 2048, "bootstrap", "2"),
        "Arm": function(ARM, "arm64", 2048, "bootstrap", "2"),
        "Traffic": function(TRAFFIC, "x86_64", 2048, "bootstrap", "2"),
        "Crowbar": function(CROWBAR, "x86_64", 3538, "liblambda.handler", None),
        "Data": function(DATA, "x86_64", 1024, "handler.handler", None),
    },
    "Outputs": {"ApiUrl": {"Value": API}, "NativeFunctionUrl": {"Value": URL}, "QueueUrl": {"Value": "https://q"}},
}


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def endpoint(moto: str, build: Path) -> Iterator[Endpoint]:
    with Endpoint(build / "bin" / "bootstrap", moto) as endpoint:
        for name in (X86, ARM, TRAFFIC):
            endpoint.environments[name] = {"WORKER_COUNT": "2", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "2048"}
        endpoint.environments[CROWBAR] = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3538"}
        yield endpoint


@pytest.fixture(autouse=True)
def account(moto: str, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", endpoint.url)
    endpoint.throttle = 0
    endpoint.invoked.clear()


@pytest.fixture
def stack() -> None:
    client = boto3.client("cloudformation")
    if not client.list_stacks()["StackSummaries"]:
        client.create_stack(StackName="lanecrypt", TemplateBody=json.dumps(TEMPLATE))
        make_arm64(boto3.client("lambda"))


def make_arm64(client: LambdaClient) -> None:
    """moto's stacks make every function x86_64; its own call does not."""
    found = client.get_function_configuration(FunctionName=ARM)
    client.delete_function(FunctionName=ARM)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("bootstrap", "not run here")
    client.create_function(
        FunctionName=ARM,
        Architectures=["arm64"],
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": found["Environment"]["Variables"]},
        Handler=found["Handler"],
        MemorySize=found["MemorySize"],
        Role=found["Role"],
        Runtime=found["Runtime"],
    )


@pytest.mark.usefixtures("stack")
def test_functions_are_the_stacks() -> None:
    target = AwsTarget("lanecrypt")
    found = {function.name: function for function in target.functions()}
    assert set(found) == {X86, ARM, TRAFFIC, CROWBAR}
    assert (found[ARM].architecture, found[ARM].memory_mb, found[ARM].workers) == ("arm64", 2048, 2)
    assert found[CROWBAR].configuration is None
    assert dict(target.left_out) == {DATA: "its handler handler.handler takes other events"}
    assert target.urls() == [API, URL]


@pytest.mark.usefixtures("stack")
def test_comprehensive_compares_architectures(
    command: Command,
    endpoint: Endpoint,
    tmp_path: Path,
) -> None:
    path = tmp_path / "runs.csv"
    endpoint.throttle = 1  # boto3 asks again
    code, out, err = command("comprehensive", "--runs", 2, "--items", 1, "--csv", path)
    assert code == 0, err
    assert f"left out: {TRAFFIC}: {X86} is of the same configuration" in out
    assert "LOCAL" not in out
    assert "x86_64 over arm64" in out
    found = runs.read(path)
    assert [(run.function, run.run) for run in found] == [(name, run) for name in (ARM, X86) for run in (0, 1, 2)]
    assert all(run.target == "aws" and run.billed_ms is not None and run.max_memory_mb for run in found)
    assert all(run.processors == pytest.approx(2048 / 1769, abs=0.001) for run in found)
    code, out, _ = command("cost", path, "--plots", tmp_path)
    assert code == 0
    assert "estimated" not in out
    assert (tmp_path / "aws-time.svg").stat().st_size > 10_000
    code, _, err = command("cost", path, "--local")
    assert code == 2
    assert "leave out --local" in err


@pytest.mark.usefixtures("stack")
def test_validate_and_the_http_api(command: Command, build: Path) -> None:
    target = LocalTarget(build)
    with target.open(target.functions()[0]) as session, HttpApi(session.invoke) as api:
        code, out, err = command("validate", "--function", X86, "--url", f"{api.url}/")
        assert code == 0, err
        assert "12 of 12 checks right, 2 functions" in out
        api.wrong_status = 503
        checks = {check.name: check.problem for check in validate.over_http(api.url)}
        assert checks.pop("GET /health") == "status 503 instead of 200"
        assert set(checks.values()) == {None}
    code, _, err = command("validate", "--function", X86, "--url", api.url)
    assert code == 3
    assert "no answer from" in err


@pytest.mark.parametrize(
    ("url", "expected"), [(API, "eu-central-1/execute-api"), (URL, "eu-central-1/lambda"), ("http://127.0.0.1", None)]
)
def test_requests_to_aws_are_signed_and_no_others(url: str, expected: str | None) -> None:
    signature = AwsSignature(Credentials("ACCESS", "secret", "token"))
    headers: dict[bytes, dict[str, str]] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        headers[request.content] = dict(request.headers)
        return httpx.Response(200)

    with httpx.Client(auth=signature, transport=httpx.MockTransport(answer)) as client:
        client.post(f"{url}/", content=b"one")
        client.post(f"{url}/", content=b"two")
    if expected is None:
        assert all("authorization" not in each for each in headers.values())
        return
    assert f"/{expected}/aws4_request" in headers[b"one"]["authorization"]
    assert headers[b"one"]["x-amz-security-token"] == "token"
    assert headers[b"one"]["authorization"] != headers[b"two"]["authorization"]  # the body is in it
    assert "secret" not in str(headers)


@pytest.mark.usefixtures("stack")
def test_throttling_for_good_is_told(
    command: Command,
    endpoint: Endpoint,
    tmp_path: Path,
) -> None:
    endpoint.throttle = 1000
    code, _, err = command("comprehensive", "--attempts", 2, "--csv", tmp_path / "runs.csv")
    assert code == 3
    assert f"cannot invoke {ARM}: throttled 2 times (TooManyRequestsException)" in err
    assert endpoint.throttle == 998


@pytest.mark.usefixtures("stack")
def test_a_function_that_answers_an_error_is_told(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("measure.comprehensive.sample_event", lambda _items: b'{"count":0,"mode":"parallel"}')
    code, _, err = command("comprehensive", "--csv", tmp_path / "runs.csv")
    assert code == 1
    assert f"{ARM} answered an error: InvalidRequest: count must be greater than 0" in err
    assert (tmp_path / "runs.csv").read_text().count("\n") == 1  # the header, and no half row


@pytest.mark.usefixtures("stack")
def test_no_credentials_no_region_no_stack(
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, _, err = command("validate", "--stack", "other")
    assert code == 3
    assert "cannot read the stack other" in err
    code, _, err = command("validate", "--profile", "nobody")
    assert code == 3
    assert "nobody" in err
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    code, _, err = command("validate")
    assert code == 3
    assert "no region" in err
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    code, _, err = command("validate")
    assert code == 3
    assert "no AWS credentials" in err
    assert "--local" in err


LINE = (
    "REPORT RequestId: 1\tDuration: {ms:.2f} ms\tBilled Duration: {billed} ms\tMemory Size: 2048 MB\t"
    "Max Memory Used: {memory} MB\t"
)


def record(ms: float, billed: int, memory: int) -> str:
    metrics = {"durationMs": ms, "billedDurationMs": billed, "memorySizeMB": 2048, "maxMemoryUsedMB": memory}
    return json.dumps({"time": "t", "type": "platform.report", "record": {"requestId": "1", "metrics": metrics}})


@pytest.fixture
def past(stack: None) -> None:  # noqa: ARG001  (of its functions)
    """An hour of X86 with four reports, one cold, in both formats, and of ARM without any."""
    logs, now = boto3.client("logs"), int(time.time() * 1e3)
    logs.create_log_group(logGroupName=f"/aws/lambda/{X86}")
    logs.create_log_stream(logGroupName=f"/aws/lambda/{X86}", logStreamName="s")
    messages = [
        "START RequestId: 1 Version: $LATEST",
        LINE.format(ms=300, billed=320, memory=20) + "Init Duration: 12.50 ms\t",
        LINE.format(ms=100, billed=100, memory=21),
        record(110, 111, 33),
        record(120, 121, 22),
    ]
    events: Any = [{"timestamp": now - 60_000 + index, "message": text} for index, text in enumerate(messages)]
    old: Any = [{"timestamp": now - 3 * 3_600_000, "message": LINE.format(ms=9_999, billed=9_999, memory=99)}]
    logs.put_log_events(logGroupName=f"/aws/lambda/{X86}", logStreamName="s", logEvents=old + events)
    dimensions: Any = [{"Name": "FunctionName", "Value": X86}]
    for name, value in (("Invocations", 5), ("Errors", 1), ("Throttles", 2)):
        data: Any = {"MetricName": name, "Dimensions": dimensions, "Value": value}
        data["Timestamp"] = datetime.now(UTC) - timedelta(minutes=5)
        boto3.client("cloudwatch").put_metric_data(Namespace="AWS/Lambda", MetricData=[data])


@pytest.mark.usefixtures("past")
def test_metrics_are_what_lambda_reported(
    command: Command,
) -> None:
    code, out, err = command("metrics", "--function", "*-2vcpu-*")
    assert code == 0, err
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines() if "│" in line]
    rows = {name: figures for name, *figures in cells}
    x86 = rows[X86]
    # 652 ms of 2 GB: 1.304 GB-s * 0.0000166667, and four requests of 0.20 a million
    assert x86 == ["5", "1", "2", "110.0", "300.0", "300.0", "1", "12.5", "33", "2,048", "0.000023", "5.63"]
    assert rows[ARM] == ["0", "0", "0", "-", "-", "-", "0", "-", "-", "2,048", "-", "-"]
    assert f"{X86}: 5 invocations and 4 reports" in out
    code, out, _ = command("metrics", "--function", X86, "--limit", 2)
    assert "only the first 2 reports were read" in out
