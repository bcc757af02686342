"""The bill of materials in dist/: CycloneDX's schema takes it, and it has all files and what is in them."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sbom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

Bill = dict[str, Any]


@pytest.fixture(scope="module")
def folder(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is packed of one architecture, and the bill beside it."""
    folder = Path(shutil.copytree(dist, tmp_path_factory.mktemp("bill") / "dist"))
    sbom.main(folder)
    return folder


def read(folder: Path) -> tuple[str, Bill]:
    (path,) = folder.glob("*.cdx.json")
    text = path.read_text()
    return text, json.loads(text)


def schema_error(text: str) -> str | None:
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return None if error is None else str(error)


def inside(bill: Bill, reference: str) -> list[Bill]:
    """What a file depends on, as components."""
    components = {each["bom-ref"]: each for each in bill["components"]}
    (found,) = (each.get("dependsOn", []) for each in bill["dependencies"] if each["ref"] == reference)
    return [components[name] for name in found]


def differences(folder: Path, bill: Bill) -> list[str]:
    """Files that the bill has not, or not as they are."""
    listed = {each["name"]: each["hashes"][0]["content"] for each in bill["components"] if each["type"] == "file"}
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.suffix != ".json"
    }
    return sorted(name for name in {*listed, *files} if listed.get(name) != files.get(name))


def test_the_schema_takes_it_and_it_lists_every_file(folder: Path) -> None:
    text, bill = read(folder)
    assert schema_error(text) is None
    assert differences(folder, bill) == []
    assert str(sbom.ROOT) not in text


def test_what_is_in_the_files(folder: Path, architecture: str) -> None:
    bill = read(folder)[1]
    (bootstrap,) = (path.name for path in folder.glob("*bootstrap*"))
    (layer,) = (path.name for path in folder.glob("*layer*"))
    assert {each["name"] for each in inside(bill, bootstrap)} == {"libgomp", "libstdc++", "libgcc", "glibc", "boost"}
    assert {each["name"] for each in inside(bill, layer)} == {"libgomp.so.1", "libgcc", "glibc", "boost", "pybind11"}
    (glibc,) = (each for each in inside(bill, bootstrap) if each["name"] == "glibc")
    package = "libc6-dev" if sbom.compiler(architecture) == "g++" else "libc6-dev-arm64-cross"
    installed = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", package], check=True, capture_output=True, text=True
    )
    assert glibc["version"] == installed.stdout
    assert glibc["purl"].startswith(f"pkg:deb/debian/{package}@")
    assert glibc["licenses"] == [{"expression": "LGPL-2.1-or-later"}]


def test_the_same_files_give_the_same_bill(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = read(folder)[0]
    assert sbom.main(folder).read_text() == text
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    dated = json.loads(sbom.main(folder).read_text())["metadata"]["timestamp"]
    assert dated == "2023-11-14T22:13:20+00:00"


def test_what_is_wrong_is_found(folder: Path) -> None:
    text, bill = read(folder)
    assert schema_error(text.replace('"specVersion"', '"version of the specification"')) is not None
    bill["components"] = [each for each in bill["components"] if "layer" not in each["name"]]
    bill["components"][0]["hashes"] = [{"alg": "SHA-256", "content": "0" * 64}]
    assert len(differences(folder, bill)) == 2
