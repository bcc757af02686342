"""The subcommands and their options, and where an error becomes an exit code. What they do is in the other files."""

from __future__ import annotations

import fnmatch
import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from . import burst as burst_part
from . import comprehensive as comprehensive_part
from . import cost as cost_part
from . import metrics as metrics_part
from . import plots, runs, summary, tables
from . import validate as validate_part
from .aws import AwsTarget
from .configurations import ITEMS
from .failure import INTERRUPTED, WRONG, Unreachable, WrongFile
from .signing import AwsSignature
from .targets import Function, Target, benchmarked

HELP = """Checks and measures the functions of the stack, and tells what they cost.

Each subcommand works on AWS and, with --local, on the same functions here, behind AWS's Runtime Interface Emulator. It
needs boto3, click, rich, httpx and matplotlib: `.venv/bin/python examples/aws/bench.py` after `./dev run` has them.

\b
Exit codes:
  0    done, and all as it must be
  1    a check failed, or a function answered an error
  2    wrong options, or a file that is not what it must be
  3    AWS or the emulator cannot be asked: credentials, stack, permission, throttled, not built
  130  interrupted; rows that are in the CSV file are whole
"""

RESULTS = Path(__file__).resolve().parents[1] / "results"
BUSY = 0.5  # load for each processor
FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@dataclass(frozen=True)
class Choice:
    """Which functions, from the options that all subcommands share."""

    local: bool
    stack: str
    profile: str | None
    region: str | None
    attempts: int
    patterns: tuple[str, ...]
    build: Path | None
    other_bootstrap: Path | None

    def target(self) -> Target:
        if not self.local:
            return self.aws()
        from .local import BUILD, LocalTarget

        return LocalTarget(self.build or BUILD, self.other_bootstrap)

    def aws(self) -> AwsTarget:
        return AwsTarget(self.stack, self.profile, self.region, self.attempts)

    def keeps(self, name: str) -> bool:
        return not self.patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in self.patterns)

    def benchmarked(self, target: Target) -> list[Function]:
        functions, left_out = benchmarked(target, self.keeps)
        tables.say_left_out(tables.console(), left_out)
        if not functions:
            what = "--function matches none" if self.patterns else "there is none"
            raise Unreachable(f"no function of the twelve configurations: {what}")
        return functions


SHARED = (
    click.option("--local", is_flag=True, help="Here, behind the emulator, instead of on AWS."),
    click.option("--stack", default="lanecrypt", show_default=True, help="The CloudFormation stack."),
    click.option("--profile", help="A profile of the AWS configuration."),
    click.option("--region", help="Default: that of the profile or AWS_REGION."),
    click.option(
        "--attempts", type=click.IntRange(1, 50), default=8, show_default=True, help="Tries of a throttled call."
    ),
    click.option(
        "--function", "patterns", multiple=True, metavar="PATTERN", help="Only such names, as *-arm64-*. Repeatable."
    ),
    click.option("--build", type=FOLDER, help="With --local: the build folder.  [default: build/release]"),
    click.option(
        "--other-bootstrap", type=FILE, help="With --local: the other architecture's bootstrap, run by qemu-user."
    ),
)


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which functions; they arrive as one Choice."""

    @functools.wraps(command)  # with the options that are on it already
    def with_choice(**options: Any) -> Any:
        choice = Choice(**{name: options.pop(name) for name in Choice.__dataclass_fields__})
        return command(choice, **options)

    with_options: Callable[..., Any] = with_choice
    for option in reversed(SHARED):
        with_options = option(with_options)
    return with_options


RUNS = click.IntRange(1, 10_000)


def _say_busy(choice: Choice) -> None:
    if choice.local and (load := os.getloadavg()[0]) > BUSY * (os.cpu_count() or 1):
        click.echo(
            f"this machine is busy (load {load:.1f}, {os.cpu_count()} processors), and slower than it could be",
            err=True,
        )


@click.group(help=HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli() -> None:
    pass


@cli.command()
@shared
@click.option("--url", "urls", multiple=True, help="To check over HTTP.  [default: the stack's API and Function URL]")
@click.option("--no-http", is_flag=True, help="Leave HTTP out.")
def validate(choice: Choice, urls: tuple[str, ...], no_http: bool) -> None:
    """Check that every function answers right, known-answer hashes included."""
    out = tables.console()
    target = choice.target()
    functions = [function for function in target.functions() if choice.keeps(function.name)]
    tables.say_left_out(out, target.left_out)
    if not functions:
        raise Unreachable("no function to check")
    with tables.progress() as bar:
        task = bar.add_task("functions", total=len(functions))
        checks = validate_part.run(target, functions, lambda: bar.advance(task))
    if not no_http:
        checks += _over_http(target, urls)
    validate_part.show(out, checks, target.label)
    if any(check.problem for check in checks):
        sys.exit(WRONG)


def _over_http(target: Target, urls: tuple[str, ...]) -> list[validate_part.Check]:
    if not isinstance(target, AwsTarget):
        return [check for url in urls for check in validate_part.over_http(url)]
    signature = AwsSignature(target.credentials())
    return [check for url in urls or target.urls() for check in validate_part.over_http(url, signature)]


@cli.command()
@shared
@click.option("--runs", "count", type=RUNS, default=20, show_default=True, help="Warm runs of each configuration.")
@click.option("--items", type=click.IntRange(1, 1000), default=ITEMS, show_default=True, help="Items in the event.")
@click.option("--csv", "path", type=FILE, help="One row for each run.  [default: results/aws.csv or results/local.csv]")
@click.option("--force", is_flag=True, help="Overwrite the CSV file.")
def comprehensive(choice: Choice, count: int, items: int, path: Path | None, force: bool) -> None:
    """Time warm runs of the sample's event on each configuration: percentiles, CSV, arm64 beside x86_64."""
    target = choice.target()
    functions = choice.benchmarked(target)
    _say_busy(choice)
    path = path or RESULTS / f"{target.label}.csv"
    with runs.RunsFile(path, force) as file, tables.progress() as bar:
        task = bar.add_task("warm runs", total=count * len(functions))
        try:
            rows = comprehensive_part.measure(target, functions, items, count, file, lambda: bar.advance(task))
        except BaseException:
            click.echo(f"{path} has the {file.written} runs before this", err=True)
            raise
    out = tables.console()
    summaries = summary.summarize(rows)
    if not summaries:
        raise Unreachable("no run was warm: Lambda started a new environment for each")
    comprehensive_part.show(out, summaries)
    out.print(f"{len(rows)} runs in {path}")


