"""`lanecrypt doctor`: what this installation is and stands on, and what would make it slow or wrong.

Everything is looked at from inside the running process, because that is where it counts.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click
from rich.console import Console
from rich.table import Table

import lanecrypt
from lanecrypt.cli.failure import ATTENTION, OK
from lanecrypt.cli.measure import others_computing
from lanecrypt.cli.streams import shows

GOOD, NOTE, BAD = "ok", "note", "bad"
MARKS = {GOOD: "[green]✓[/green]", NOTE: "[yellow]![/yellow]", BAD: "[red]✗[/red]"}
PLAIN_MARKS = {**MARKS, GOOD: "[green]+[/green]", BAD: "[red]x[/red]"}

# An answer that crypt_blowfish's own tests know: password U*U, cost 5.
KNOWN_PASSWORD = b"U*U"
KNOWN_HASH = b"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"

TRAPS = {
    "OMP_THREAD_LIMIT": "bounds the threads of all batches together",
    "OMP_NUM_THREADS": "is not obeyed: batches say themselves how many threads they use (threads=, --threads)",
    "OMP_DYNAMIC": "may give batches fewer threads than they plan with",
    "OMP_WAIT_POLICY": "ACTIVE lets idle threads spin for the whole time between batches",
    "OMP_STACKSIZE": "is enough from 64k on; a small one is no danger, a huge one is memory for each thread",
    "OMP_PROC_BIND": "pins threads; several processes that do so sit on the same cores",
    "OMP_PLACES": "pins threads; several processes that do so sit on the same cores",
    "GOMP_CPU_AFFINITY": "pins threads; several processes that do so sit on the same cores",
    "GOMP_SPINCOUNT": "lets idle threads spin",
    "LANECRYPT_ENGINE": "is for the Lambda function; this package takes the engine as an argument",
    "LANECRYPT_MAX_COST": "is for the Lambda function; this package takes max_cost as an argument",
    "WORKER_COUNT": "is for the Lambda function; this package takes threads as an argument",
}


ENGINE_STATES = {
    "ready": (GOOD, "ready"),
    "cpu_lacks": (NOTE, "needs instructions that this CPU has not"),
    "failed_test": (BAD, "gives wrong answers"),
}


class Finding(NamedTuple):
    topic: str
    state: str
    says: str


def _version() -> Iterator[Finding]:
    where = Path(lanecrypt.__file__).resolve().parent
    yield Finding("lanecrypt", GOOD, f"{lanecrypt.__version__} in {where}")
    kind = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Finding("Python", GOOD, f"{kind}, {' '.join(platform.libc_ver())}")


def _engines() -> Iterator[Finding]:
    used = False
    for engine in lanecrypt.engines():
        state, words = ENGINE_STATES.get(engine.state, (BAD, engine.state))
        role = ", used" if state == GOOD and not used else ""
        used = used or state == GOOD
        says = f"{engine.name}: {words}, up to {engine.lanes} lanes{role}"
        yield Finding("engine", state, says)
    if not used:
        yield Finding("engine", BAD, "there is none that works here")


def _threads() -> Iterator[Finding]:
    budget = lanecrypt.cpu_budget()
    bounds = {
        "cores": budget.visible_cores,
        "affinity": budget.affinity,
        "cgroup quota": budget.cgroup,
        "Lambda memory": budget.lambda_,
    }
    known = ", ".join(f"{name} {bound}" for name, bound in bounds.items() if bound)
    few = budget.threads < budget.visible_cores
    yield Finding("threads", NOTE if few else GOOD, f"{budget.threads} ({known})")
    memory = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    if memory:
        yield Finding("threads", GOOD, f"on AWS Lambda with {memory} MB; 1769 MB pay for one vCPU")


def _load() -> Iterator[Finding]:
    remark = others_computing()
    if remark is not None:
        yield Finding("load", NOTE, remark)


def _check_hash() -> Iterator[Finding]:
    try:
        known = lanecrypt.hash_many([KNOWN_PASSWORD], settings=[KNOWN_HASH[:29]])[0] == KNOWN_HASH
        fresh = lanecrypt.hash_many([b"a", b"b"], rounds=4)
        verified = lanecrypt.verify_many([b"a", b"a"], fresh) == [True, False]
    except lanecrypt.Error as error:
        yield Finding("self-check", BAD, error.message)
        return
    right = known and verified and fresh[0][:29] != fresh[1][:29]
    yield Finding("self-check", GOOD if right else BAD, "hashes and verifies right" if right else "gives wrong answers")


def _loaded(name: str) -> list[str]:
    """Files of that name that are mapped into this process; a batch has run, so all that is needed is there."""
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return []
    paths = {line.split(maxsplit=5)[5] for line in lines if line.count(" ") >= 5 and "/" in line}
    return sorted(path for path in paths if Path(path).name.startswith(name))


def _openmp() -> Iterator[Finding]:
    gomp, others = _loaded("libgomp"), _loaded("libomp.") + _loaded("libiomp5")
    for path in gomp:
        yield Finding("OpenMP", GOOD if len(gomp) == 1 else NOTE, path)
    if not gomp and not others:
        yield Finding("OpenMP", NOTE, "no libgomp is mapped into this process")
    if len(gomp) > 1:
        yield Finding(
            "OpenMP", NOTE, f"{len(gomp)} copies of libgomp, each with its own threads: they compete for cores"
        )
    for path in others:
        yield Finding("OpenMP", NOTE, f"another OpenMP library, whose threads compete for cores: {path}")


def _environment() -> Iterator[Finding]:
    for name, meaning in TRAPS.items():
        value = os.environ.get(name)
        if value is not None:
            yield Finding("environment", NOTE, f"{name}={value[:40]} {meaning}")


def _extras() -> Iterator[Finding]:
    try:
        import pyarrow  # type: ignore[import-untyped]  # noqa: F401
    except ImportError:
        yield Finding("Parquet", NOTE, "cannot be read: pip install 'lanecrypt[cli]'")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _version,
    _engines,
    _threads,
    _load,
    _check_hash,
    _openmp,
    _environment,
    _extras,
)


def _show(findings: list[Finding]) -> None:
    table = Table.grid(padding=(0, 2))
    marks = MARKS if shows("✓✗") else PLAIN_MARKS
    previous = ""
    for topic, state, says in findings:
        table.add_row(marks[state], f"[bold]{topic if topic != previous else ''}[/bold]", says.replace("[", r"\["))
        previous = topic
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    console.print(table)
    bad = sum(finding.state == BAD for finding in findings)
    console.print(f"\n[bold red]{bad} faults[/bold red]" if bad else "\n[bold green]Healthy.[/bold green]")


@click.command("doctor", short_help="Look at the installation, the machine and the environment.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def command(as_json: bool) -> int:
    """Says which engine computes and on how many threads and why, which libgomp is loaded, and what in the environment
    may surprise; and hashes and verifies once. The exit code is 0 if it is healthy and 1 if not; notes are no faults.
    """
    findings = [finding for check in CHECKS for finding in check()]
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in findings], indent=2))
    else:
        _show(findings)
    return ATTENTION if any(finding.state == BAD for finding in findings) else OK
