"""`./dev bench neoverse`: what llvm-mca says of the portable engine on the cores of AWS Graviton 2, 3 and 4.

An estimate and no measurement: the loop that the compiler made for each width, followed through one Blowfish encryption
and put through LLVM's models of Neoverse N1, V1 and V2. They know latencies, ports and dispatch; they know nothing of
caches, of branches, or of how long a value takes through memory when a register was spilled. Writes
bench/results/NEOVERSE.md, or with --print only shows it.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "arm64"
RESULTS = ROOT / "bench" / "results" / "NEOVERSE.md"
MCA = "llvm-mca-19"  # the oldest that has models of its own for all three: 16 takes A57's for N1 and N2's for V1 and V2
CORES = {"neoverse-n1": "Graviton 2", "neoverse-v1": "Graviton 3", "neoverse-v2": "Graviton 4"}
WIDTHS = range(1, 9)
ROUNDS = 16
LOOP_ROUNDS = 2  # of a loop over rounds, where the compiler was given one (blowfish_lanes.hpp)
REPEATS = 10  # encryptions; the start of the pipeline is subtracted


@dataclass(frozen=True)
class Encryption:
    """The instructions of one encryption of every lane, in the order in which they are carried out."""

    width: int
    lines: list[str]

    def per_lane_round(self, count: int) -> float:
        return count / (self.width * ROUNDS)

    @property
    def instructions(self) -> float:
        return self.per_lane_round(len(self.lines))

    @property
    def stack_accesses(self) -> float:
        return self.per_lane_round(sum("[sp" in line or "[x29" in line for line in self.lines))


def assembly() -> str:
    """The engine's, compiled with the very options of the build."""
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    (entry,) = [each for each in commands if each["file"].endswith("/engine_portable.cpp")]
    words = shlex.split(entry["command"])
    words[words.index("-o") + 1] = "-"
    words[words.index("-c")] = "-S"
    return subprocess.run(words, cwd=entry["directory"], check=True, capture_output=True, text=True).stdout


