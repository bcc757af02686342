"""Which lines of the parsers the fuzz targets' seeds and corpus reach, by llvm-cov. For run.py."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEAST = 95.0
# Everything that reads what comes from outside, and what is built directly on it.
PARSERS = (
    *("kernel/setting.cpp", "kernel/radix64.cpp"),
    *("capi/abi_struct.hpp", "capi/batch_call.hpp", "capi/batch_work.cpp", "capi/batch_work.hpp", "capi/hash_api.cpp"),
    *("capi/job_array.hpp", "capi/options.cpp", "capi/text_api.cpp", "capi/verify_api.cpp"),
    *("runtime/base64.cpp", "runtime/json.cpp", "runtime/record_batch.cpp", "runtime/request.cpp", "runtime/work.cpp"),
    *("runtime/answer.cpp", "runtime/handler.cpp", "runtime/bootstrap/http_response.cpp"),
    *("runtime/sources/http.cpp", "runtime/sources/http_event.cpp", "runtime/sources/map.cpp"),
    *("runtime/sources/pipe.cpp", "runtime/sources/plain.cpp", "runtime/sources/record.cpp"),
    *("runtime/sources/records.cpp", "runtime/sources/sample.cpp", "runtime/sources/source.cpp"),
    *("python/core/arrow_items.cpp", "python/core/column.cpp", "python/core/object_items.cpp"),
    "python/liblambda/event_text.cpp",
)
FORK = "a callback that forks, whose child starts over: tests/capi/run_test.cpp"
# Lines that no input reaches, and why; they do not count.
UNREACHABLE = {
    "capi/batch_work.hpp": (3, FORK),
    "capi/verify_api.cpp": (7, FORK),
    "runtime/handler.cpp": (3, "a batch that fails as a whole and an exception that nobody foresaw: faults of ours"),
    "runtime/json.cpp": (2, "comments: the parser's interface wants them, and they are not allowed"),
}


@dataclass(frozen=True)
class Replayed:
    """A target: its command, what that needs in its environment, and the file with its code."""

    name: str
    command: list[str]
    environment: dict[str, str]
    code: Path


def replay(folder: Path, target: Replayed) -> Path:
    """Runs one target over all its inputs, once, and returns its profile. Large seeds are given whole, as files."""
    name = target.name
    profile = folder / f"{name}.profraw"
    environment = {**target.environment, "LLVM_PROFILE_FILE": str(folder / f"{name}-%m.profraw")}
    inputs = [folder / "seeds" / name, folder / "corpus" / name]
    large = sorted((folder / "seeds" / "large" / name).glob("*"))
    profiles: list[Path] = []
    for arguments in ([str(each) for each in inputs if each.is_dir()], [str(each) for each in large]):
        if not arguments:
            continue
        subprocess.run([*target.command, "-runs=0", *arguments], env=environment, capture_output=True, check=True)
        (made,) = folder.glob(f"{name}-*.profraw")
        profiles.append(made.rename(folder / f"{name}{len(profiles)}.profile"))
    subprocess.run(["llvm-profdata-16", "merge", "-o", profile, *profiles], check=True)
    return profile


def report_coverage(folder: Path, targets: list[Replayed]) -> bool:
    """Prints the share of lines that were reached, by file. True if it is enough of each."""
    profiles = [replay(folder, target) for target in targets]
    merged = folder / "coverage.profdata"
    subprocess.run(["llvm-profdata-16", "merge", "-o", merged, *profiles], check=True)
    first, *others = [str(target.code) for target in targets]
    objects = [part for code in others for part in ("-object", code)]
    command = ["llvm-cov-16", "export", "--summary-only", first, *objects, f"-instr-profile={merged}"]
    exported = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    lines = {file["filename"]: file["summary"]["lines"] for file in json.loads(exported)["data"][0]["files"]}
    good = True
    for parser in PARSERS:
        found = [counts for name, counts in lines.items() if name.endswith(parser)]
        if len(found) != 1:
            print(f"{parser:<40} is not in the profile")
            good = False
            continue
        unreachable, reason = UNREACHABLE.get(parser, (0, ""))
        count = found[0]["count"] - unreachable
        percent = 100 * min(found[0]["covered"], count) / count
        enough = percent >= LEAST
        good = good and enough
        share = f"{found[0]['covered']} of {count} lines, {percent:.1f} %"
        if unreachable:
            share += f" (without {unreachable}: {reason})"
        print(f"{parser:<40} {share}{'' if enough else f'  below {LEAST} %'}")
    return good
