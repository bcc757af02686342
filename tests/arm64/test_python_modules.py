"""The layer of arm64 in Debian's Python for arm64: it answers as this machine's layer does in this machine's Python."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from emulator import function_environment
from example_events import Event, all_events, unexpected

from tests.python.crowbar.test_crowbar_events import TAKEN, difference

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
KNOWN = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
# Of the package's own tests, those of the vectors; some go through them many times.
VECTOR_TESTS = "hashed_with_their_settings or bad_settings_are_refused or bad_hashes"


FEW = 10  # jobs of cost 10 or so; the bootstrap of arm64 computes those of more


def is_taken(event: Event) -> bool:
    """JSON, which a handler's event is always, and cheap unless all is to be run."""
    try:
        body = json.loads(event.body)
    except ValueError:
        return False
    count = body.get("count") if isinstance(body, dict) else None
    return os.environ.get("LANECRYPT_TEST_ALL") == "1" or event.must_fail or not isinstance(count, int) or count <= FEW


EVENTS = [event for event in all_events() if is_taken(event)]


def unpacked_layer(build: Path, folder: Path) -> Path:
    """What is on sys.path where a layer is."""
    script = build / "python" / "layer.cmake"
    subprocess.run(["cmake", "-D", f"DIST={folder}", "-P", str(script)], check=True, capture_output=True)
    (archive,) = folder.glob("*.zip")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder / "opt")
    return folder / "opt" / "python"


def told_by(command: list[str], layer: Path, events: Path) -> dict[str, Any]:
    environment = function_environment({"PYTHONPATH": str(layer), "LANECRYPT_ENGINE": "portable"})
    script = [str(HERE / "ask_liblambda.py"), str(events)]
    done = subprocess.run([*command, *script], env=environment, capture_output=True, text=True, cwd=layer)
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def layer(arm64: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked_layer(arm64, tmp_path_factory.mktemp("layer-arm64"))


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("events") / "events.json"
    path.write_text(json.dumps([json.loads(event.body) for event in EVENTS]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def told(python: Callable[..., list[str]], layer: Path, events: Path) -> dict[str, Any]:
    return told_by(python(), layer, events)


@pytest.fixture(scope="module")
def told_here(tmp_path_factory: pytest.TempPathFactory, events: Path) -> dict[str, Any]:
    build = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()
    if not (build / "python" / "layer.cmake").exists():
        pytest.skip(f"{build} has no Python modules to compare with")
    return told_by([sys.executable], unpacked_layer(build, tmp_path_factory.mktemp("layer")), events)


def test_it_is_loaded_with_the_libgomp_that_is_packed(told: dict[str, Any], layer: Path) -> None:
    assert told["machine"] == "aarch64"
    ours = {path for path in told["libraries"] if path.startswith(str(layer.resolve()))}
    names = {Path(path).name for path in ours}
    assert names == {
        "_core.cpython-311-aarch64-linux-gnu.so",
        "liblambda.cpython-311-aarch64-linux-gnu.so",
        "libgomp.so.1",
    }
    assert [Path(path).name for path in told["libraries"]].count("libgomp.so.1") == 1
    assert not any("libcrypt" in path for path in told["libraries"])


def test_the_package_in_it_works(told: dict[str, Any]) -> None:
    version = re.search(r"project\(lanecrypt VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())
    assert version is not None
    assert told["version"] == version[1]
    assert told["hash"] == KNOWN
    assert told["matches"] == [True, False]
    assert [name for name, _ in told["engines"]] == ["portable"]


def test_its_groups_have_the_width_of_best_throughput(told: dict[str, Any]) -> None:
    """Of 1,000 jobs all but a few are in groups of the width that bench/results/NEOVERSE.md names."""
    results = (ROOT / "bench" / "results" / "NEOVERSE.md").read_text()
    best = re.search(r"By this row (\d) lanes have the best throughput", results)
    assert best is not None
    assert told["width_limit"] >= int(best[1])
    assert max(told["widths"]) == int(best[1])
    assert told["widths"].count(int(best[1])) >= 0.98 * len(told["widths"])


@pytest.mark.parametrize("number", range(len(EVENTS)), ids=[event.name for event in EVENTS])
def test_event(told: dict[str, Any], told_here: dict[str, Any], number: int) -> None:
    event, ours, theirs = EVENTS[number], told["answers"][number], told_here["answers"][number]
    if event.name not in TAKEN:
        assert unexpected(event, theirs) is None
    assert difference(ours, theirs, json.loads(event.body)) is None


def test_the_packages_own_vectors(python: Callable[..., list[str]], layer: Path, everything: bool) -> None:
    """The same tests as here, by the same pytest, which is in Python; all of their file with `./dev test --all`."""
    tools = sysconfig.get_paths()["purelib"]
    environment = function_environment(
        {"PYTHONPATH": f"{layer}{os.pathsep}{tools}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "LANECRYPT_INSTALLED": "1"}
    )
    options = ["-q", "-p", "no:cacheprovider", *([] if everything else ["-k", VECTOR_TESTS])]
    file = str(ROOT / "tests" / "python" / "test_vectors.py")
    command = python("-m", "pytest", *options, file)
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None, done.stdout
    assert int(passed[1]) >= (11 if everything else 4), done.stdout


def test_the_headers_that_it_is_compiled_with_are_those_of_arm64(python_root: Path) -> None:
    """python/cross_python.cmake takes this machine's. Neither of these names is used by what a module includes."""
    about_the_build = {"HAVE_GCC_ASM_FOR_X64", "HAVE_GCC_ASM_FOR_X87", "HAVE_USABLE_WCHAR_T", "PY_SUPPORT_TIER"}
    path = "python3.11/pyconfig.h"
    theirs = python_root / "usr" / "include" / "aarch64-linux-gnu" / path
    ours = Path("/usr/include/x86_64-linux-gnu") / path
    if not ours.exists():
        pytest.skip(f"{ours} is not installed")
    assert {name for name, _ in defined(ours) ^ defined(theirs)} <= about_the_build


def defined(header: Path) -> set[tuple[str, str]]:
    return set(re.findall(r"^#define (\w+)(.*)$", header.read_text(), re.MULTILINE))
