"""`perf stat` counters of each engine, where the machine has them: most virtual machines do not."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time

from bench.peers.catalogue import engines, ours
from bench.peers.worker import Request, Worker

EVENTS = ("cycles", "instructions", "L1-dcache-load-misses")
# Micro-operations by port, as Intel's cores have named them since Ice Lake; those that a machine lacks are left out.
PORTS = tuple(
    f"uops_dispatched.{port}" for port in ("port_0", "port_1", "port_2_3_10", "port_5_11", "port_6", "port_7_8")
)
COST = 8
HASHES = 200  # for each engine; cycles outside of the hashing are nothing beside them


def parse(text: str) -> dict[str, float]:
    """The counters of `perf stat -x,` that were counted: value,unit,event,..."""
    counted: dict[str, float] = {}
    for line in text.splitlines():
        fields = line.split(",")
        if len(fields) > 2 and fields[0].replace(".", "", 1).isdigit():
            counted[fields[2].removesuffix(":u")] = float(fields[0])
    return counted


def supported() -> tuple[list[str], str]:
    """The events that can be counted here, and if there are none, why."""
    if shutil.which("perf") is None:
        return [], "there is no perf on this machine"
    usable = [event for event in (*EVENTS, *PORTS) if parse(_perf([event], ["true"]))]
    return usable, "" if usable else "this machine shows its guests no performance counters (perf: not supported)"


def _perf(events: list[str], command: list[str]) -> str:
    told = subprocess.run(
        ["perf", "stat", "-x,", "-e", ",".join(events), "--", *command], capture_output=True, text=True, check=False
    )
    return told.stderr


def count(engine: str, lanes: int, events: list[str]) -> dict[str, float]:
    """For each hash, in groups of the engine's full width: attached when the worker is warm."""
    worker: Worker = ours("group", engine).start(1)
    try:
        request = Request(lanes, COST, 1, max(1, HASHES // lanes))
        worker.ask(request)
        command = ["perf", "stat", "-x,", "-e", ",".join(events), "-p", str(worker.pid)]
        watching = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        time.sleep(0.3)  # until it is attached
        worker.ask(request)
        watching.send_signal(signal.SIGINT)  # upon which it tells
        counted = parse(watching.communicate()[1])
    finally:
        worker.stop()
    return {event: value / (lanes * request.times) for event, value in counted.items()}


def measure() -> tuple[dict[str, dict[str, float]], str]:
    """Counters for each hash by engine, or why there are none."""
    events, reason = supported()
    if not events:
        return {}, reason
    return {engine: count(engine, lanes, events) for engine, lanes in engines().items()}, ""
