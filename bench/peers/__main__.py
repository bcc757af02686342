"""`./dev bench peers`: everything measured in one run, and written to bench/results."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from bench.peers import bars, catalogue, counters, install, machine, plots, report
from bench.peers.oracle import WrongHash
from bench.peers.sections import QUICK, SECTIONS, Bench, Pace
from bench.peers.worker import WorkerFailed

RESULTS = install.ROOT / "bench" / "results"
WRONG = 2


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="does it run? Cheap costs, one round; writes nothing")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="SECTION", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--rounds", type=int, help="alternating rounds, at least 5 for figures (default 5)")
    parser.add_argument("--results", type=Path, help="folder for what is written (default: bench/results)")
    return parser.parse_args()


def say(words: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {words}", flush=True)


def measure(bench: Bench, sections: list[str]) -> report.Results:
    about = machine.describe()
    began = time.monotonic()
    for name in sections:
        SECTIONS[name](bench)
    say("performance counters")
    counted, reason = counters.measure()
    return report.Results(
        machine=about,
        peers=bench.peers,
        skipped=bench.skipped,
        left_out=bench.left_out,
        rows=bench.rows,
        rounds=bench.pace.rounds,
        minutes=(time.monotonic() - began) / 60,
        counters=counted,
        no_counters=reason,
    )


def tell(results: report.Results) -> None:
    for bar, pair, verdict in bars.judged(results.rows, results.cores):
        sign = ">=" if bar.at_least else "<="
        measured = f"{pair[0]:.3f} (median {pair[1]:.3f})" if pair else ""
        print(f"{bar.text:<75} {measured:<24} {sign} {bar.bar:.2f}  {verdict}")
    for name, reason in results.skipped.items():
        print(f"skipped: {name}: {reason}")
    for left in results.left_out:
        print(f"left out: {left}")
    if results.no_counters:
        print(f"no counters: {results.no_counters}")


def main() -> int:
    wished = arguments()
    pace = QUICK if wished.quick else Pace()
    if wished.rounds:
        pace = replace(pace, rounds=wished.rounds)
    try:
        peers, skipped = catalogue.gather(say)
        for name, reason in skipped.items():
            say(f"skipped: {name}: {reason}")
        bench = Bench(peers, skipped, pace, install.PLACE, say)
        results = measure(bench, wished.only or list(SECTIONS))
    except (WrongHash, WorkerFailed) as error:
        print(f"./dev bench peers: {error}", file=sys.stderr)
        return WRONG
    tell(results)
    folder = wished.results or (None if wished.quick or wished.only else RESULTS)
    if folder is not None:
        report.write(results, plots.draw_all(results, folder), folder)
        print(f"written to {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
