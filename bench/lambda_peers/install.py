"""Builds each function into build/lambda_peers/, zips it as it would be deployed, and unzips that again to be run.

So what runs is what the zip has. All zips are made by `zip -9` without owners and folders, as lanecrypt's own are.
Versions are pinned by the lock files beside the functions' sources.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from bench.peers.install import ROOT, Missing, cargo_build, go_build, make, node_install, output, rust_version, tool

FUNCTIONS = Path(__file__).resolve().parent / "functions"
PLACE = ROOT / "build" / "lambda_peers"
DIST = ROOT / "dist"
RUST_LEAST = (1, 84)  # lambda_runtime's
PYTHONS = ("313", "312")  # of Lambda's runtimes, those that lanecrypt's zips are for


def architecture() -> str:
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def zipped(name: str, stage: Path, place: Path = PLACE) -> Path:
    """The folder's content as NAME.zip."""
    path = place / "zips" / f"{name}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    make(f"zip-{name}", [tool("zip"), "-q", "-9", "-X", "-D", "-r", str(path), "."], stage, {}, place)
    return path


def deployed(name: str, archive: Path, place: Path = PLACE) -> Path:
    """The folder that the zip was unpacked into, with the files' modes."""
    folder = place / "deployed" / name
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(archive) as opened:
        for each in opened.infolist():
            path = Path(opened.extract(each, folder))
            if mode := each.external_attr >> 16 & 0o777:
                path.chmod(mode)
    return folder


def staged(name: str, files: Sequence[Path], place: Path = PLACE) -> Path:
    """A fresh folder with copies of the files and folders."""
    folder = place / "stages" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for each in files:
        if each.is_dir():
            shutil.copytree(each, folder / each.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(each, folder)
    return folder


def packaged(name: str, dist: Path) -> Path:
    """One of lanecrypt's own zips."""
    path = dist / f"lanecrypt-{name}-{architecture()}.zip"
    if not path.is_file():
        raise Missing(f"there is no {path.name} in {dist.name}/; ./dev package makes it")
    return path


def rust() -> Path:
    """As `cargo lambda build --release` does it: its profile stands in Cargo.toml, its processor here."""
    if (have := rust_version()) < RUST_LEAST:
        wanted, there = (".".join(map(str, each)) for each in (RUST_LEAST, have))
        raise Missing(f"Rust {wanted} is needed and {there} is here; Debian 12's cargo-web would replace it")
    processor = {"x86_64": "haswell", "arm64": "neoverse-n1"}[architecture()]
    cargo_build(FUNCTIONS / "rust", PLACE / "rust", [], f"-C target-cpu={processor}", PLACE)
    return zipped("rust", staged("rust", [PLACE / "rust" / "release" / "bootstrap"]))


def go() -> Path:
    program = PLACE / "go" / "bootstrap"
    arguments = ["-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w"]
    go_build(FUNCTIONS / "go", program, arguments, {"CGO_ENABLED": "0"}, PLACE)
    return zipped("go", staged("go", [program]))


def node() -> Path:
    """bcrypt brings its binaries, so no script of its own runs."""
    node_install(FUNCTIONS / "node", PLACE / "node", ["--ignore-scripts", "--omit=dev"], PLACE)
    modules = PLACE / "node" / "node_modules"
    own = [FUNCTIONS / "node" / "index.js", FUNCTIONS / "node" / "package.json", modules]
    return zipped("node", staged("node", own))


def node_client() -> Path:
    """AWS's runtime client for Node.js, which builds its own curl and needs Node's headers and autotools."""
    folder = PLACE / "node_runtime"
    for name in ("make", "autoconf", "automake", "libtoolize", "cmake"):
        tool(name)
    prefix = Path(tool("node")).resolve().parents[1]
    if not (prefix / "include" / "node" / "node.h").is_file():
        raise Missing("Node's headers are not here; Debian's libnode-dev has them")
    own = {"npm_config_nodedir": str(prefix), "npm_config_python": sys.executable}
    node_install(FUNCTIONS / "node_runtime", folder, ["--foreground-scripts"], PLACE, own)
    client = folder / "node_modules" / "aws-lambda-ric"
    if not (client / "dist" / "rapid-client.node").is_file():
        (folder / "installed").unlink()
        raise Missing("npm installed aws-lambda-ric without building its client")
    return client / "bin" / "index.mjs"


def python_at_hand(dist: Path) -> tuple[str, Path]:
    """The newest Python of Lambda's that has a zip of ours and is here: "313" and its program; else this one."""
    sys.path[:0] = [str(ROOT / "python" / "packaging")]
    from pythons import at_hand

    here = {python.version.replace(".", ""): python.path for python in at_hand()}
    for version in (*PYTHONS, own_version()):
        if version in here and (dist / f"lanecrypt-crowbar-py{version}-{architecture()}.zip").is_file():
            return version, here[version]
    return own_version(), Path(sys.executable)


def own_version() -> str:
    return f"{sys.version_info.major}{sys.version_info.minor}"


def python(version: str, program: Path) -> Path:
    """A Python with AWS's runtime client, and bcrypt to take from, as requirements.txt locks them."""
    folder = PLACE / f"python{version}"
    lock = FUNCTIONS / "requirements.txt"
    stamp = folder / "installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    inside = folder / "bin" / "python"
    if stamp.is_file() and stamp.read_text() == wanted and inside.exists():
        return inside
    make("venv", [str(program), "-m", "venv", "--clear", str(folder)], ROOT, {}, PLACE)
    pip = [str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    make("pip", [*pip, "--require-hashes", "-r", str(lock)], ROOT, {}, PLACE)
    stamp.write_text(wanted)
    return inside


def plain(place: Path = PLACE) -> Path:
    return zipped("python", staged("python", [FUNCTIONS / "python_plain" / "lambda_function.py"], place), place)


def pyca(inside: Path) -> Path:
    """The handler and the module that pip installed, as `pip install --target` would have put it."""
    script = "import bcrypt, pathlib; print(pathlib.Path(bcrypt.__file__).parent)"
    module = Path(output(str(inside), "-c", script))
    information = next(module.parent.glob("bcrypt-*.dist-info"))
    return zipped("pyca", staged("pyca", [FUNCTIONS / "python_pyca" / "lambda_function.py", module, information]))


def starter(place: Path = PLACE) -> Path:
    """The program that notes the time and becomes a function."""
    program = place / "start"
    source = Path(__file__).resolve().parent / "start.c"
    make("start", [tool("gcc"), "-O2", "-static", "-Wall", "-Wextra", "-o", str(program), str(source)], ROOT, {}, place)
    return program


def go_versions() -> dict[str, str]:
    text = (FUNCTIONS / "go" / "go.mod").read_text()
    return dict(re.findall(r"(\S+/\S+) (v\S+)", text))
