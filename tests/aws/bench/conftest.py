"""bench.py's package, loaded without its folder on the path: a bench.py there would hide the package bench/."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "examples" / "aws" / "measure"

if "measure" not in sys.modules:
    spec = importlib.util.spec_from_file_location("measure", PACKAGE / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    sys.modules["measure"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["measure"])

Outcome = tuple[int, str, str]
Command = Callable[..., Outcome]


@pytest.fixture(scope="session")
def build() -> Path:
    path = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()
    assert (path / "bin" / "bootstrap").exists(), f"{path / 'bin' / 'bootstrap'} is not built"
    return path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs bench.py with arguments; answers exit code, standard output and standard error."""
    from measure.app import main

    def run(*arguments: object) -> Outcome:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


@pytest.fixture
def local(command: Command, build: Path) -> Command:
    """The same with --local and the build folder, behind the name of the subcommand."""

    def run(name: str, *arguments: object) -> Outcome:
        return command(name, "--local", "--build", build, *arguments)

    return run
