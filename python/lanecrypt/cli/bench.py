"""`lanecrypt bench`: this machine, the bcrypt modules that are installed on it, and how they compare.

All take turns in one run, so that a neighbour's load or a throttled clock meets all of them; the best turn counts.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.table import Table

import lanecrypt
from lanecrypt.cli import options
from lanecrypt.cli.failure import OK

PASSWORD = b"a password of usual length"


class Contender(NamedTuple):
    name: str
    version: str
    threads: int
    run: Callable[[int], None]  # computes so many hashes


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _import(name: str) -> Any:
    """A module of somebody else's, or None; it may fail in ways of its own."""
    try:
        return importlib.import_module(name)
    except Exception:
        return None


def _lanecrypt(cost: int, threads: int) -> Contender:
    def run(count: int) -> None:
        lanecrypt.hash_many([PASSWORD] * count, rounds=cost, threads=threads, max_cost=31)

    return Contender("lanecrypt", lanecrypt.__version__, threads, run)


def _pyca(cost: int, threads: int) -> list[Contender]:
    module = _import("bcrypt")
    if module is None:
        return []

    def one(_: int) -> None:
        module.hashpw(PASSWORD, module.gensalt(cost))

    def run(count: int) -> None:
        for index in range(count):
            one(index)

    def run_pool(count: int) -> None:
        # It releases the GIL, so a pool of threads is the best that it can do.
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, range(count)))

    version = _version("bcrypt")
    found = [Contender("bcrypt (pyca)", version, 1, run)]
    if threads > 1:
        found.append(Contender("bcrypt (pyca), thread pool", version, threads, run_pool))
    return found


def _passlib(cost: int) -> list[Contender]:
    module = _import("passlib.hash")
    if module is None:
        return []

    def run(count: int) -> None:
        hasher = module.bcrypt.using(rounds=cost)
        for _ in range(count):
            hasher.hash(PASSWORD)

    name = "libpass" if _version("libpass") else "passlib"
    return [Contender(f"{name} bcrypt", _version(name), 1, run)]


def _django(cost: int) -> list[Contender]:
    module = _import("django.contrib.auth.hashers")
    if module is None:
        return []
    hasher = module.BCryptPasswordHasher()
    hasher.rounds = cost

    def run(count: int) -> None:
        for _ in range(count):
            hasher.encode(PASSWORD.decode("ascii"), hasher.salt())

    return [Contender("Django BCryptPasswordHasher", _version("Django"), 1, run)]


def contenders(cost: int, threads: int) -> list[Contender]:
    """lanecrypt, and whoever is installed and can hash one password."""
    own = [_lanecrypt(cost, 1)] + ([_lanecrypt(cost, threads)] if threads > 1 else [])
    return own + [one for one in (*_pyca(cost, threads), *_passlib(cost), *_django(cost)) if _works(one)]


def _works(contender: Contender) -> bool:
    try:
        contender.run(1)
    except Exception:
        return False
    return True


class Result(NamedTuple):
    contender: Contender
    best: float  # hashes per second
    median: float


def measure(found: list[Contender], count: int, turns: int) -> list[Result]:
    rates: list[list[float]] = [[] for _ in found]
    for _ in range(turns):
        for contender, own in zip(found, rates):
            began = time.perf_counter()
            contender.run(count)
            own.append(count / (time.perf_counter() - began))
    return [Result(contender, max(own), statistics.median(own)) for contender, own in zip(found, rates)]


def _show(results: list[Result], cost: int, count: int, turns: int) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("module")
    for heading in ("version", "threads", "hashes/s", "median", "ratio"):
        table.add_column(heading, justify="right")
    base = _base(results)
    for result in results:
        style = "bold green" if result.contender.name == "lanecrypt" else ""
        name, version, threads, _ = result.contender
        numbers = (f"{result.best:,.1f}", f"{result.median:,.1f}", f"{result.best / base.best:.2f} x")
        table.add_row(name, version, str(threads), *numbers, style=style)
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"\n[dim]{count} hashes at cost {cost} in each of {turns} turns, alternating; best turn; ratio to "
        f"{base.contender.name} on one thread[/dim]"
    )


def _base(results: list[Result]) -> Result:
    """pyca's module if it is there: most others stand on it."""
    single = [result for result in results if result.contender.threads == 1]
    return next((result for result in single if result.contender.name == "bcrypt (pyca)"), single[0])


def _as_json(result: Result) -> dict[str, Any]:
    name, version, threads, _ = result.contender
    measured = {"hashes_per_second": result.best, "median": result.median}
    return {"name": name, "version": version, "threads": threads, **measured}


@click.command("bench", short_help="Compare with the bcrypt modules that are installed.")
@click.option("--cost", type=options.COST, default=8, show_default=True)
@click.option("--count", type=click.IntRange(1, 100_000), default=64, show_default=True, help="Hashes in each turn.")
@click.option("--turns", type=click.IntRange(1, 100), default=5, show_default=True)
@click.option("--threads", type=click.IntRange(1, 1024), help="Default: as many as this process may use.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def command(cost: int, count: int, turns: int, threads: int | None, as_json: bool) -> int:
    """Hashes the same batch with lanecrypt and with every bcrypt module that is installed (bcrypt, passlib or libpass,
    Django), in turns, and prints their rates and ratios.
    """
    results = measure(contenders(cost, threads or lanecrypt.cpu_budget().threads), count, turns)
    if as_json:
        click.echo(json.dumps([_as_json(result) for result in results], indent=2))
    else:
        _show(results, cost, count, turns)
    return OK
