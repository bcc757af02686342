"""The template of examples/aws as the tests of this folder see it: parsed, with SAM's Globals in every function.

No service of AWS is asked for anything: what runs here runs without credentials and without a network.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "aws"


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML with CloudFormation's short forms: !Ref x is {"Ref": x}, !Sub x is {"Fn::Sub": x}."""


def _long_form(loader: Any, name: str, node: Any) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if name == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _long_form)


class Template:
    """`resources` as written; `functions` by name, each with its Properties after Globals."""

    def __init__(self, text: str) -> None:
        self.body: dict[str, Any] = yaml.load(text, Loader=_Loader)
        self.resources: dict[str, dict[str, Any]] = self.body["Resources"]
        common = self.body["Globals"]["Function"]
        self.functions = {name: _merged(common, each) for name, each in self.of_type("AWS::Serverless::Function")}

    def of_type(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        return [(name, each["Properties"]) for name, each in self.resources.items() if each["Type"] == kind]

    def text_of(self, value: Any) -> str:
        """A text with the defaults of its parameters put in: !Sub, !Ref of a parameter, or a plain one."""
        if isinstance(value, dict) and "Ref" in value:
            return str(self.body["Parameters"][value["Ref"]]["Default"])
        text = str(value["Fn::Sub"] if isinstance(value, dict) else value)
        for name, parameter in self.body["Parameters"].items():
            text = text.replace(f"${{{name}}}", str(parameter["Default"]))
        return text

    def statements(self, resource: str) -> Iterator[dict[str, Any]]:
        """What a role's policies say, or a key's, a bucket's or a queue's."""
        properties = self.resources[resource]["Properties"]
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        documents += [properties[name] for name in ("PolicyDocument", "KeyPolicy") if name in properties]
        for document in documents:
            yield from document["Statement"]


def _merged(common: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """As SAM does it: objects are merged, everything else is the function's own where it has one."""
    merged = dict(common)
    for name, value in own.items():
        both = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = _merged(merged[name], value) if both and not _is_intrinsic(value) else value
    return merged


def _is_intrinsic(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


@pytest.fixture(scope="session")
def folder() -> Path:
    return FOLDER


@pytest.fixture(scope="session")
def template(folder: Path) -> Template:
    return Template((folder / "template.yaml").read_text(encoding="utf-8"))
