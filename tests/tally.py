"""The last lines of `./dev test`: what failed, what was skipped and why, and the sum of all runners.

Reads the JUnit files that CTest and pytest write. Ends with 1 where a test failed, where a runner itself failed without
saying which test, where a file is missing, or where nothing ran.
"""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path


def read(path: Path) -> tuple[int, list[str], list[str]]:
    """How many tests passed in one file, and the names of those that failed and were skipped."""
    passed, failed, skipped = 0, [], []
    for case in ET.parse(path).getroot().iter("testcase"):
        name = f"{path.stem}: {case.get('classname', '')}.{case.get('name', '')}"
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
        elif (skip := case.find("skipped")) is not None:
            skipped.append(f"{name} ({skip.get('message', '')})")
        elif case.get("status") in {"disabled", "notrun"}:  # CTest's words, without an element of their own
            skipped.append(f"{name} (disabled in this build)")
        else:
            passed += 1
    return passed, failed, skipped


def main(runner_failed: bool, files: list[Path]) -> int:
    passed, failed, skipped = 0, list[str](), list[str]()
    for path in files:
        if not path.exists():
            failed.append(f"{path.stem}: wrote no results")
            continue
        counts = read(path)
        passed, failed, skipped = passed + counts[0], failed + counts[1], skipped + counts[2]
    if runner_failed and not failed:
        failed.append("a runner that did not say which test")
    for name in skipped:
        print(f"skipped  {name}")
    for name in failed:
        print(f"FAILED   {name}")
    print(f"{passed} passed, {len(failed)} failed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] != "0", [Path(name) for name in sys.argv[2:]]))
