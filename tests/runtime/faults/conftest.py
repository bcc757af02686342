"""Plays the tables. Faults that wait for seconds are begun with the first test here, beside all others, and are asked
for last: they cost no time of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from faults.harness import Fault, Figures, run

HERE = Path(__file__).parent
FIGURES = pytest.StashKey[dict[str, Figures]]()


def fault_of(item: pytest.Item) -> Fault | None:
    found = getattr(item, "callspec", None)
    fault = found.params.get("fault") if found else None
    return fault if isinstance(fault, Fault) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Faults that sleep go behind the last test of tests/runtime."""
    last = [item for item in items if (fault := fault_of(item)) is not None and fault.sleeps]
    rest = [item for item in items if item not in last]
    ours = [at for at, item in enumerate(rest) if HERE.parent in item.path.parents]
    at = ours[-1] + 1 if ours else len(rest)
    items[:] = rest[:at] + last + rest[at:]


class Stage:
    """Where faults are played: those that sleep at once, in threads of their own."""

    def __init__(self, bootstrap: Path, sanitized: bool, sleepers: list[Fault]) -> None:
        self._bootstrap, self._sanitized = bootstrap, sanitized
        self._quiet = run(bootstrap, Fault("none", lambda _: None, posts=()), None, sanitized)
        self._pool = ThreadPoolExecutor(max(1, len(sleepers)), "fault")
        self._coming: dict[str, Future[Figures]] = {fault.name: self._begin(fault) for fault in sleepers}
        self.figures: dict[str, Figures] = {}

    def _begin(self, fault: Fault) -> Future[Figures]:
        return self._pool.submit(run, self._bootstrap, fault, self._quiet, self._sanitized)

    def play(self, fault: Fault) -> Figures:
        if fault.long and "LANECRYPT_SOAK" not in os.environ:
            pytest.skip("takes minutes: with LANECRYPT_SOAK=1")
        coming = self._coming.pop(fault.name, None) or self._begin(fault)
        self.figures[fault.name] = coming.result()
        return self.figures[fault.name]

    def close(self) -> None:
        self._pool.shutdown()


@pytest.fixture(scope="session")
def stage(bootstrap: Path, sanitized: bool, request: pytest.FixtureRequest) -> Iterator[Stage]:
    found = [fault_of(item) for item in request.session.items]
    soaked = "LANECRYPT_SOAK" in os.environ
    sleepers = [fault for fault in found if fault is not None and fault.sleeps and (soaked or not fault.long)]
    built = Stage(bootstrap, sanitized, sleepers)
    request.config.stash[FIGURES] = built.figures
    yield built
    built.close()


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    figures = config.stash.get(FIGURES, {})
    if figures:
        dearest = max(figures, key=lambda name: figures[name].cpu_seconds)
        widest = max(figures, key=lambda name: figures[name].memory_kb)
        terminalreporter.write_line(
            f"faults: {len(figures)} held; {sum(each.calls for each in figures.values())} calls on"
            f" {sum(each.connections for each in figures.values())} connections; most processor time"
            f" {figures[dearest].cpu_seconds:.2f} s ({dearest}); most memory"
            f" {figures[widest].memory_kb / 1024:.0f} MiB ({widest})"
        )
