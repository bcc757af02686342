"""examples/aws/template.yaml before AWS's own tools: `sam validate --lint`, cfn-lint, and what SAM makes of it.

sam is in build/sam, where ./dev installs it by tests/aws/sam.txt; without it those tests are skipped. No tool gets
credentials or sends anything.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAM = ROOT / "build" / "sam" / "bin"

# SAM's translator in SAM's own Python: CodeUri becomes an S3 URI first, as `sam deploy` does it. The roles that SAM
# would attach managed policies to are none, so it is given no list of them.
TRANSLATE = """
import json, sys
from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform
template = yaml_parse(sys.stdin.read())
for resource in template["Resources"].values():
    for name in {"CodeUri", "ContentUri"} & resource.get("Properties", {}).keys():
        resource["Properties"][name] = "s3://bucket/key"
print(json.dumps(transform(template, {}, type("NoManagedPolicies", (), {"load": lambda self: {}})())))
"""


@pytest.fixture
def quiet(tmp_path: Path) -> dict[str, str]:
    """An environment without credentials and telemetry, with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own = {"AWS_DEFAULT_REGION": "eu-central-1", "SAM_CLI_TELEMETRY": "0", "SAM_CLI_CHECK_VERSION": "0"}
    return {**kept, **own, "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}


def run(command: list[str], env: dict[str, str], text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=env, input=text, capture_output=True, text=True, check=False, timeout=120)


def need_sam() -> None:
    if not (SAM / "sam").exists():
        pytest.skip("sam is not in build/sam (./dev test installs it)")


def test_cfn_lint_finds_nothing_here_and_something_elsewhere(
    folder: Path, tmp_path: Path, quiet: dict[str, str]
) -> None:
    broken = tmp_path / "broken.json"
    role = {"Fn::GetAtt": ["NobodysRole", "Arn"]}
    broken.write_text(json.dumps({"Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": role}}}))
    program = Path(sys.executable).with_name("cfn-lint")
    told = run([str(program), "--format", "parseable", str(folder / "template.yaml"), str(broken)], quiet)
    assert [line for line in told.stdout.splitlines() if not line.startswith(str(broken))] == []
    assert "NobodysRole" in told.stdout
    assert told.stderr == ""


def test_sam_validates_and_lints(folder: Path, quiet: dict[str, str]) -> None:
    need_sam()
    told = run([str(SAM / "sam"), "validate", "--lint", "--template-file", str(folder / "template.yaml")], quiet)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "is a valid SAM Template" in told.stdout + told.stderr


def test_what_sam_makes_of_it(folder: Path, quiet: dict[str, str]) -> None:
    need_sam()
    text = (folder / "template.yaml").read_text(encoding="utf-8")
    told = run([str(SAM / "python"), "-c", TRANSLATE], quiet, text)
    assert told.returncode == 0, told.stderr
    resources: dict[str, Any] = json.loads(told.stdout)["Resources"]

    def named(kind: str) -> set[str]:
        return {name for name, each in resources.items() if each["Type"] == kind}

    roles = {"NativeRole", "CrowbarRole", "RecordsRole", "PipeRole", "ObjectsRole", "MapRole", "BenchRole"}
    assert named("AWS::IAM::Role") == roles, "SAM adds no role, and so no managed policy, of its own"
    assert len(named("AWS::Lambda::Function")) == 16
    assert len(named("AWS::Lambda::Alias")) == len(named("AWS::Lambda::Version")) == 4
    for name in named("AWS::Lambda::Permission"):
        permission = resources[name]["Properties"]
        callers = {"apigateway.amazonaws.com", "events.amazonaws.com"}
        assert permission["Principal"] in callers, f"{name}: no Function URL for everybody"
        assert "SourceArn" in permission, name
    paths = resources["HttpApi"]["Properties"]["Body"]["paths"]
    security = [method["security"] for path in paths.values() for method in path.values()]
    assert security == [[{"AWS_IAM": []}]] * 4
    for name in named("AWS::Lambda::EventSourceMapping"):
        assert resources[name]["Properties"]["FunctionName"] == {"Ref": "RecordsFunctionAliaslive"}, name
    assert resources["MapStateMachine"]["Properties"]["DefinitionS3Location"] == "statemachine.asl.json"
