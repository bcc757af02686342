"""The known answers, for tests that send them through the bootstrap."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def vectors() -> Path:
    return ROOT / "tests" / "vectors"
