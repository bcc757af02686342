"""Every peer: its name, the worker that stands for it, how it takes threads, and where its version is told."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata

from bench.peers import install, john, oracle
from bench.peers.install import BIN, WORKERS, Missing, output, tool
from bench.peers.worker import Request, Worker, WorkerFailed

OURS = "lanecrypt"
LIBCRYPT = "libcrypt crypt_r"
MANY = "bcrypt-rust bcrypt_many"
HASH_MANY = "bcrypt-rust hash_many"
PARALLEL = "bcrypt-rust parallel"
SAMPLE = "Rust bcrypt, Rayon"


@dataclass(frozen=True)
class Peer:
    name: str
    version: str
    command: list[str]
    lanes: bool = False  # a batch is one call, whose size matters; else every password is a call of its own
    threads: str = "request"  # who says how many: the request, the "cores" that it may run on, or "one" at most
    environment: Callable[[int], Mapping[str, str]] = field(default=lambda _: {})

    def start(self, cores: int, threads: int | None = None) -> Worker:
        return Worker(self.command, cores, self.environment(threads or cores))


def ours(kind: str, engine: str = "", name: str = OURS) -> Peer:
    program = str(BIN / "lanecrypt_bench_peer")
    return Peer(name, _our_version(), [program, kind, *([engine] if engine else [])], lanes=kind == "batch")


def _our_version() -> str:
    text = (install.ROOT / "CMakeLists.txt").read_text()
    return text.partition("project(lanecrypt VERSION ")[2].partition(" ")[0]


@functools.cache
def engines() -> dict[str, int]:
    """The engines that run here, best first, and their widest groups."""
    command = [str(BIN / "lanecrypt_bench_peer"), "engines"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {name: int(lanes) for name, lanes in (line.split() for line in lines)}


def engine() -> str:
    """The engine that our batches and single calls take."""
    return os.environ.get("LANECRYPT_ENGINE") or next(iter(engines()))


def libcrypt() -> Peer:
    version = subprocess.run(["pkg-config", "--modversion", "libcrypt"], capture_output=True, text=True, check=False)
    return Peer(LIBCRYPT, f"libxcrypt {version.stdout.strip()}", [str(BIN / "lanecrypt_bench_peer"), "crypt_r"])


def rust(name: str, subject: str, crate: str, features: str = "") -> Peer:
    lock = tomllib.loads((WORKERS / "rust" / "Cargo.lock").read_text())
    versions = {package["name"]: package["version"] for package in lock["package"]}
    compiler = " ".join(output(tool("rustc"), "--version").split()[:2])
    command = [str(install.rust(features)), subject]
    lanes = subject != "sample"
    who = "request" if not lanes else "cores" if features else "one"
    return Peer(name, f"{versions[crate]}, {compiler}", command, lanes, who)


def go() -> Peer:
    module = (WORKERS / "go" / "go.mod").read_text().split()
    compiler = output(tool("go"), "version").split()[2]
    return Peer("Go x/crypto", f"{module[-1]}, {compiler}", [str(install.go())])


def node(module: str, name: str) -> Peer:
    folder = install.node()
    packages = json.loads((WORKERS / "node" / "package-lock.json").read_text())["packages"]
    version = f"{packages[f'node_modules/{module}']['version']}, Node.js {output(tool('node'), '--version')}"
    command = [tool("node"), str(WORKERS / "node" / "worker.js"), module, str(folder)]
    return Peer(name, version, command, environment=lambda threads: {"UV_THREADPOOL_SIZE": str(threads)})


def php() -> Peer:
    version = output(tool("php"), "-r", "echo PHP_VERSION;")
    return Peer("PHP password_hash", version, [tool("php"), str(WORKERS / "worker.php")], threads="one")


def pyca() -> Peer:
    return Peer(
        "pyca/bcrypt, thread pool", metadata.version("bcrypt"), [sys.executable, str(WORKERS / "pyca_worker.py")]
    )


def try_john() -> None:
    """John has no worker: john.py runs it."""
    if john.program() is None:
        raise Missing("Debian's package john is not installed, nor could it be")
    try:
        john.Test(1, 1, install.PLACE / "john").turn()
    except (OSError, WorkerFailed) as error:
        raise Missing(f"john is here but does not run: {error}") from error


def tried(peer: Peer) -> Peer:
    """The peer, if it can hash here. One that cannot, or hashes wrongly, is nobody to race with."""
    worker = peer.start(1)
    try:
        oracle.verify(worker.ask(Request(2, 4, 1)).hashes, 4, range(2))
    except (WorkerFailed, oracle.WrongHash) as error:
        if peer.name in (OURS, LIBCRYPT):
            raise
        said = str(error).replace(str(install.ROOT), ".")
        raise Missing(f"it was built and does not work here: {said}") from error
    finally:
        worker.stop()
    return peer


MAKERS: dict[str, Callable[[], Peer]] = {
    OURS: lambda: ours("batch"),
    LIBCRYPT: libcrypt,
    MANY: lambda: rust(MANY, "bcrypt_many", "bcrypt-rust"),
    HASH_MANY: lambda: rust(HASH_MANY, "hash_many", "bcrypt-rust"),
    PARALLEL: lambda: rust(PARALLEL, "bcrypt_many", "bcrypt-rust", "parallel"),
    SAMPLE: lambda: rust(SAMPLE, "sample", "bcrypt"),
    "pyca/bcrypt, thread pool": pyca,
    "node bcrypt": lambda: node("bcrypt", "node bcrypt"),
    "@node-rs/bcrypt": lambda: node("@node-rs/bcrypt", "@node-rs/bcrypt"),
    "Go x/crypto": go,
    "PHP password_hash": php,
}


def gather(say: Callable[[str], None]) -> tuple[dict[str, Peer], dict[str, str]]:
    """All peers that can be had, and of the others why not."""
    peers: dict[str, Peer] = {}
    skipped: dict[str, str] = {}
    for name, maker in MAKERS.items():
        say(f"preparing {name}")
        made = install.attempt(lambda maker=maker: tried(maker()))  # type: ignore[misc]
        if isinstance(made, Missing):
            skipped[name] = str(made)
        else:
            peers[name] = made
    if isinstance(reason := install.attempt(try_john), Missing):
        skipped[john.TEST] = skipped[john.SEARCH] = str(reason)
    return peers, skipped
