"""The project's own rules that a machine can check: the arrows between folders, OpenMP's place, the top level.

Part of `./dev lint`. Each rule prints what it found; the exit code is 1 if there was anything.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What a folder's files may include of other folders: kernel <- capi <- {runtime, python, examples}.
MAY_INCLUDE = {
    "kernel": {"kernel"},
    "capi": {"kernel", "capi"},
    "runtime": {"capi", "runtime"},
    "python": {"capi", "runtime", "python"},
    "examples": {"capi", "examples"},
}

TOP_LEVEL = {"CMakeLists.txt", "kernel", "capi", "python", "runtime", "tests", "bench", "examples", "dev"}
ECOSYSTEM = {"README.md", "DESIGN.md", "CHANGELOG.md", "LICENSE", "SECURITY.md", "pyproject.toml", "CMakePresets.json"}

INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)
PRAGMA = re.compile(r"^\s*#\s*pragma\s+omp", re.MULTILINE)
MACHINE_PATH = re.compile(r"(?<![\w.{}])/(?:root|work|farm|home/\w+)/")


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\n")
    return [Path(name) for name in names if name and (ROOT / name).is_file()]


def headers(files: list[Path]) -> dict[str, str]:
    """Which folder a header belongs to, by the name that an include of it ends with."""
    return {path.name: path.parts[0] for path in files if path.suffix in {".h", ".hpp"} and len(path.parts) > 1}


def check(files: list[Path]) -> Iterator[str]:
    folder_of = headers(files)
    pragmas = []
    for path in files:
        if path.parts[0] not in TOP_LEVEL | ECOSYSTEM and not path.parts[0].startswith("."):
            yield f"{path}: the top level is fixed"
        if path.parts[:2] == ("tests", "vectors"):
            continue
        text = (ROOT / path).read_text(errors="replace")
        if MACHINE_PATH.search(text) and path.name != Path(__file__).name:
            yield f"{path}: a path of somebody's machine"
        if path.suffix not in {".c", ".cpp", ".h", ".hpp"}:
            continue
        if PRAGMA.search(text) and path.parts[0] in MAY_INCLUDE:
            pragmas.append(str(path))
        for include in INCLUDE.findall(text):
            target = folder_of.get(Path(include).name)
            allowed = MAY_INCLUDE.get(path.parts[0])
            own = (ROOT / path.parent / include).exists()
            if allowed is not None and target is not None and not own and target not in allowed:
                yield f"{path}: includes {include} of {target}/, which {path.parts[0]}/ may not know"
    if pragmas != ["kernel/batch.cpp"]:
        yield f"OpenMP pragmas belong into kernel/batch.cpp alone; found in {pragmas}"


def main() -> int:
    found = list(check(tracked()))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
