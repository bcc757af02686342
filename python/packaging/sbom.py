"""Writes the bill of materials of what is shipped: dist/lanecrypt-VERSION.cdx.json, in CycloneDX.

    python python/packaging/sbom.py FOLDER        # what ./dev package calls with dist/, last

It lists every file in FOLDER with its digest, and what of other projects is inside: linked in, copied beside, or
headers that were compiled. Versions are those of the Debian packages that the compiler takes them from on this machine,
so that a list of vulnerable packages can be compared with it. The same files give the same bytes: the time in it is
SOURCE_DATE_EPOCH.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "python" / "packaging" / "requirements.txt"
SUFFIXES = (".tar.gz", ".zip", ".whl")
GCC = "GPL-3.0-or-later WITH GCC-exception-3.1"
# What is taken from the compiler's libraries: the file that it names, and the licence.
LIBRARIES = {
    "libgomp": ("libgomp.a", GCC),
    "libgomp.so.1": ("libgomp.so.1", GCC),
    "libstdc++": ("libstdc++.a", GCC),
    "libgcc": ("libgcc.a", GCC),
    "glibc": ("libc.a", "LGPL-2.1-or-later"),
}
# What is in a file, by how its name begins. A library and a module have libgcc's and glibc's objects that start them.
CONTENTS = {
    "liblanecrypt-": ("libgcc", "glibc"),
    "lanecrypt-bootstrap-": ("libgomp", "libstdc++", "libgcc", "glibc", "boost"),
    "lanecrypt-crowbar-": ("libgomp.so.1", "libgcc", "glibc", "boost", "pybind11"),
    "lanecrypt-layer-": ("libgomp.so.1", "libgcc", "glibc", "boost", "pybind11"),
    "lanecrypt-": ("libgomp.so.1", "libgcc", "glibc", "pybind11"),  # a wheel
}


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def version() -> str:
    found = re.search(r"project\(lanecrypt VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())
    assert found is not None
    return found[1]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def compiler(architecture: str) -> str:
    native = platform.machine().replace("aarch64", "arm64")
    return "g++" if architecture == native else f"{architecture.replace('arm64', 'aarch64')}-linux-gnu-g++"


@cache
def debian(path: str, name: str, licence: str) -> Component:
    """The component that a file of this machine belongs to, as Debian's package of it."""
    package = output_of("dpkg-query", "--search", str(Path(path).resolve())).rpartition(": ")[0]
    found = output_of("dpkg-query", "--show", "--showformat", "${Package} ${Version} ${Architecture}", package)
    package, number, architecture = found.split()
    release = platform.freedesktop_os_release()
    distribution = f"{release['ID']}-{release.get('VERSION_ID', 'unstable')}"
    purl = PackageURL("deb", release["ID"], package, number, {"arch": architecture, "distro": distribution})
    return component(name, number, licence, purl)


@cache
def pypi(name: str, number: str, licence: str) -> Component:
    return component(name, number, licence, PackageURL("pypi", None, name, number))


def component(name: str, number: str, licence: str, purl: PackageURL) -> Component:
    reference = purl.to_string() + (f"#{name}" if purl.name != name else "")
    return Component(
        name=name,
        version=number,
        type=ComponentType.LIBRARY,
        bom_ref=reference,
        purl=purl,
        licenses=[LicenseExpression(licence)],
    )


def locked(name: str) -> str:
    """Its version in what wheels are built with."""
    found = re.search(rf"^{name}==(\S+)", LOCK.read_text(), re.MULTILINE)
    assert found is not None
    return found[1]


def part(name: str, file: Path) -> Component:
    """What CONTENTS calls name, as it is in this file."""
    if name == "boost":
        return debian("/usr/include/boost/version.hpp", name, "BSL-1.0")
    if name == "pybind11":
        own = locked(name) if file.suffix == ".whl" else importlib.metadata.version(name)
        return pypi(name, own, "BSD-3-Clause")
    library, licence = LIBRARIES[name]
    architecture = "arm64" if re.search("arm64|aarch64", file.name) else "x86_64"
    return debian(output_of(compiler(architecture), f"-print-file-name={library}"), name, licence)


def parts(file: Path) -> list[Component]:
    if file.name == f"lanecrypt-{version()}.tar.gz":
        return []  # the sources, all ours
    names = next(names for start, names in CONTENTS.items() if file.name.startswith(start))
    return [part(name, file) for name in names]


def shipped(file: Path) -> Component:
    return Component(
        name=file.name,
        type=ComponentType.FILE,
        bom_ref=file.name,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest(file))],
        licenses=[LicenseExpression("MIT")],
    )


def bill(files: list[Path]) -> str:
    """The whole document."""
    own = Component(
        name="lanecrypt",
        version=version(),
        type=ComponentType.LIBRARY,
        bom_ref="lanecrypt",
        licenses=[LicenseExpression("MIT")],
    )
    when = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "315532800")), timezone.utc)
    inside = {shipped(file): parts(file) for file in files}
    libraries = {each for found in inside.values() for each in found}
    bom = Bom(metadata=BomMetaData(component=own, timestamp=when), components=[*inside, *libraries])
    for top, found in inside.items():
        bom.register_dependency(top, found)
    bom.register_dependency(own, inside)
    bom.serial_number = uuid5(NAMESPACE_URL, " ".join(f"{file.name}:{digest(file)}" for file in files))
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def main(folder: Path) -> Path:
    files = sorted(path for path in folder.iterdir() if path.name.endswith(SUFFIXES))
    for old in folder.glob("lanecrypt-*.cdx.json"):
        old.unlink()
    path = folder / f"lanecrypt-{version()}.cdx.json"
    path.write_text(bill(files))
    return path


if __name__ == "__main__":
    print(f"-- {main(Path(sys.argv[1]).resolve())}")
