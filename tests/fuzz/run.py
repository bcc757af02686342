"""Runs the fuzz targets of a build with the preset `fuzz`, two at a time, and fails where one of them found anything.

    run.py --seconds 60        each target for a time, from its seeds and what earlier runs have found (build/…/corpus)
    run.py --runs 10000000     each target for a number of executions
    run.py --planted           each target with a bug planted in what it fuzzes: it must be found
    run.py --coverage          the lines of the parsers that seeds and corpus reach: 95 in 100 of each file, or it fails

Options go together and are done in the order above. `--only NAME` takes some targets.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import seeds
from line_coverage import Replayed, report_coverage

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
AT_ONCE = 2


@dataclass(frozen=True)
class Target:
    name: str
    longest: int  # bytes of an input
    seconds_planted: int = 60
    dictionary: str = ""
    module: str = ""  # of a Python target: below python/, without its suffix

    @property
    def python(self) -> bool:
        return self.module != ""


TARGETS = (
    Target("setting", 80, dictionary="setting"),
    Target("stored_hash", 80, dictionary="setting"),
    Target("radix64", 80),
    Target("http_response", 512, dictionary="http_response"),
    Target("handler", 1500, dictionary="handler"),
    Target("batch", 256),
    Target("package", 512, module="lanecrypt/_core"),
    Target("liblambda", 512, module="liblambda"),
)


class Build:
    """A build folder: programs, modules, and where inputs and findings are kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.fuzz = self.folder / "fuzz"
        self.seeds = self.fuzz / "seeds"

    def corpus(self, target: Target) -> Path:
        folder = self.fuzz / "corpus" / target.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def command(self, target: Target, planted: bool) -> list[str]:
        if target.python:
            return [sys.executable, str(HERE / f"fuzz_{target.name}.py")]
        return [str(self.folder / "bin" / f"fuzz_{target.name}{'_planted' if planted else ''}")]

    def replayed(self, target: Target) -> Replayed:
        code = Path(self.command(target, False)[0])
        if target.python:
            (code,) = (self.folder / "python").glob(f"{target.module}.*.so")
        return Replayed(target.name, self.command(target, False), self.environment(target, False), code)

    def environment(self, target: Target, planted: bool, profile: str = os.devnull) -> dict[str, str]:
        environment = {
            **os.environ,
            "LLVM_PROFILE_FILE": profile,
            "OMP_WAIT_POLICY": "PASSIVE",
            "AWS_LAMBDA_LOG_LEVEL": "FATAL",
            "LSAN_OPTIONS": f"suppressions={HERE / 'leaks.supp'}:print_suppressions=0",
            # Exceptions make the fake stack of use-after-return dear; a large quarantine makes each block a cold one.
            "ASAN_OPTIONS": "detect_stack_use_after_return=0:quarantine_size_mb=16",
        }
        if target.python:
            python = self.folder / ("planted/python" if planted else "python")
            environment["PYTHONPATH"] = f"{python}:{self.folder / 'python'}:{HERE}"
            environment["LD_PRELOAD"] = str(self.folder / "lib" / "python_fuzz_runtime.so")
            environment["ASAN_OPTIONS"] += ":detect_leaks=0"  # what Python leaves at its end is not ours
        return environment


@dataclass
class Outcome:
    target: Target
    ended: int
    output: str  # atheris says there what Python raised
    errors: str  # libFuzzer's own lines, and the sanitizers'
    found: list[Path]

    @property
    def log(self) -> str:
        return self.output + self.errors

    @property
    def tail(self) -> str:
        return self.output[-3000:] + self.errors[-3000:]

    def figure(self, pattern: str) -> str:
        figures = re.findall(pattern, self.log)
        return figures[-1] if figures else "?"


