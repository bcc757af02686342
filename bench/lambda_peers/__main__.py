"""`./dev bench lambda`: every function measured in one run, and written to bench/results."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from emulator import EmulatorError

from bench.lambda_peers import catalogue, install, plots, report
from bench.lambda_peers.measure import Pace, Run
from bench.peers import machine
from bench.peers.install import ROOT, Missing

RESULTS = ROOT / "bench" / "results"
WRONG = 2
OURS = (catalogue.BOOTSTRAP, catalogue.CROWBAR)


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench lambda", description=__doc__)
    for name, what in (("cold", "cold starts"), ("warm", "warm calls"), ("items", "rounds of 20 items")):
        default = getattr(Pace(), name)
        parser.add_argument(f"--{name}", type=positive, default=default, help=f"{what} (default {default})")
    parser.add_argument(
        "--dist", type=Path, default=install.DIST, help="folder with lanecrypt's own zips (default: dist)"
    )
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="folder for what is written (default: bench/results)"
    )
    return parser.parse_args()


def say(words: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {words}", flush=True)


def measured(wished: argparse.Namespace) -> report.Results:
    about = machine.describe()  # before the builds, whose load is over when the measuring begins
    contestants, skipped = catalogue.gather(wished.dist.resolve(), say)
    for key, reason in skipped.items():
        say(f"skipped: {key}: {reason}")
    pace = Pace(cold=wished.cold, first=min(Pace().first, wished.cold), warm=wished.warm, items=wished.items)
    began = time.monotonic()
    run = Run(contestants, pace, say)
    samples = run.all()
    here = [each for each in contestants if each.key not in run.failed]
    return report.Results(about, here, {**skipped, **run.failed}, samples, pace, (time.monotonic() - began) / 60)


def tell(results: report.Results) -> None:
    for each in results.verdicts:
        ratio = "" if each.ratio is None else f"{each.ratio:.3f}"
        limit = "" if each.bar.limit is None else f"<= {each.bar.limit:.2f}"
        print(f"{each.bar.text:<56} {ratio:>7} {limit:>8}  {each.word}")
    for key, reason in results.skipped.items():
        print(f"skipped: {key}: {reason}")


def main() -> int:
    wished = arguments()
    try:
        results = measured(wished)
    except (Missing, EmulatorError) as error:
        print(f"./dev bench lambda: {error}", file=sys.stderr)
        return WRONG
    tell(results)
    report.write(results, plots.draw_all(results, wished.results), wished.results)
    print(f"written to {wished.results}")
    return WRONG if any(key in results.skipped for key in OURS) else 0


if __name__ == "__main__":
    sys.exit(main())
