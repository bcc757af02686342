"""Where figures were measured: a figure without its machine says nothing."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path
from typing import Any

from bench.peers.worker import usable_cores

QUIET = 0.5  # load average up to which nothing else was measured with


def describe() -> dict[str, Any]:
    return {
        "cpu": _cpu(),
        "l1d": _l1d(),
        "cores_online": os.cpu_count(),
        "cores_used": len(usable_cores()),
        "load_average": round(os.getloadavg()[0], 2),
        "compiler": _compiler(),
    }


def sentence(machine: dict[str, Any]) -> str:
    used, online = machine["cores_used"], machine["cores_online"]
    cores = f"{online} cores" if used == online else f"{used} of {online} cores"
    return (
        f"{machine['cpu']}, {machine['l1d']}; {cores}; {machine['compiler']}; load average "
        f"{machine['load_average']:.2f} at the start."
    )


def _cpu() -> str:
    found = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def _l1d() -> str:
    """The cache as the kernel tells it, and how many hardware threads share it."""
    cache = Path("/sys/devices/system/cpu/cpu0/cache/index0")
    try:
        size = (cache / "size").read_text().strip()
        shared = (cache / "shared_cpu_list").read_text().strip()
    except OSError:
        return "L1D of unknown size"
    return f"{size} L1D" + (" shared by hardware threads " + shared if "," in shared or "-" in shared else "")


def _compiler() -> str:
    told = subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True, check=False)
    return f"gcc {told.stdout.strip()}" if told.returncode == 0 else "unknown compiler"
