"""`lanecrypt estimate`: how long so many hashes take on how many cores, and what AWS Lambda would charge for them."""

from __future__ import annotations

import json
import math
import platform
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from rich.console import Console
from rich.table import Table

import lanecrypt
from lanecrypt.cli import options
from lanecrypt.cli.failure import OK
from lanecrypt.cli.measure import hashes_per_second, others_computing

MB_PER_VCPU = 1769
MB_PER_GB = 1024
CORES = (1, 2, 4, 8, 16, 32, 64)
# An invocation of the event that the Lambda function takes has this many items at most, and should not be long.
ITEMS_PER_REQUEST = 10_000
SECONDS_PER_REQUEST = 300.0
SUFFIXES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9}


if TYPE_CHECKING:
    NumberType = click.ParamType[int]
else:
    NumberType = click.ParamType  # generic only in newer versions of click


class Rows(NumberType):
    """10000000, 10_000_000, 10M, 2.5k, 1e7."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = re.fullmatch(r"(\d[\d_,]*(?:\.\d+)?(?:e\+?\d{1,2})?)([kmgb]?)", str(value).strip().lower())
        if not match:
            self.fail("must be a number such as 250000, 10M, 2.5k or 1e7", param, ctx)
        return round(float(re.sub("[_,]", "", match[1])) * SUFFIXES[match[2]])


class Dollars(click.FloatRange):
    """A price: 0 or more, and a number."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found: float = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail("must be a number", param, ctx)
        return found


PRICE = Dollars(min=0)


class Price(NamedTuple):
    """What Lambda charges for one architecture."""

    architecture: str
    gigabyte_second: float
    measured: bool


class Estimate(NamedTuple):
    rows: int
    cost: int
    per_core: float  # hashes per second
    threads: int
    here: float  # hashes per second of this machine with all its threads

    def seconds(self, cores: int) -> float:
        return self.rows / (self.per_core * cores)

    def requests(self) -> int:
        items = min(ITEMS_PER_REQUEST, max(1, int(self.per_core * SECONDS_PER_REQUEST)))
        return -(-self.rows // items)

    def dollars(self, price: Price, million_requests: float) -> float:
        gigabytes = MB_PER_VCPU / MB_PER_GB
        return self.seconds(1) * gigabytes * price.gigabyte_second + self.requests() * million_requests / 1e6


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    if seconds < 5400:
        return f"{seconds / 60:.1f} minutes"
    hours = seconds / 3600
    return f"{hours:,.1f} hours" if hours < 72 else f"{hours:,.0f} hours ({hours / 24:,.1f} days)"


def _prices(arguments: dict[str, Any]) -> list[Price]:
    arm = platform.machine() in ("aarch64", "arm64")
    return [
        Price("x86_64", arguments["price_x86_64"], not arm),
        Price("arm64", arguments["price_arm64"], arm),
    ]


def _show(estimate: Estimate, prices: list[Price], million_requests: float) -> None:
    console = Console(highlight=False)
    console.print(
        f"[bold]{estimate.rows:,} hashes at cost {estimate.cost}[/bold]; measured here: "
        f"{estimate.per_core:,.1f} hashes/s on one core, {estimate.here:,.1f} on {estimate.threads} threads\n"
    )
    times = Table(box=None, pad_edge=False, header_style="bold")
    times.add_column("cores", justify="right")
    times.add_column("time")
    for cores in CORES:
        times.add_row(str(cores), duration(estimate.seconds(cores)))
    times.add_row("here", duration(estimate.rows / estimate.here), style="cyan")
    console.print(times)
    lambdas = Table(box=None, pad_edge=False, header_style="bold")
    for heading, justify in (("\nAWS Lambda", "left"), ("\nUSD", "right"), ("\nspeed", "left")):
        lambdas.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for price in prices:
        speed = "as measured here" if price.measured else "not measured: taken to be this machine's"
        lambdas.add_row(price.architecture, f"{estimate.dollars(price, million_requests):,.2f}", speed)
    console.print(lambdas)
    console.print(
        f"\n[dim]{MB_PER_VCPU} MB for each vCPU, requests: {estimate.requests():,}; cores and vCPUs are taken to be as "
        "fast as a core here, and alone on it. Reading and writing is not counted.[/dim]"
    )


def _as_json(estimate: Estimate, prices: list[Price], million_requests: float) -> dict[str, Any]:
    return {
        "rows": estimate.rows,
        "cost": estimate.cost,
        "hashes_per_second": {"core": estimate.per_core, "here": estimate.here, "threads": estimate.threads},
        "seconds": {str(cores): estimate.seconds(cores) for cores in CORES},
        "seconds_here": estimate.rows / estimate.here,
        "lambda": {
            price.architecture: {"usd": estimate.dollars(price, million_requests), "measured": price.measured}
            for price in prices
        },
        "lambda_requests": estimate.requests(),
    }


@click.command("estimate", short_help="How long a job will take, and what it costs on AWS Lambda.")
@click.option("--rows", type=Rows(), required=True, help="How many hashes: 250000, 10M, 2.5k.")
@click.option("--cost", type=options.COST, default=12, show_default=True)
@click.option("--seconds", type=click.FloatRange(0.05, 60), default=2.0, show_default=True, help="How long to measure.")
@click.option("--price-x86_64", type=PRICE, default=0.0000166667, show_default=True, help="USD for a GB-second.")
@click.option("--price-arm64", type=PRICE, default=0.0000133334, show_default=True, help="USD for a GB-second.")
@click.option("--price-requests", type=PRICE, default=0.20, show_default=True, help="USD for a million requests.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def command(rows: int, cost: int, seconds: float, price_requests: float, as_json: bool, **arguments: Any) -> int:
    """Measures this machine for two seconds and says how long so many hashes take on 1 to 64 such cores, and what AWS
    Lambda charges. Costs over 10 are measured at 10 and scaled: each step doubles the time.

    \b
    lanecrypt estimate --rows 10M --cost 12
    """
    threads = lanecrypt.cpu_budget().threads
    remark = others_computing()
    per_core = hashes_per_second(cost, 1, seconds / 2)
    here = hashes_per_second(cost, threads, seconds / 2) if threads > 1 else per_core
    estimate = Estimate(rows, cost, per_core, threads, here)
    prices = _prices(arguments)
    if as_json:
        click.echo(json.dumps(_as_json(estimate, prices, price_requests), indent=2))
    else:
        _show(estimate, prices, price_requests)
        if remark is not None:
            print(f"lanecrypt: the load is {remark}, and the figures are too low", file=sys.stderr)
    return OK
