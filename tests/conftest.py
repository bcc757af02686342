"""Where the build is, for every folder. LANECRYPT_BUILD names another one than build/release."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def bootstrap() -> Path:
    path = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve() / "bin" / "bootstrap"
    assert path.exists(), f"{path} is not built"
    return path


@pytest.fixture(scope="session")
def sanitized(bootstrap: Path) -> bool:
    return b"__asan_init" in bootstrap.read_bytes()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # a worker of pytest-xdist, which is not everywhere
        from parts import place

        items.sort(key=lambda item: place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from parts import ByPart

    return ByPart(config, log)