def run(build: Build, target: Target, limits: list[str], planted: bool = False) -> Outcome:
    artifacts = build.fuzz / ("planted" if planted else "artifacts") / target.name
    artifacts.mkdir(parents=True, exist_ok=True)
    for old in artifacts.iterdir():
        old.unlink()
    command = [*build.command(target, planted), f"-artifact_prefix={artifacts}/", f"-max_len={target.longest}"]
    command += ["-print_final_stats=1", "-entropic=0", "-timeout=60", *limits]
    if target.dictionary:
        command.append(f"-dict={HERE / target.dictionary}.dict")
    if not planted:
        command.append(str(build.corpus(target)))
    if (build.seeds / target.name).is_dir():
        command.append(str(build.seeds / target.name))
    ended = subprocess.run(
        command, env=build.environment(target, planted), capture_output=True, text=True, errors="replace", check=False
    )
    outcome = Outcome(target, ended.returncode, ended.stdout, ended.stderr, sorted(artifacts.iterdir()))
    (artifacts.parent / f"{target.name}.log").write_text(outcome.log)
    return outcome


def fuzz(build: Build, targets: list[Target], limits: list[str]) -> bool:
    """Runs the targets side by side. True if none found anything."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda target: run(build, target, limits), targets))
    print(f"{'target':<14} {'executions':>10} {'a second':>9} {'edges':>6} {'features':>8}  found")
    for outcome in outcomes:
        executions = outcome.figure(r"number_of_executed_units: (\d+)")
        rate = outcome.figure(r"average_exec_per_sec: +(\d+)")
        edges, features = outcome.figure(r"cov: (\d+)"), outcome.figure(r"ft: (\d+)")
        good = outcome.ended == 0 and not outcome.found
        verdict = "nothing" if good else f"{', '.join(map(str, outcome.found)) or 'an exit'} with code {outcome.ended}"
        print(f"{outcome.target.name:<14} {executions:>10} {rate:>9} {edges:>6} {features:>8}  {verdict}")
        if not good:
            print(outcome.tail)
    return all(outcome.ended == 0 and not outcome.found for outcome in outcomes)


def find_planted(build: Build, targets: list[Target]) -> bool:
    """Whether each target finds the bug that was planted for it, by what it asserts or by a sanitizer."""

    def find(target: Target) -> tuple[Outcome, float]:
        begin = time.monotonic()
        outcome = run(build, target, [f"-max_total_time={target.seconds_planted}", "-seed=1"], planted=True)
        return outcome, time.monotonic() - begin

    good = True
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for outcome, seconds in pool.map(find, targets):
            said = re.search(r"property does not hold: .*|AssertionError: .*|ERROR: AddressSanitizer: \S+", outcome.log)
            found = outcome.ended != 0 and said is not None and bool(outcome.found)
            good = good and found
            what = said.group() if said is not None else outcome.tail
            print(f"{outcome.target.name:<14} {'found' if found else 'NOT FOUND'} in {seconds:.1f} s: {what}")
    return good


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "fuzz")
    parser.add_argument("--only", action="append", choices=[target.name for target in TARGETS])
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--coverage", action="store_true")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    build = Build(asked.build)
    targets = [target for target in TARGETS if asked.only is None or target.name in asked.only]
    seeds.write(build.seeds, large=asked.coverage)
    ended: dict[str, bool] = {}
    if asked.seconds is not None:
        ended["fuzzing for a time"] = fuzz(build, targets, [f"-max_total_time={asked.seconds}"])
    if asked.runs is not None:
        os.environ["LANECRYPT_FUZZ_ONE_THREAD"] = "1"
        ended["fuzzing for a number"] = fuzz(build, targets, [f"-runs={asked.runs}", f"-seed={asked.seed}"])
    if asked.planted:
        ended["planted bugs"] = find_planted(build, targets)
    if asked.coverage:
        ended["coverage"] = report_coverage(build.fuzz, [build.replayed(target) for target in TARGETS])  # not --only
    for part, good in ended.items():
        print(f"fuzz: {part}, {len(targets)} targets: {'as it must be' if good else 'SOMETHING IS WRONG, see above'}")
    return 0 if all(ended.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
