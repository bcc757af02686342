"""Where the build is, for every folder. LANECRYPT_BUILD names another one than build/release."""

from __future__ import annotations

import os
from pathlib import Path

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