def function(text: str, width: int) -> list[str]:
    """Labels and instructions of expand<width>, where nearly all of bcrypt's time goes."""
    name = f"_ZN9lanecrypt6expandILj{width}EEEvRNS_5LanesIXT_EEE"
    found = re.search(rf"^{name}:\n(.*?)\n\s*\.size\s+{name},", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"the compiler made no {name}"
    lines = [line.split("//")[0].strip() for line in found[1].splitlines()]
    return [line for line in lines if line.endswith(":") or (line and not line.startswith("."))]


def loops(lines: list[str]) -> list[tuple[int, int]]:
    """First and last line of each loop that calls nothing; the widest first."""
    place = {line[:-1]: number for number, line in enumerate(lines) if line.endswith(":")}
    found = []
    for number, line in enumerate(lines):
        target = re.match(r"(?:b\.?(?:ne|eq|lt|gt|le|ge|hi|ls|cc|cs|hs|lo)|cbn?z|b)\s.*?(\.L\w+)$", line)
        if target and place[target[1]] < number:
            body = lines[place[target[1]] : number + 1]
            if not any(each.startswith("bl\t") for each in body):
                found.append((place[target[1]], number))
    return sorted(found, key=lambda loop: loop[0] - loop[1])


def inside(all_loops: list[tuple[int, int]], outer: tuple[int, int]) -> tuple[int, int] | None:
    """The widest loop within another."""
    within = (each for each in all_loops if each != outer and outer[0] <= each[0] and each[1] <= outer[1])
    return next(within, None)


def encryption(lines: list[str], width: int) -> Encryption:
    """expand() loops over boxes, in it over pairs of words, and in that one over rounds or all of them in a row."""
    found = loops(lines)
    pairs = inside(found, found[0])
    assert pairs is not None, f"width {width}: no loop over the words of a box"
    rounds = inside(found, pairs)
    carried_out = lines[pairs[0] : pairs[1] + 1]
    if rounds is not None:
        before, after = lines[pairs[0] : rounds[0]], lines[rounds[1] + 1 : pairs[1] + 1]
        carried_out = before + lines[rounds[0] : rounds[1] + 1] * (ROUNDS // LOOP_ROUNDS) + after
    instructions = [line for line in carried_out if not line.endswith(":")]
    loads = sum(bool(re.search(r"\[x\d+, \w\d+(, (lsl|uxtw) #?2)?\]", line)) for line in instructions)
    assert loads >= 4 * width * ROUNDS * 0.95, f"width {width}: {loads} table look-ups are too few for an encryption"
    return Encryption(width, instructions)


def total_cycles(text: str, core: str, iterations: int) -> int:
    command = [MCA, "-mtriple=aarch64-linux-gnu", f"-mcpu={core}", f"-iterations={iterations}", "-json"]
    done = subprocess.run(command, input=text, check=True, capture_output=True, text=True)
    cycles: int = json.loads(done.stdout)["CodeRegions"][0]["SummaryView"]["TotalCycles"]
    return cycles


def cycles_per_round(one: Encryption, core: str) -> float:
    """Of all lanes together, in the steady state."""
    # Branches end nothing here: what is carried out is in a row already.
    text = "\n".join(re.sub(r"\.L\w+", "0", line) if re.match(r"(b|cb)", line) else line for line in one.lines) + "\n"
    steady = total_cycles(text, core, 2 * REPEATS) - total_cycles(text, core, REPEATS)
    return steady / REPEATS / ROUNDS


def table(all_widths: list[Encryption], cycles: dict[str, list[float]]) -> list[str]:
    head = "| lanes | instructions | of these stack | " + " | ".join(CORES) + " | row |"
    lines = [head, "|" + "---|" * (len(CORES) + 4)]
    row = relative(cycles)
    for place, one in enumerate(all_widths):
        cells = [f"{cycles[core][place] / one.width:.2f}" for core in CORES]
        numbers = f"{one.width} | {one.instructions:.1f} | {one.stack_accesses:.1f} | {' | '.join(cells)}"
        lines.append(f"| {numbers} | {row[place]:.2f} |")
    return lines


def relative(cycles: dict[str, list[float]]) -> list[float]:
    """Of each width, the time of a group over that of one lane: the median of the cores."""
    return [statistics.median(cycles[core][place] / cycles[core][0] for core in CORES) for place in range(len(WIDTHS))]


def best_width(cycles: dict[str, list[float]]) -> int:
    """The width of best throughput."""
    row = relative(cycles)
    return min(WIDTHS, key=lambda width: row[width - 1] / width)


def report(all_widths: list[Encryption], cycles: dict[str, list[float]]) -> str:
    compiler = json.loads((BUILD / "compile_commands.json").read_text())[0]["command"].split()[0]
    version = subprocess.run([compiler, "--version"], check=True, capture_output=True, text=True).stdout.split("\n")[0]
    model = re.search(r"LLVM version [\d.]+", subprocess.check_output([MCA, "--version"], text=True))
    cores = ", ".join(f"{core} is {name}'s" for core, name in CORES.items())
    row = ", ".join(f"{each:.2f}".rstrip("0").rstrip(".") for each in relative(cycles))
    lines = [
        "# The portable engine on AWS Graviton: an estimate",
        "",
        "Not measured: made by `./dev bench neoverse` on a machine of another architecture. The instructions that "
        f"{version} makes of one Blowfish encryption in each width, in the order in which they are carried out, by "
        f"llvm-mca ({model[0] if model else MCA}). {cores}. Its models know latencies, ports and dispatch. They "
        "take every load for a hit of the L1 data cache, every branch for foreseen, and a spilled register for as "
        "fast as another: where *of these stack* is high, the truth is slower.",
        "",
        "Cycles of a Blowfish round per lane; instructions likewise, and how many of them read or write the stack.",
        "",
        *table(all_widths, cycles),
        "",
        "*row*: time of a group over that of one lane, the median of the cores: what the planner believes on arm64, "
        "`relative_time` in `kernel/engine_portable.cpp`:",
        "",
        f"    {{0, {row}}}",
        "",
        f"By this row {best_width(cycles)} lanes have the best throughput. All three cores have 64 KiB of L1 data "
        "cache and one hardware thread, so that 15 lanes of 4,168 bytes would fit. The library asks no arm64 core for "
        "its cache and takes it for 32 KiB, which holds 7: more than the planner uses with this row.",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench neoverse", description=__doc__.splitlines()[0])
    parser.add_argument("--print", action="store_true", help="show the table and write nothing")
    arguments = parser.parse_args()
    if shutil.which(MCA) is None or not (BUILD / "compile_commands.json").exists():
        print(f"neoverse needs {MCA} (Debian's llvm-19) and build/arm64", file=sys.stderr)
        return 2
    text = assembly()
    all_widths = [encryption(function(text, width), width) for width in WIDTHS]
    cycles = {core: [cycles_per_round(one, core) for one in all_widths] for core in CORES}
    made = report(all_widths, cycles)
    print(made, end="")
    if not arguments.print:
        RESULTS.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
