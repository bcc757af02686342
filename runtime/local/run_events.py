"""`./dev run [FILE.json]`: sends events to the native bootstrap behind the real emulator, prints the answers.

Exits with 1 if an answer is not what examples/events/expected says; a FILE of yours has no expectation, so
only a failed invocation counts against it.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator import Emulator, EmulatorError
from example_events import Event, all_events, load, unexpected
from rich.console import Console
from rich.markup import escape
from rich.table import Table

BOOTSTRAP = Path(__file__).resolve().parents[2] / "build" / "release" / "bin" / "bootstrap"
SHOWN_ITEMS = 4


@dataclass(frozen=True)
class Result:
    event: Event
    answer: Any
    log: dict[str, Any]
    problem: str | None


def shown_item(item: dict[str, Any]) -> str:
    name = json.dumps(item["id"], ensure_ascii=False) if "id" in item else "(no id)"
    if "error" in item:
        return f"{name}: [yellow]{item['error']['code']}[/yellow] {escape(item['error']['message'])}"
    if "match" in item:
        upgraded = f", new hash {item['new_hash']}" if "new_hash" in item else ""
        return f"{name}: {'match' if item['match'] else 'no match'}{upgraded}"
    return f"{name}: {escape(item['hash'])}"


def print_answer(console: Console, result: Result) -> None:
    answer = result.answer
    size = f"{len(result.event.body):,} bytes" + (", made at run time" if result.event.made else "")
    console.print(f"[bold]{result.event.name}[/bold] ({size})")
    if not isinstance(answer, dict):
        console.print(f"  {escape(str(answer)[:200])}")
    elif "errorType" in answer:
        console.print(f"  {answer['errorType']}: {escape(answer.get('errorMessage', ''))}")
    else:
        rest = {key: value for key, value in answer.items() if key != "items"}
        console.print("  " + escape(json.dumps(rest)))
        items = answer.get("items", [])
        for item in items[:SHOWN_ITEMS] if len(items) > 20 else items:
            console.print("    " + shown_item(item))
        if len(items) > 20:
            console.print(f"    … and {len(items) - SHOWN_ITEMS} more")
    if result.problem:
        console.print(f"  [red]not as expected: {escape(result.problem)}[/red]")


def send(emulator: Emulator, event: Event) -> Result:
    status, body = emulator.invoke(event.body)
    try:
        answer = json.loads(body)
    except ValueError:
        answer = body.decode(errors="replace")
    failed = isinstance(answer, dict) and "errorType" in answer
    log = emulator.log_line(failed) or {}
    problem = unexpected(event, answer) if status == 200 else f"HTTP status {status}"
    if problem is None and event.expected is None and failed:
        problem = "the invocation failed"
    return Result(event, answer, log, problem)


def closing_table(results: list[Result]) -> Table:
    table = Table(title="lanecrypt bootstrap behind the Runtime Interface Emulator")
    for name in ("event", "result"):
        table.add_column(name, no_wrap=True)
    for name in ("items", "failed", "ms"):
        table.add_column(name, justify="right")
    table.add_column("engine")
    table.add_column("threads", justify="right")
    for result in results:
        failed = isinstance(result.answer, dict) and "errorType" in result.answer
        outcome = "error" if failed else "ok"
        colour, note = ("red", " (unexpected)") if result.problem else ("green", "")
        numbers = [str(result.log.get(key, "")) for key in ("items", "failed", "duration_ms", "engine", "threads")]
        if failed:
            numbers = ["", "", "", "", ""]
        table.add_row(result.event.name, f"[{colour}]{outcome}{note}[/{colour}]", *numbers)
    return table


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev run", description="Sends events to the bootstrap.")
    parser.add_argument("file", nargs="?", type=Path, help="one event; otherwise all of examples/events")
    parser.add_argument("--bootstrap", type=Path, default=BOOTSTRAP)
    options = parser.parse_args()
    if options.file is not None and not options.file.is_file():
        parser.error(f"there is no file {options.file}")
    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, 100)
    events = all_events() if options.file is None else iter([load(options.file)])
    results: list[Result] = []
    try:
        with Emulator(options.bootstrap.resolve()) as emulator:
            for event in events:
                results.append(send(emulator, event))
                print_answer(console, results[-1])
    except EmulatorError as error:
        console.print(f"[red]{escape(str(error))}[/red]")
        return 1
    console.print(closing_table(results))
    wrong = sum(result.problem is not None for result in results)
    console.print(f"{len(results) - wrong} of {len(results)} events answered as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
