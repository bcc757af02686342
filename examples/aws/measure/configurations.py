"""The twelve configurations, the event that all of them get, and what the sample published for its own.

The sample is github.com/aws-samples/sample-rust-multithread-lambda (Rust, Rayon, the bcrypt crate): memory, workers and
milliseconds are those of the tables in its README, "averages from 20 warm invocations", us-east-1, cost 10.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

ARCHITECTURES = ("arm64", "x86_64")
MEMORY_MB = {1: 1536, 2: 2048, 3: 4096, 4: 6144, 5: 8192, 6: 10240}  # by WORKER_COUNT
MB_PER_VCPU = 1769  # what Lambda gives one virtual processor for

ITEMS = 20
PUBLISHED_MS = {
    "arm64": dict(zip(MEMORY_MB, (1885, 1334, 685, 463, 338, 280), strict=True)),
    "x86_64": dict(zip(MEMORY_MB, (1671, 1253, 892, 429, 330, 292), strict=True)),
}


def sample_event(items: int = ITEMS, mode: str = "parallel") -> bytes:
    return json.dumps({"count": items, "mode": mode}, separators=(",", ":")).encode()


@dataclass(frozen=True, order=True)
class Configuration:
    """`workers` is WORKER_COUNT, `memory_mb` what Lambda gives memory and processors by."""

    architecture: str
    memory_mb: int
    workers: int

    @property
    def vcpus(self) -> float:
        """Virtual processors that the memory pays for; below one is a share of one."""
        return self.memory_mb / MB_PER_VCPU

    @property
    def name(self) -> str:
        return f"{self.architecture}-{self.workers}vcpu-{self.memory_mb}mb"

    @property
    def text(self) -> str:
        return f"{self.architecture}, {self.memory_mb:,} MB, {self.workers} worker{'s'[: self.workers > 1]}"


def all_configurations() -> list[Configuration]:
    return [
        Configuration(architecture, memory, workers)
        for architecture in ARCHITECTURES
        for workers, memory in MEMORY_MB.items()
    ]
