"""Plants defects into the bootstrap, one at a time, and plays the faults that must find each.

    python planted.py BUILD [NAME...]

BUILD is a build folder with a bootstrap in it. Nothing there or in the sources is changed: a copy of runtime/ gets the
defect, its one file is compiled and linked as the build would do it, and pytest runs with the result. What is printed
is each defect with how many faults found it and the first of them; the exit status is 1 if one was not found.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path("runtime") / "bootstrap"


class Defect(NamedTuple):
    name: str
    file: str
    old: str
    new: str
    tests: str  # the file of faults that must find it
    only: str = ""  # and a word of their names
    patience: int = 15


API, HTTP, RESPONSE, MAIN = "runtime_api.cpp", "http_connection.cpp", "http_response.cpp", "bootstrap_main.cpp"
DEFECTS = [
    Defect(
        "an answer is posted again although its receipt had begun",
        API,
        "} else if (failure == HttpFailure::no_connection) {",
        "} else if (failure == HttpFailure::no_connection || failure == HttpFailure::broken) {",
        "messages",
    ),
    Defect("a dropped answer is not posted again", API, "bool repeated = false;", "bool repeated = true;", "messages"),
    Defect("a dropped answer is posted without an end", API, "repeated = true;", "repeated = false;", "back_off"),
    Defect(
        "on a new connection an answer is lost",
        HTTP,
        "HttpFailure::stale : HttpFailure::unanswered;",
        "HttpFailure::stale : HttpFailure::broken;",
        "messages",
    ),
    Defect("the id is not checked", API, "return !text.empty() &&", "return true || ", "headers"),
    Defect("no pauses", API, "std::min(first_pause_ms << attempt, longest_pause_ms)", "0 * attempt", "back_off"),
    Defect("attempts without a bound", API, "most_attempts = 8;", "most_attempts = 1 << 20;", "back_off"),
    Defect("413 ends it", API, "return status < 500;", "return status < 500 && status != 413;", "bodies"),
    Defect("5xx for a POST is passed over", API, "return status < 500;", "return true;", "messages"),
    Defect("5xx for GET next is passed over", API, "if (status >= 500) return Next::failed;", "", "messages"),
    Defect("bodies of any size are kept", RESPONSE, "too_large_ || part.size() > max_body_bytes - body_.size()",
           "too_large_", "bodies"),
    Defect("what was too large is read no further", RESPONSE, "    body_.clear();\n    return part.size();",
           "    body_.clear();\n    return 0;", "bodies"),
    Defect("SIGTERM does not end the wait for an event", HTTP, "idle ? shutdown_descriptor() : -1", "-1", "signals"),
    Defect("SIGTERM wins over an event that is there", HTTP, "    // An event that is there wins",
           "    if (watched[1].revents != 0) return Ready::shut_down;\n    // An event that is there wins", "signals"),
    Defect("SIGTERM cancels nothing", MAIN, "context.cancel = shutdown_flag();", "", "signals"),
    Defect("SIGTERM leaves with 1", MAIN, "Next::shut_down ? EXIT_SUCCESS", "Next::failed ? EXIT_SUCCESS", "signals"),
    Defect("SIGTERM twice kills", "shutdown.cpp", "SA_RESTART;", "SA_RESTART | SA_RESETHAND;", "signals"),
    Defect("an init error leaves with 0", MAIN, "api.init_error(*error, arena);\n    return EXIT_FAILURE;",
           "api.init_error(*error, arena);\n    return EXIT_SUCCESS;", "messages"),
    Defect("a deadline's end is not looked at", API, "error == std::errc() && stop == end && deadline",
           "error == std::errc() && stop != nullptr && deadline", "headers"),
    Defect("a duration is a deadline", API, "&& deadline >= earliest_deadline_ms ?", "?", "headers"),
    Defect("a deadline overflows", API, "? deadline : 0;",
           "? std::max<std::uint64_t>(deadline * 1'000'000 / 1'000'000, 1) : 0;", "headers"),
    Defect("interim responses are answers", HTTP, "&& response->is_interim();", "&& false;", "headers"),
    Defect("interim responses without a bound", HTTP, "++interim_responses > most_interim_responses",
           "interim_responses > most_interim_responses", "headers"),
    Defect("what was not sent runs into the next request", HTTP, "|| !sent_all_) disconnect();", ") disconnect();",
           "bodies"),
    Defect("Connection: close is not obeyed", HTTP, "!bytes.empty() || !response->may_keep_alive()", "!bytes.empty()",
           "connections", "each and message", 40),
    Defect("descriptors are not closed", HTTP, "if (socket_ >= 0) close(socket_);", "", "messages"),
    Defect("an answer is waited for without a limit", HTTP, "{answer_timeout_ms / 1000, 0}", "{0, 0}", "connections",
           "silent", 60),
    Defect("an exchange may last for ever", HTTP, "return now - waits_since_ > longest_exchange;", "return false;",
           "connections", "drip", 90),
]  # fmt: skip


def commands(build: Path) -> tuple[dict[str, str], str]:
    """How the build compiles each file of the bootstrap, and how it links it."""
    ninja = subprocess.run(
        ["ninja", "-C", str(build), "-t", "commands", "bin/bootstrap"], capture_output=True, text=True, check=True
    )
    lines = ninja.stdout.splitlines()
    compile_of = {}
    for line in lines:
        found = re.search(r"-c (\S*/runtime/bootstrap/(\w+\.cpp))", line)
        if found:
            compile_of[found.group(2)] = line
    return compile_of, lines[-1]


def plant(build: Path, defect: Defect, folder: Path) -> None:
    """Leaves a bootstrap with the defect in folder/bin."""
    shutil.copytree(ROOT / "runtime", folder / "runtime")
    file = folder / FOLDER / defect.file
    text = file.read_text()
    if text.count(defect.old) != 1:
        raise SystemExit(f"{defect.name}: {defect.file} has its place {text.count(defect.old)} times")
    file.write_text(text.replace(defect.old, defect.new))
    compile_of, link = commands(build)
    line = compile_of[defect.file]
    source, made = re.search(r"-c (\S+)", line), re.search(r"-o (\S+\.o)", line)
    assert source is not None
    assert made is not None
    (folder / "bin").mkdir()
    ours, program = folder / "planted.o", folder / "bin" / "bootstrap"
    compiling = line.replace(source.group(1), str(file)).replace(f"-o {made.group(1)}", f"-o {ours}")
    linking = link.replace(made.group(1), str(ours)).replace("-o bin/bootstrap", f"-o {program}")
    for each in (compiling + " -Wno-error", linking):
        subprocess.run(["sh", "-c", each], cwd=build, check=True, capture_output=True)


def killers(defect: Defect, folder: Path) -> list[str]:
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "--maxfail=5", "-p", "no:cacheprovider"]
    command += [f"tests/runtime/faults/test_{defect.tests}.py", *(["-k", defect.only] if defect.only else [])]
    environment = {**os.environ, "LANECRYPT_BUILD": str(folder), "LANECRYPT_TEST_PATIENCE": str(defect.patience)}
    if defect.only == "drip":
        environment["LANECRYPT_SOAK"] = "1"
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode not in (0, 1, 2):
        raise SystemExit(ran.stdout + ran.stderr)
    return re.findall(r"^(?:FAILED|ERROR) \S+::\w+\[(.*?)\](?: - .*)?$", ran.stdout, re.MULTILINE)


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    wanted = [defect for defect in DEFECTS if not sys.argv[2:] or any(word in defect.name for word in sys.argv[2:])]
    alive = 0
    for defect in wanted:
        with tempfile.TemporaryDirectory() as folder:
            plant(build, defect, Path(folder))
            found = killers(defect, Path(folder))
        alive += not found
        first = f"{len(found)}{'+' if len(found) == 5 else ''}, first: {found[0]}" if found else "NOBODY"
        print(f"{defect.name} ({defect.file}): found by {first}", flush=True)
    print(f"planted: {len(wanted)}, found: {len(wanted) - alive}")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
