"""Whoever is linked with the last release can run with today's library: abidiff, by capi/abi/.

Tried on changed records: what is missing in the release was added since.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.artifacts.conftest import NATIVE, ROOT, build_of

FOLDER = ROOT / "capi" / "abi"
RECORD = FOLDER / f"liblanecrypt.so.0-{platform.machine()}.abi"
CHANGED, INCOMPATIBLE = 4, 8  # bits of abidiff's exit code
Tree = ElementTree.Element


@pytest.fixture(scope="module")
def library() -> Path:
    path = build_of(NATIVE) / "abi" / "liblanecrypt.so.0"
    if not RECORD.exists() or shutil.which("abidiff") is None:
        pytest.skip(f"there is no record for {platform.machine()}, or no abidiff (Debian's abigail-tools)")
    assert path.exists(), "the target lanecrypt_abi is not built"
    return path


def compare(record: Path, library: Path) -> tuple[int, str]:
    """abidiff's exit code and what it found."""
    done = subprocess.run(["abidiff", "--no-added-syms", record, library], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_library_has_the_abi_of_the_last_release(library: Path) -> None:
    code, found = compare(RECORD, library)
    assert code == 0, found


def test_the_record_names_nothing_of_the_machine(library: Path, tmp_path: Path) -> None:
    """And the command that makes it works."""
    assert str(ROOT) not in RECORD.read_text()
    made = tmp_path / "made.abi"
    subprocess.run(["sh", FOLDER / "record.sh", library.parents[1], made], check=True)
    assert compare(made, library)[0] == 0
    assert str(ROOT) not in made.read_text()


def struct(tree: Tree, name: str) -> Tree:
    found = tree.find(f".//class-decl[@name='{name}']")
    assert found is not None
    return found


def field_moved(tree: Tree) -> None:
    """The 4 bytes of cost and of max_cost change places."""
    members = {member[0].get("name"): member for member in struct(tree, "lanecrypt_options")}
    for name, other in (("cost", "max_cost"), ("max_cost", "cost")):
        members[name][0].set("name", other)


def field_of_another_type(tree: Tree) -> None:
    (member,) = (each for each in struct(tree, "lanecrypt_hash_job") if each[0].get("name") == "password_length")
    (cost,) = (each for each in struct(tree, "lanecrypt_hash_job") if each[0].get("name") == "cost")
    member[0].set("type-id", str(cost[0].get("type-id")))


def field_gone_from_the_middle(tree: Tree) -> None:
    """In today's library one has come in, and what stood behind it is elsewhere."""
    options = struct(tree, "lanecrypt_options")
    for member in list(options)[4:]:
        member.set("layout-offset-in-bits", str(int(member.get("layout-offset-in-bits", "0")) - 64))
    options.remove(options[4])
    options.set("size-in-bits", str(int(options.get("size-in-bits", "0")) - 64))


def another_function(tree: Tree) -> None:
    """In the release: today's library has lost it."""
    symbols = tree.find("elf-function-symbols")
    assert symbols is not None
    lost = ElementTree.fromstring(ElementTree.tostring(symbols[0]))
    lost.set("name", "lanecrypt_lost")
    symbols.append(lost)


def parameter_of_another_type(tree: Tree) -> None:
    function = tree.find(".//function-decl[@name='lanecrypt_gensalt']")
    assert function is not None
    first, second = function.findall("parameter")[:2]
    first.set("type-id", str(second.get("type-id")))


def function_added(tree: Tree) -> None:
    """Since the release, which had none of that name."""
    symbols = tree.find("elf-function-symbols")
    assert symbols is not None
    (symbol,) = (each for each in symbols if each.get("name") == "lanecrypt_version")
    symbols.remove(symbol)
    for unit in tree.findall("abi-instr"):
        for function in unit.findall("function-decl[@name='lanecrypt_version']"):
            unit.remove(function)


def compare_changed(change: Callable[[Tree], None], library: Path, folder: Path) -> tuple[int, str]:
    tree = ElementTree.fromstring(RECORD.read_text())
    change(tree)
    record = folder / "changed.abi"
    record.write_text(re.sub(r"<\?xml[^>]*>", "", ElementTree.tostring(tree, encoding="unicode")))
    return compare(record, library)


@pytest.mark.parametrize(
    "change",
    [field_moved, field_of_another_type, field_gone_from_the_middle, another_function, parameter_of_another_type],
)
def test_a_change_is_found(change: Callable[[Tree], None], library: Path, tmp_path: Path) -> None:
    code, found = compare_changed(change, library, tmp_path)
    assert code & CHANGED, found
    assert bool(code & INCOMPATIBLE) == (change is another_function), found


def test_an_addition_is_none(library: Path, tmp_path: Path) -> None:
    code, found = compare_changed(function_added, library, tmp_path)
    assert code == 0, found