def _mix(_context: click.Context, _parameter: click.Parameter, text: str) -> dict[int, int]:
    return burst_part.parse_mix(text)


@cli.command()
@shared
@click.option(
    "--runs", "count", type=RUNS, default=3, show_default=True, help="Of each function, with all threads and one."
)
@click.option(
    "--mix", callback=_mix, default=burst_part.MIX, show_default=True, help="COST:ITEMS, with commas between."
)
def burst(choice: Choice, count: int, mix: dict[int, int]) -> None:
    """Send 100 items of uneven costs in one event: threads used and idle time."""
    target = choice.target()
    functions = choice.benchmarked(target)
    _say_busy(choice)
    with tables.progress() as bar:
        task = bar.add_task("bursts", total=2 * count * len(functions))
        bursts = burst_part.measure(target, functions, mix, count, lambda: bar.advance(task))
    burst_part.show(tables.console(), bursts, mix, target.label)


@cli.command()
@shared
@click.option(
    "--hours", type=click.FloatRange(0, 24 * 30, min_open=True), default=1.0, show_default=True, help="On AWS."
)
@click.option("--limit", type=RUNS, default=10_000, show_default=True, help="On AWS: reports of each function.")
@click.option("--runs", "count", type=RUNS, default=5, show_default=True, help="With --local: calls of each function.")
@click.option("--items", type=click.IntRange(1, 1000), default=ITEMS, show_default=True, help="With --local.")
@click.option("--prices", "prices_path", type=FILE, default=cost_part.PRICES, help="Another file of prices.")
def metrics(choice: Choice, hours: float, limit: int, count: int, items: int, prices_path: Path) -> None:
    """Show duration, init, memory and cost of each function as Lambda reported them."""
    prices = cost_part.load(prices_path)
    out = tables.console()
    with tables.progress() as bar:
        if choice.local:
            target = choice.target()
            functions = [each for each in target.functions() if choice.keeps(each.name) and not each.emulated]
            task = bar.add_task("calls", total=count * len(functions))
            found = metrics_part.of_local(target, functions, count, items, lambda: bar.advance(task))
            title = f"{count} calls of {items} items, the first one cold"
        else:
            aws = choice.aws()
            functions = [each for each in aws.functions() if choice.keeps(each.name)]
            task = bar.add_task("functions", total=len(functions))
            found = metrics_part.of_aws(aws, functions, hours, limit, lambda: bar.advance(task))
            target, title = aws, metrics_part.window(hours)
    tables.say_left_out(out, target.left_out)
    if not found:
        raise Unreachable("no function to show")
    metrics_part.show(out, found, prices, title, target.label)


@cli.command()
@click.argument("path", type=FILE, required=False, metavar="[CSV]")
@click.option("--local", is_flag=True, help="The runs here: results/local.csv instead of results/aws.csv.")
@click.option("--prices", "prices_path", type=FILE, default=cost_part.PRICES, help="Another file of prices.")
@click.option("--plots", "folder", type=FOLDER, help="Draw time and cost against memory there, as SVG and PNG.")
@click.option("--format", "endings", type=click.Choice(["svg", "png"]), multiple=True, help="Of --plots: only this.")
@click.option("--into", type=FILE, help="Put the table, as Markdown, between the marks of this file.")
def cost(
    path: Path | None, local: bool, prices_path: Path, folder: Path | None, endings: tuple[str, ...], into: Path | None
) -> None:
    """Price a million invocations of each configuration, from a CSV file of `comprehensive`."""
    label = "local" if local else "aws"
    path = path or RESULTS / f"{label}.csv"
    measured = runs.read(path)
    if measured[0].target != label:
        raise WrongFile(f"{path} has runs of target {measured[0].target}: {'leave out' if local else 'add'} --local")
    prices = cost_part.load(prices_path)
    rows = [cost_part.price(each, prices) for each in summary.summarize(measured)]
    out = tables.console()
    cost_part.show(out, rows, prices)
    if into is not None:
        cost_part.insert(into, cost_part.markdown(rows, prices))
    if folder is not None:
        for drawn in plots.draw(rows, prices, folder, label, endings or ("svg", "png")):
            out.print(f"drawn: {drawn}")


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    try:
        return int(cli.main(arguments, prog_name="bench.py", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
