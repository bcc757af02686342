"""The last lines of `./dev test`: what was skipped and why, what failed and what it printed, the sum of all runners.

Reads the JUnit files that CTest and pytest write. Ends with 1 where a test failed, where a runner itself failed without
saying which test, where a file is missing, or where nothing in it passed.

A test that CTest could not start is a failure, whatever it is called there.

Failures come first with their own output and last by name, so that whoever sees one end of it knows; instances of one
test that were skipped for one reason share a line.
"""

import itertools
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

# Of what a failed test printed, so many lines of the beginning, where sanitizers say what it is, and of the end.
LINES_OF_A_FAILURE = 20

# CTest's words for a test that skipped itself. It calls a program that is missing skipped too.
SKIPPED_ITSELF = ("SKIP_REGULAR_EXPRESSION_MATCHED", "SKIP_RETURN_CODE")


@dataclass
class Tally:
    passed: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)  # name, output
    skipped: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # (test, reason): instances

    def skip(self, test: str, reason: str, instance: str) -> None:
        self.skipped.setdefault((test, reason), []).append(instance)

    def lines(self) -> list[str]:
        skips = sum(map(len, self.skipped.values()))
        lines = []
        for name, output in self.failed:
            lines.append(f"FAILED   {name}")
            told = output.strip().splitlines()
            if len(told) > 2 * LINES_OF_A_FAILURE:
                told[LINES_OF_A_FAILURE:-LINES_OF_A_FAILURE] = ["..."]
            lines += [f"         {line}" for line in told]
        for (test, reason), instances in self.skipped.items():
            named = [instance for instance in instances if instance]
            which = f"/{{{', '.join(named)}}}" if len(named) > 1 else "".join(f"/{name}" for name in named)
            lines.append(f"skipped  {test}{which}: {reason}")
        lines += [f"FAILED   {name}" for name, _ in self.failed]
        lines.append(f"{self.passed} passed, {len(self.failed)} failed" + (f", {skips} skipped" if skips else ""))
        return lines


def reason_of(skip: ET.Element, output: str) -> str:
    """pytest has it in an attribute; GoogleTest prints it below a line that ends in "Skipped"."""
    lines = output.splitlines()
    for line, following in itertools.pairwise(lines):
        if line.endswith(": Skipped"):
            return following
    return skip.get("message", "")


def parts(group: str, name: str) -> tuple[str, str]:
    """A test, and which instance: pytest's in brackets, GoogleTest's behind a slash; CTest gives the name twice."""
    if group != name:
        test, bracket, instance = name.partition("[")
        return f"{group}.{test}", instance.removesuffix("]") if bracket else ""
    plain = name.partition("  # ")[0]  # what the parameter prints as
    test, slash, instance = plain.rpartition("/")
    return (test, instance) if slash else (plain, "")


def read(path: Path, tally: Tally) -> None:
    """Adds what one file tells."""
    for case in ET.parse(path).getroot().iter("testcase"):
        group, name = case.get("classname", ""), case.get("name", "")
        test, instance = parts(group, name)
        test = f"{path.stem}: {test}"
        output = case.findtext("system-out") or ""
        fault = case.find("failure")
        fault = fault if fault is not None else case.find("error")
        if fault is not None:
            told = fault.text or output or fault.get("message") or ""
            tally.failed.append((f"{test}/{instance}" if instance else test, told))
        elif (skip := case.find("skipped")) is not None:
            if group == name and not skip.get("message", "").startswith(SKIPPED_ITSELF):
                tally.failed.append((test, f"not run: {skip.get('message', '')}"))
                continue
            tally.skip(test, reason_of(skip, output), instance)
        elif case.get("status") in {"disabled", "notrun"}:  # CTest's words, without an element of their own
            tally.skip(test, "disabled in this build", instance)
        else:
            tally.passed += 1


def main(runner_failed: bool, files: list[Path]) -> int:
    tally = Tally()
    for path in files:
        if not path.exists():
            tally.failed.append((f"{path.stem}: wrote no results", ""))
            continue
        before = tally.passed
        read(path, tally)
        if tally.passed == before:
            tally.failed.append((f"{path.stem}: no test passed", ""))
    if runner_failed and not tally.failed:
        tally.failed.append(("a runner that did not say which test", ""))
    print("\n".join(tally.lines()))
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] != "0", [Path(name) for name in sys.argv[2:]]))
