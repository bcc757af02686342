"""examples/aws/README.md: what it names is in the template, and the function takes the requests that it shows."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from emulator import Emulator

if TYPE_CHECKING:
    from tests.aws.conftest import Template

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()


@pytest.fixture(scope="module")
def guide(folder: Path) -> str:
    return (folder / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def function() -> Iterator[Emulator]:
    with Emulator(BUILD / "bin" / "bootstrap") as emulator:
        yield emulator


def shown(guide: str, option: str) -> list[str]:
    """The JSON texts behind an option of the guide's commands."""
    found = re.findall(rf"{option} '(\{{[^']*\}})'", guide)
    assert found, f"the guide has no {option}"
    return found


def ask(function: Emulator, event: Any) -> Any:
    return json.loads(function.invoke(json.dumps(event).encode())[1])


def test_outputs_are_the_templates(guide: str, template: Template) -> None:
    used = set(re.findall(r"\$\(output (\w+)\)", guide))
    assert len(used) >= 8
    assert used <= set(template.body["Outputs"])


def test_parameters_are_the_templates(guide: str, template: Template) -> None:
    table = dict(re.findall(r"^\| `([A-Z]\w+)` \| `?([^`|]*?)`? \|", guide, re.MULTILINE))
    parameters = {name: str(each["Default"]) or "none" for name, each in template.body["Parameters"].items()}
    assert {name: default for name, default in table.items() if name in parameters} == parameters


def test_alarms_have_a_row(guide: str, template: Template) -> None:
    rows = re.findall(r"^\| (`.*?`) \| ", guide.split("## Alarms")[1].split("## ")[0], re.MULTILINE)
    told = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    for name, _ in template.of_type("AWS::CloudWatch::Alarm"):
        short = name.removesuffix("Alarm")
        assert any(re.fullmatch(each.replace("…", r"\w+"), short) for each in told), name


def test_direct_request(guide: str, function: Emulator) -> None:
    for text in shown(guide, "--payload"):
        answer = ask(function, json.loads(text))
        assert (answer["processed"], answer["failed"]) == (1, 0)


def test_http_requests(guide: str, function: Emulator) -> None:
    for text, path in zip(shown(guide, "-d"), ("/hash", "/verify"), strict=True):
        event = {
            "version": "2.0",
            "rawPath": path,
            "headers": {"content-type": "application/json"},
            "requestContext": {"http": {"method": "POST", "path": path}},
            "body": text,
            "isBase64Encoded": False,
        }
        answer = ask(function, event)
        assert answer["statusCode"] == 200, answer
        assert json.loads(answer["body"])["failed"] == 0


def test_messages_and_records(guide: str, function: Emulator) -> None:
    messages = [{"eventSource": "aws:sqs", "messageId": "m", "body": text} for text in shown(guide, "--message-body")]
    data = [base64.b64encode(text.encode()).decode() for text in shown(guide, "--data")]
    records = [{"eventSource": "aws:kinesis", "sequenceNumber": "1", "data": each} for each in data]
    for events in (messages, records):
        (result,) = ask(function, events)
        assert result["hash"].startswith("$2b$12$"), result


def test_a_mapping_on_the_native_function_is_refused_as_the_guide_says(guide: str, function: Emulator) -> None:
    assert "`no_destination`" in guide
    record = {"eventSource": "aws:sqs", "messageId": "m", "body": '{"password": "correct horse", "cost": 4}'}
    assert "no_destination" in ask(function, {"Records": [record]})["errorMessage"]
