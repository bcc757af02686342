"""The Python package beside pyca/bcrypt: batches, the binding's own time, a single hash, the time to import.

`./dev bench python [--rounds N] [--quick]`. All in one run and in turns, on all cores; the best of the rounds is shown
beside the median. Answers are checked before anything is timed. Writes bench/results/PYTHON.md, python.json and
python.svg.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any

import bcrypt
import lanecrypt
from lanecrypt import _core
from rich.console import Console
from rich.progress import track

RESULTS = Path(__file__).resolve().parent / "results"
PACKAGE = Path(lanecrypt.__file__).resolve().parents[1]
CORES = lanecrypt.cpu_budget().threads
COST = 10
Times = dict[str, list[float]]


def seconds(run: Callable[[], Any]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def in_turns(contestants: dict[str, Callable[[], Any]], rounds: int, what: str) -> Times:
    """The seconds of each, A B C, C B A, ...: whatever slows the machine down slows all of them."""
    times: Times = {name: [] for name in contestants}
    for turn in track(range(rounds), what, console=Console(stderr=True)):
        for name in list(contestants)[:: -1 if turn % 2 else 1]:
            times[name].append(seconds(contestants[name]))
    return times


def batches(count: int, rounds: int) -> Times:
    passwords = [b"password %06d" % number for number in range(count)]
    pool = ThreadPoolExecutor(CORES)

    def one(password: bytes) -> bytes:
        return bcrypt.hashpw(password, bcrypt.gensalt(COST))

    hashes = lanecrypt.hash_many(passwords[:8], rounds=COST)
    assert all(bcrypt.checkpw(password, hashed) for password, hashed in zip(passwords, hashes, strict=False))
    contestants: dict[str, Callable[[], Any]] = {
        "lanecrypt.hash_many": lambda: lanecrypt.hash_many(passwords, rounds=COST),
        "pyca/bcrypt, thread pool": lambda: list(pool.map(one, passwords)),
        "pyca/bcrypt, loop": lambda: [one(password) for password in passwords],
    }
    return in_turns(contestants, rounds, f"{count} hashes at cost {COST}")


def binding(rounds: int) -> dict[str, list[float]]:
    """Seconds of hash_many for 10,000 items at cost 4, and what of them was spent inside of the C ABI."""
    passwords = [b"password %06d" % number for number in range(10_000)]
    inside: list[float] = []
    real = _core.hash_batch

    def noting(*arguments: Any) -> Any:
        answer = real(*arguments)
        inside.append(answer[3][2] / 1e9)
        return answer

    _core.hash_batch = noting  # type: ignore[assignment]
    try:
        whole = in_turns({"all": lambda: lanecrypt.hash_many(passwords, rounds=4)}, rounds, "10,000 at cost 4")["all"]
    finally:
        _core.hash_batch = real
    return {"all": whole, "abi": inside}


def singles(rounds: int) -> Times:
    salt = bcrypt.gensalt(COST)
    assert lanecrypt.hashpw(b"password", salt) == bcrypt.hashpw(b"password", salt)
    contestants: dict[str, Callable[[], Any]] = {
        "lanecrypt.hashpw": lambda: lanecrypt.hashpw(b"password", salt),
        "pyca/bcrypt.hashpw": lambda: bcrypt.hashpw(b"password", salt),
    }
    return in_turns(contestants, rounds * 5, "single hashes")


def imports(rounds: int) -> Times:
    """Whole processes: bare Python, and Python that imports one module."""

    def start(code: str) -> Callable[[], Any]:
        paths = [str(PACKAGE), str(Path(bcrypt.__file__).resolve().parents[1])]
        command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path += {paths}; {code}"]
        return lambda: subprocess.run(command, check=True)

    contestants = {"bare Python": start("pass"), "lanecrypt": start("import lanecrypt")}
    contestants["pyca/bcrypt"] = start("import bcrypt")
    return in_turns(contestants, rounds * 8, "imports")


def machine() -> str:
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    ours = f"lanecrypt {lanecrypt.__version__}, engine {lanecrypt.plan(1).engine}"
    python = f"CPython {platform.python_version()}, pyca/bcrypt {metadata.version('bcrypt')}"
    return f"{model}, {os.cpu_count()} cores, {CORES} used; {ours}; {python}"


def rows(count: int, figures: dict[str, Times]) -> list[tuple[str, str, str, str, bool]]:
    """(figure, best, median, bar, met) of each row."""

    def ratio(times: Times, over: str, under: str) -> tuple[float, float]:
        best = min(times[over]) / min(times[under])
        return best, statistics.median(times[over]) / statistics.median(times[under])

    batch, single, start = figures["batches"], figures["singles"], figures["imports"]
    bound = figures["binding"]
    own = [(whole - abi) / abi for whole, abi in zip(bound["all"], bound["abi"], strict=True)]
    pool = ratio(batch, "pyca/bcrypt, thread pool", "lanecrypt.hash_many")
    loop = ratio(batch, "pyca/bcrypt, loop", "lanecrypt.hash_many")
    one = ratio(single, "lanecrypt.hashpw", "pyca/bcrypt.hashpw")
    ours = [1000 * (pick(start["lanecrypt"]) - pick(start["bare Python"])) for pick in (min, statistics.median)]
    theirs = [1000 * (pick(start["pyca/bcrypt"]) - pick(start["bare Python"])) for pick in (min, statistics.median)]
    return [
        (f"{count:,} hashes at cost {COST}: pyca in a thread pool, time over hash_many's", *_times(pool), "", True),
        (f"{count:,} hashes at cost {COST}: pyca in a loop, time over hash_many's", *_times(loop), "", True),
        (
            "10,000 items at cost 4: the binding's own time over the C ABI's",
            f"{min(own):.2%}",
            f"{statistics.median(own):.2%}",
            "< 2 %",
            min(own) < 0.02,
        ),
        ("single hashpw, time over pyca's", *_times(one), "<= 1.0", one[0] <= 1.0),
        ("import lanecrypt, over bare Python", f"{ours[0]:.1f} ms", f"{ours[1]:.1f} ms", "< 15 ms", ours[0] < 15),
        ("import bcrypt (pyca), over bare Python", f"{theirs[0]:.1f} ms", f"{theirs[1]:.1f} ms", "", True),
    ]


def _times(pair: tuple[float, float]) -> tuple[str, str]:
    return f"{pair[0]:.2f} x", f"{pair[1]:.2f} x"


def table(lines: list[tuple[str, str, str, str, bool]], command: str) -> str:
    text = f"# The Python package, measured\n\n{machine()}\n\n    {command}\n\n"
    text += "| figure | best | median | bar |\n|---|---|---|---|\n"
    for figure, best, median, bar, met in lines:
        verdict = f"{bar}, {'met' if met else 'MISSED'}" if bar else ""
        text += f"| {figure} | {best} | {median} | {verdict} |\n"
    return text + "\n![hashes per second](python.svg)\n"


def plot(count: int, times: Times) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "lanecrypt"
    import matplotlib.pyplot as plt

    names = list(times)[::-1]
    rates = [count / min(times[name]) for name in names]
    figure, axes = plt.subplots(figsize=(7.5, 2.2), layout="constrained")
    bars = axes.barh(names, rates, color=["#9aa5b1", "#9aa5b1", "#2b6cb0"], height=0.6)
    axes.bar_label(bars, [f"{rate:,.0f}" for rate in rates], padding=4)
    axes.set_xlim(0, max(rates) * 1.12)
    axes.set_xlabel(f"hashes per second, {count:,} passwords at cost {COST}, {CORES} cores")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(RESULTS / "python.svg", metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="60 hashes and one round: does it run? Writes nothing")
    arguments = parser.parse_args()
    count, rounds = (60, 1) if arguments.quick else (1000, arguments.rounds)
    figures = {
        "imports": imports(rounds),
        "singles": singles(rounds),
        "binding": binding(rounds * 3),
        "batches": batches(count, rounds),
    }
    text = table(rows(count, figures), "./dev bench python")
    print(text)
    if not arguments.quick:
        RESULTS.joinpath("PYTHON.md").write_text(text)
        RESULTS.joinpath("python.json").write_text(
            json.dumps({"machine": machine(), "seconds": figures}, indent=1) + "\n"
        )
        plot(count, figures["batches"])


if __name__ == "__main__":
    main()
