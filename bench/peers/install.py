"""Builds or installs every peer into build/peers/, and names what cannot be had here with the reason.

Versions are pinned by the lock files beside the workers. What Debian 12 has comes by its packages, which `./dev` asks
for; nothing else is put outside of build/peers/.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
WORKERS = Path(__file__).resolve().parent / "workers"
PLACE = ROOT / "build" / "peers"
BIN = ROOT / "build" / "release" / "bin"
RUST_LEAST = (1, 89)  # bcrypt-rust's AVX-512 intrinsics


class Missing(Exception):
    """A peer that cannot be had here; the message says why."""


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(f"there is no {name} on this machine, nor could it be installed")
    return found


def output(*command: str) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        raise Missing(f"{Path(command[0]).name} is here but does not run") from error


def make(what: str, command: list[str], folder: Path, environment: dict[str, str], place: Path = PLACE) -> None:
    """Runs a build whose words are kept in PLACE/logs; on failure its last line with an error is the reason."""
    log = place / "logs" / f"{what}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as words:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **environment}, stdout=words, stderr=words, check=False
        )
    if done.returncode != 0:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
        telling = [line for line in lines if "error" in line.lower()] or lines or ["without a word"]
        said = telling[0].replace(str(ROOT), ".")[:200]
        raise Missing(f"{Path(command[0]).name} ended with {done.returncode}: {said} ({log.relative_to(ROOT)})")


def rust_version() -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)", output(tool("rustc"), "--version"))
    return tuple(map(int, found.groups())) if found else (0,)


def rust(features: str = "") -> Path:
    if (have := rust_version()) < RUST_LEAST:
        wanted, there = (".".join(map(str, each)) for each in (RUST_LEAST, have))
        raise Missing(f"Rust {wanted} is needed and {there} is here; Debian 12's cargo-web would replace it")
    target = PLACE / f"rust-{features or 'plain'}"
    cargo_build(WORKERS / "rust", target, ["--features", features] if features else [])
    return target / "release" / "peer-worker"


def cargo_build(source: Path, target: Path, arguments: list[str], flags: str = "", place: Path = PLACE) -> None:
    """A release build of what the lock file beside the source says, into target/release."""
    home = place / "cargo"
    home.mkdir(parents=True, exist_ok=True)
    _keep_cargo_settings(home)
    environment = {"CARGO_HOME": str(home), "CARGO_TARGET_DIR": str(target), "RUSTUP_HOME": _rustup_home()}
    command = [tool("cargo"), "build", "--locked", "--release", "--quiet", *arguments]
    make(target.name, command, source, {**environment, **({"RUSTFLAGS": flags} if flags else {})}, place)


def _rustup_home() -> str:
    return os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))


def _keep_cargo_settings(home: Path) -> None:
    """Where crates come from is the user's to say, in a folder that the build does not use."""
    settings = Path(os.environ.get("CARGO_HOME", str(Path.home() / ".cargo"))) / "config.toml"
    link = home / "config.toml"
    if settings.is_file() and not link.exists():
        link.symlink_to(settings)


def go() -> Path:
    program = PLACE / "go" / "worker"
    go_build(WORKERS / "go", program, [], {})
    return program


def go_build(
    source: Path, program: Path, arguments: list[str], environment: dict[str, str], place: Path = PLACE
) -> None:
    own = {
        "GOPATH": str(place / "go" / "path"),
        "GOCACHE": str(place / "go" / "cache"),
        "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
        "GOTOOLCHAIN": "local",
    }
    make("go", [tool("go"), "build", *arguments, "-o", str(program), "."], source, {**own, **environment}, place)


def node() -> Path:
    """The folder with node_modules. Both modules bring their binaries, so no script of theirs runs."""
    folder = PLACE / "node"
    node_install(WORKERS / "node", folder, ["--ignore-scripts"])
    return folder


def node_install(
    source: Path, folder: Path, arguments: list[str], place: Path = PLACE, environment: Mapping[str, str] | None = None
) -> None:
    """The modules of the lock file in `source`, into folder/node_modules, unless they are there."""
    tool("node")
    lock = (source / "package-lock.json").read_bytes()
    if (folder / "installed").is_file() and (folder / "installed").read_bytes() == lock:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, folder)
    # Not `ci`, which wants the binaries of all platforms in the lock file; it has Linux on x86-64 only.
    command = [tool("npm"), "install", *arguments, "--no-audit", "--no-fund", "--cache", str(place / "npm")]
    make(folder.name, command, folder, dict(environment or {}), place)
    (folder / "installed").write_bytes(lock)


Made = TypeVar("Made")


def attempt(make_it: Callable[[], Made]) -> Made | Missing:
    try:
        return make_it()
    except Missing as reason:
        return reason
