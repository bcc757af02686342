"""Every contestant: its name, its zip, how it is started, and which versions it is made of."""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from emulator import EmulatorError

from bench.lambda_peers import install
from bench.lambda_peers.function import Function
from bench.lambda_peers.install import FUNCTIONS, deployed
from bench.peers.install import ROOT, Missing, attempt, output, tool

BOOTSTRAP, CROWBAR, PLAIN, PYCA, RUST, GO, NODE = "bootstrap", "crowbar", "python", "pyca", "rust", "go", "node"
MINIMAL = b'{"op":"hash","items":[]}'  # nothing to hash: ours knows it, the others find no count in it
ONE = b'{"count":1,"mode":"sequential"}'
ITEMS = 20
TWENTY = b'{"count":20,"mode":"parallel"}'
PYTHON_CLIENT = ("-m", "awslambdaric")


@functools.cache
def starter() -> Path:
    return install.starter()


@dataclass(frozen=True)
class Contestant:
    key: str
    name: str
    version: str
    archive: Path
    program: Path
    arguments: tuple[str, ...] = ()
    environment: Callable[[int], Mapping[str, str]] = lambda _: {}
    hashes: bool = True  # the plain handler does not

    def function(self, workers: int, *, tapped: bool = False) -> Function:
        own = {"WORKER_COUNT": str(workers), **self.environment(workers)}
        return Function(starter(), self.program, self.arguments, own, tapped=tapped)

    @property
    def zip_bytes(self) -> int:
        return self.archive.stat().st_size


def native(key: str, name: str, version: str, archive: Path, place: Path = install.PLACE) -> Contestant:
    """A function that is one program, `bootstrap`, in the zip's root."""
    return Contestant(key, name, version, archive, deployed(key, archive, place) / "bootstrap")


def in_python(
    key: str, name: str, version: str, archive: Path, inside: Path, handler: str, place: Path = install.PLACE
) -> Contestant:
    """A handler under AWS's runtime client."""
    folder = deployed(key, archive, place)
    return Contestant(
        key,
        name,
        version,
        archive,
        inside,
        (*PYTHON_CLIENT, handler),
        lambda _: {"PYTHONPATH": str(folder)},
        hashes=key != PLAIN,
    )


def plain(inside: Path, place: Path = install.PLACE) -> Contestant:
    name, handler = "Python, hello world", "lambda_function.lambda_handler"
    return in_python(PLAIN, name, python_versions(inside), install.plain(place), inside, handler, place)


def crowbar(archive: Path, inside: Path, place: Path = install.PLACE) -> Contestant:
    name, version = "lanecrypt, Python module", f"{our_version()}, {python_versions(inside)}"
    return in_python(CROWBAR, name, version, archive, inside, "liblambda.handler", place)


def bootstrap(archive: Path, place: Path = install.PLACE) -> Contestant:
    return native(BOOTSTRAP, "lanecrypt, bootstrap", our_version(), archive, place)


def pyca(inside: Path) -> Contestant:
    module = output(str(inside), "-c", "import bcrypt; print(bcrypt.__version__)")
    version = f"bcrypt {module}, {python_versions(inside)}"
    handler = "lambda_function.lambda_handler"
    return in_python(PYCA, "Python, pyca/bcrypt", version, install.pyca(inside), inside, handler)


def rust() -> Contestant:
    lock = tomllib.loads((FUNCTIONS / "rust" / "Cargo.lock").read_text())
    found = {package["name"]: package["version"] for package in lock["package"]}
    crates = ", ".join(f"{name} {found[name]}" for name in ("lambda_runtime", "bcrypt", "rayon"))
    compiler = " ".join(output(tool("rustc"), "--version").split()[:2])
    return native(RUST, "Rust, bcrypt and Rayon", f"{crates}, {compiler}", install.rust())


def go() -> Contestant:
    modules = ", ".join(f"{path.rpartition('/')[2]} {version}" for path, version in install.go_versions().items())
    compiler = output(tool("go"), "version").split()[2]
    return native(GO, "Go, x/crypto", f"{modules}, {compiler}", install.go())


def node() -> Contestant:
    client = install.node_client()
    archive = install.node()
    folder = deployed(NODE, archive)
    packages = json.loads((FUNCTIONS / "node" / "package-lock.json").read_text())["packages"]
    runtime = json.loads((FUNCTIONS / "node_runtime" / "package-lock.json").read_text())["packages"]
    version = f"bcrypt {packages['node_modules/bcrypt']['version']}, "
    version += f"aws-lambda-ric {runtime['node_modules/aws-lambda-ric']['version']}, "
    version += f"Node.js {output(tool('node'), '--version')}"
    return Contestant(
        NODE,
        "Node.js, bcrypt",
        version,
        archive,
        Path(tool("node")).resolve(),
        (str(client), f"{folder}/index.handler"),
        lambda workers: {"UV_THREADPOOL_SIZE": str(workers)},
    )


def python_versions(inside: Path) -> str:
    script = "import platform, importlib.metadata as m; print(platform.python_version(), m.version('awslambdaric'))"
    python, client = output(str(inside), "-c", script).split()
    return f"Python {python}, awslambdaric {client}"


def our_version() -> str:
    return (ROOT / "CMakeLists.txt").read_text().partition("project(lanecrypt VERSION ")[2].partition(" ")[0]


def tried(contestant: Contestant) -> Contestant:
    """The contestant, if it answers here. One that does not, or answers wrongly, is nobody to race with."""
    try:
        with contestant.function(1) as function:
            _, answer = function.timed(MINIMAL)
            if contestant.hashes:
                expect(contestant, answer, 0)
                expect(contestant, function.timed(ONE)[1], 1)
    except (EmulatorError, Missing) as error:
        if contestant.key in (BOOTSTRAP, CROWBAR):
            raise
        raise Missing(f"it was built and does not work here: {error}".replace(str(ROOT), ".")) from error
    return contestant


def expect(contestant: Contestant, answer: Mapping[str, object], processed: int) -> None:
    if answer.get("processed") != processed:
        raise EmulatorError(f"{contestant.name} answered processed: {answer.get('processed')} and not {processed}")


def gather(dist: Path, say: Callable[[str], None]) -> tuple[list[Contestant], dict[str, str]]:
    """All contestants that can be had, and of the others why not. Without the bootstrap there is nothing to compare."""
    found = [tried(bootstrap(install.packaged("bootstrap", dist)))]
    skipped: dict[str, str] = {}
    version, program = install.python_at_hand(dist)
    makers: dict[str, Callable[[], Contestant]] = {
        CROWBAR: lambda: crowbar(install.packaged(f"crowbar-py{version}", dist), install.python(version, program)),
        PLAIN: lambda: plain(install.python(version, program)),
        PYCA: lambda: pyca(install.python(version, program)),
        RUST: rust,
        GO: go,
        NODE: node,
    }
    for key, maker in makers.items():
        say(f"preparing {key}")
        made = attempt(lambda maker=maker: tried(maker()))  # type: ignore[misc]
        if isinstance(made, Missing):
            skipped[key] = str(made)
        else:
            found.append(made)
    return found, skipped
