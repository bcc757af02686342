"""The package itself: types, documentation, version, what importing it loads, and that nothing leaks."""

from __future__ import annotations

import ast
import contextlib
import gc
import inspect
import os
import pydoc
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lanecrypt
import pytest

RunPython = Callable[..., str]

SETTING = b"$2b$04$abcdefghijklmnopqrstu."
HASH = b"$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"  # of b"pw"
FUNCTIONS = sorted(name for name in lanecrypt.__all__ if inspect.isfunction(getattr(lanecrypt, name)))
FOLDER = Path(inspect.getfile(lanecrypt)).parent


# ---- What is there


def test_it_is_marked_as_typed() -> None:
    assert (FOLDER / "py.typed").read_bytes() == b""
    assert (FOLDER / "__init__.pyi").exists()
    assert (FOLDER / "_core.pyi").exists()


def test_all_names_are_there() -> None:
    for name in lanecrypt.__all__:
        assert getattr(lanecrypt, name) is not None
        assert name in dir(lanecrypt)
    assert len(set(lanecrypt.__all__)) == len(lanecrypt.__all__)
    public = {name for name in vars(lanecrypt) if not name.startswith("_")} - set(lanecrypt.__all__)
    assert public <= {"annotations", "aio", "aws", "cli"}
    with pytest.raises(AttributeError, match="module 'lanecrypt' has no attribute 'hash_all'"):
        _ = lanecrypt.hash_all  # type: ignore[attr-defined]


def test_a_star_import_gives_all(run_python: RunPython) -> None:
    printed = run_python(
        "before = set(dir()); from lanecrypt import *; print(sorted(set(dir()) - before - {'before'}))"
    )
    assert printed.strip() == str(sorted(lanecrypt.__all__))


def test_asyncio_is_a_module_of_its_own() -> None:
    assert inspect.ismodule(lanecrypt.aio)


@pytest.mark.parametrize("name", [name for name in lanecrypt.__all__ if name != "__version__"])
def test_everything_is_documented(name: str) -> None:
    text = inspect.getdoc(getattr(lanecrypt, name)) or ""
    assert len(text) > 20
    assert text.splitlines()[0].rstrip().endswith((".", ":"))


# What a function that takes arguments may raise stands in its docstring, or in that of the function it refers to.
ERRORS = {
    "gensalt": ["ValueError"],
    "hashpw": ["ValueError", "TypeError"],
    "checkpw": ["ValueError", "TypeError"],
    "kdf": ["ValueError"],
    "hash_many": ["ItemError", "TypeError", "ValueError", "Error"],
    "verify_many": ["ItemError", "hash_many"],
    "hash_stream": ["ItemError", "hash_many"],
    "verify_stream": ["ValueError", "hash_stream", "verify_many"],
    "needs_rehash": ["ValueError"],
    "identify": ["None"],
}


def test_documentation_names_the_errors() -> None:
    assert set(ERRORS) == set(FUNCTIONS) - {"engines", "cpu_budget", "plan"}
    for name, words in ERRORS.items():
        text = inspect.getdoc(getattr(lanecrypt, name)) or ""
        for word in words:
            assert re.search(rf"\b{word}\b", text), (name, word)


def test_documentation_names_every_argument_of_batches() -> None:
    text = inspect.getdoc(lanecrypt.hash_many) or ""
    for name in inspect.signature(lanecrypt.hash_many).parameters:
        assert re.search(rf"^{name} ", text, re.MULTILINE), name
    others = inspect.getdoc(lanecrypt.verify_many) or ""
    for name in set(inspect.signature(lanecrypt.verify_many).parameters) - set(
        inspect.signature(lanecrypt.hash_many).parameters
    ):
        assert re.search(rf"^{name} ", others, re.MULTILINE), name


def test_help_renders() -> None:
    text = pydoc.plain(pydoc.render_doc(lanecrypt))
    for name in ("hash_many", "verify_many", "ItemError", "Cancel", "kdf"):
        assert name in text
    for name in lanecrypt.__all__:
        assert pydoc.render_doc(f"lanecrypt.{name}")


def test_functions_take_what_the_stub_says() -> None:
    """The names and order; the types are mypy's stubtest's to compare."""
    assert str(inspect.signature(lanecrypt.hashpw)) == "(password: 'bytes', salt: 'bytes') -> 'bytes'"
    for name in ("hash_many", "verify_many", "hash_stream", "verify_stream"):
        parameters = inspect.signature(getattr(lanecrypt, name)).parameters.values()
        assert all(each.kind is each.KEYWORD_ONLY for each in parameters if each.name not in ("passwords", "hashes"))


def test_the_version_is_that_of_the_build(root: Path) -> None:
    found = re.search(r"project\(lanecrypt VERSION ([0-9.]+)", (root / "CMakeLists.txt").read_text(encoding="utf-8"))
    assert found
    assert lanecrypt.__version__ == found.group(1)


# ---- What importing it loads


def test_importing_it_loads_no_slow_modules(run_python: RunPython) -> None:
    """Those take longer to import than lanecrypt: it leaves them to who needs them."""
    slow = (
        "{'typing', 'asyncio', 'hashlib', 're', 'warnings', 'collections.abc', 'numpy', 'pyarrow', 'click', 'inspect'}"
    )
    printed = run_python(
        f"""
        import sys
        before = set(sys.modules)
        import lanecrypt
        lanecrypt.verify_many([b"pw"], lanecrypt.hash_many([b"pw"], rounds=4))
        lanecrypt.checkpw(b"pw", lanecrypt.hashpw(b"pw", lanecrypt.gensalt(4)))
        print(sorted((set(sys.modules) - before) & {slow}))
        """
    )
    assert printed.strip() == "[]"


def test_importing_it_starts_no_thread(run_python: RunPython) -> None:
    printed = run_python("import os, lanecrypt; lanecrypt.engines; print(len(os.listdir('/proc/self/task')))")
    assert printed.strip() == "1"


def test_it_runs_under_every_switch_of_python(run_python: RunPython) -> None:
    program = "import lanecrypt as l; assert l.verify_many([b'pw'], l.hash_many([b'pw'], rounds=4)) == [True]"
    for options in (("-O",), ("-OO",), ("-W", "error"), ("-bb",), ("-X", "dev", "-W", "error"), ("-s", "-B")):
        run_python(program, options=options)


# ---- Types

TYPED = """
from collections.abc import Iterator

import lanecrypt
from lanecrypt import Budget, Cancel, Engine, Error, HashInfo, ItemError, Plan, Verified

passwords: list[bytes] = [b"pw"]
hashes: list[bytes | None] = [b"", None]
cancel = Cancel()


def progress(done: int, total: int) -> bool | None:
    return done < total


def counting(done: int, total: None) -> None: ...


reveal_type(lanecrypt.gensalt(rounds=4, prefix=b"2a"))  # bytes
reveal_type(lanecrypt.hashpw(b"pw", b"salt"))  # bytes
reveal_type(lanecrypt.checkpw(b"pw", b"hash"))  # bool
reveal_type(lanecrypt.kdf(b"p", b"s", 16, 100, ignore_few_rounds=True))  # bytes
reveal_type(lanecrypt.hash_many(passwords))  # list[bytes]
reveal_type(lanecrypt.hash_many(passwords, on_error="raise"))  # list[bytes]
reveal_type(lanecrypt.hash_many(passwords, on_error="return"))  # list[bytes | ItemError]
reveal_type(lanecrypt.hash_many((bytearray(p) for p in passwords), settings=hashes, cancel=cancel))  # list[bytes]
reveal_type(lanecrypt.hash_many([memoryview(b"pw")], rounds=4, prefix=b"2y", max_cost=9, threads=1))  # list[bytes]
reveal_type(lanecrypt.hash_many(passwords, deadline=1.5, progress=progress, engine="portable"))  # list[bytes]
reveal_type(lanecrypt.hash_many(passwords, long_passwords="truncate"))  # list[bytes]
reveal_type(lanecrypt.verify_many(passwords, hashes))  # list[bool]
reveal_type(lanecrypt.verify_many(passwords, hashes, upgrade_to=None))  # list[bool]
reveal_type(lanecrypt.verify_many(passwords, hashes, on_error="return"))  # list[bool | ItemError]
reveal_type(lanecrypt.verify_many(passwords, hashes, upgrade_to=12))  # list[Verified]
reveal_type(lanecrypt.verify_many(passwords, hashes, upgrade_to=12, on_error="return"))  # list[Verified | ItemError]
reveal_type(lanecrypt.hash_stream(iter(passwords)))  # Generator[bytes, None, None]
reveal_type(lanecrypt.hash_stream([b""], on_error="return"))  # Generator[bytes | ItemError, None, None]
reveal_type(lanecrypt.verify_stream(passwords, hashes))  # Generator[bool, None, None]
reveal_type(lanecrypt.verify_stream(passwords, hashes, on_error="return"))  # Generator[bool | ItemError, None, None]
reveal_type(lanecrypt.verify_stream(passwords, hashes, upgrade_to=12))  # Generator[Verified, None, None]
streamed = lanecrypt.verify_stream([b""], hashes, upgrade_to=9, on_error="return", progress=counting)
reveal_type(streamed)  # Generator[Verified | ItemError, None, None]
reveal_type(lanecrypt.identify(b"hash"))  # HashInfo | None
reveal_type(lanecrypt.needs_rehash(b"hash", rounds=12, prefix=b"2b"))  # bool
reveal_type(lanecrypt.engines())  # list[Engine]
reveal_type(lanecrypt.cpu_budget())  # Budget
reveal_type(lanecrypt.plan(5, threads=1, engine=None))  # Plan
reveal_type(lanecrypt.plan(5).widths)  # tuple[int, ...]
reveal_type(lanecrypt.plan(5).width_reason)  # str
reveal_type(lanecrypt.cpu_budget().cgroup)  # int | None
reveal_type(lanecrypt.engines()[0].relative_time)  # tuple[float, ...]
reveal_type(ItemError(1, "deadline").index)  # int
reveal_type(Error("busy").code)  # str
reveal_type(Verified(True, None, None).new_hash)  # bytes | None
reveal_type(lanecrypt.__version__)  # str
reveal_type(cancel.is_set())  # bool
"""

MISTAKES = """
import lanecrypt
lanecrypt.hash_many("text")
lanecrypt.hash_many(["text"])
lanecrypt.hash_many(b"bytes")
lanecrypt.hash_many([b"pw"], 12)
lanecrypt.hash_many([b"pw"], on_error="ignore")
lanecrypt.hash_many([b"pw"], long_passwords="cut")
lanecrypt.hash_many([b"pw"], rounds="12")
lanecrypt.hash_many([None])
lanecrypt.verify_many([b"pw"])
lanecrypt.verify_many([b"pw"], ["hash"])
lanecrypt.verify_many([b"pw"], [b"hash"], cancel=True)
lanecrypt.hash_stream([b"pw"], settings=[b"setting"])
lanecrypt.hashpw("text", b"salt")
lanecrypt.no_such_name
"""


def mypy(program: str, folder: Path) -> list[str]:
    pytest.importorskip("mypy")
    path = folder / "program.py"
    path.write_text(program, encoding="utf-8")
    (folder / "mypy.ini").write_text("[mypy]\nstrict = true\n")
    command = [sys.executable, "-m", "mypy", "--config-file", str(folder / "mypy.ini"), "--no-error-summary"]
    command += ["--cache-dir", str(folder / "cache"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert not done.stderr, done.stderr
    return done.stdout.splitlines()


def plain(type_: str) -> str:
    """A type as mypy writes it, without the modules' names; NamedTuples are written with their fields."""
    type_ = re.sub(r"tuple\[[^\[\]]*(\[[^\[\]]*\])?[^\[\]]*, fallback=([\w.]+)\]", r"\2", type_)
    return re.sub(r"\b(\w+\.)+(?=\w)", "", type_)


def test_types_of_all_answers(tmp_path: Path) -> None:
    expected = re.findall(r"\)?  # (.+)$", TYPED, re.MULTILINE)
    assert len(expected) == TYPED.count("reveal_type")
    lines = mypy(TYPED, tmp_path)
    assert all("note: Revealed type is" in line for line in lines), lines
    revealed = [plain(re.findall(r'Revealed type is "(.+)"', line)[0]) for line in lines]
    assert revealed == expected


def test_mistakes_that_types_find(tmp_path: Path) -> None:
    lines = mypy(MISTAKES, tmp_path)
    found = {int(match.group(1)) for line in lines if (match := re.match(r".*program\.py:(\d+): error:", line))}
    assert not any(": error:" in line and "program.py" not in line for line in lines), lines
    expected = {number for number, line in enumerate(MISTAKES.splitlines(), 1) if "lanecrypt." in line}
    assert found == expected


# What the stubs leave out: the metaclass of pybind11's classes, names for type checkers only, and scripts.
NOT_COMPARED = r"""
lanecrypt\._core\.(ArrowStream|Cancel|Column|Options)
lanecrypt\._\w+\.Call
lanecrypt\.(cli\.)?__main__
"""


def test_the_stubs_are_those_of_the_code(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "allowed").write_text(NOT_COMPARED)
    command = [sys.executable, "-m", "mypy.stubtest", "lanecrypt", "--concise", "--ignore-unused-allowlist"]
    command += ["--allowlist", str(tmp_path / "allowed")]
    # The handlers of lanecrypt.aws are configured when they are imported, as Lambda imports them.
    settings = {"LANECRYPT_OUTPUT_BUCKET": "bucket", "LANECRYPT_DESTINATION_TABLE": "table"}
    settings["AWS_DEFAULT_REGION"] = "eu-west-1"
    env = {**os.environ, **settings}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- Leaks


def once() -> None:
    """One of everything, the ways that raise among them. Nothing is computed, and threads are started once only."""
    passwords: list[Any] = [b"pw", bytearray(b"pw"), b"x" * 73, "text", None]
    options: dict[str, Any] = {"deadline": -1, "threads": 1}
    lanecrypt.hash_many(passwords, settings=[SETTING, HASH, SETTING, None, None], on_error="return", **options)
    lanecrypt.verify_many(passwords, [HASH, HASH[:-1], None, HASH, HASH], on_error="return", upgrade_to=4, **options)
    wrongs: list[Any] = [[b"pw", b"x" * 73], ["text"], 5]
    for wrong in wrongs:
        with contextlib.suppress(lanecrypt.ItemError, TypeError):
            lanecrypt.hash_many(wrong, **options)
    with contextlib.suppress(ZeroDivisionError, lanecrypt.ItemError):
        lanecrypt.hash_many([b"pw"], rounds=4, progress=lambda *_: bool(1 // 0), **options)
    list(lanecrypt.hash_stream([b"pw"], rounds=4, on_error="return", **options))
    for _ in range(20):
        lanecrypt.hash_many([b"pw", b"pw"], rounds=4, on_error="return", **options)


def resident_kb() -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found.group(1))


def test_memory_stays_flat_over_many_batches() -> None:
    for _ in range(500):
        once()
    gc.collect()
    before = resident_kb(), sys.getallocatedblocks()
    for _ in range(4000):
        once()
    gc.collect()
    assert resident_kb() - before[0] < 1500  # of 100,000 batches: 15 bytes lost in each would show
    assert sys.getallocatedblocks() - before[1] < 2000  # of Python's own: one lost in each turn would show


def test_references_are_given_back() -> None:
    password, setting = b"p" * 20, SETTING + b""
    hashes = lanecrypt.hash_many([password], rounds=4)
    cancel = lanecrypt.Cancel()

    def progress(_done: int, _total: Any) -> None:
        pass

    def counts() -> list[int]:
        gc.collect()
        return [sys.getrefcount(each) for each in (password, setting, hashes[0], cancel, progress, None)]

    before = counts()
    for _ in range(50):
        lanecrypt.hash_many(
            [password] * 3, settings=[setting, None, setting], rounds=4, cancel=cancel, progress=progress
        )
        lanecrypt.verify_many([password] * 2, [hashes[0], None], rounds=4, cancel=cancel, progress=progress)
        lanecrypt.hashpw(password, setting)
        list(lanecrypt.verify_stream([password] * 2, [hashes[0], None], rounds=4, progress=progress))
    after = counts()
    assert after[:5] == before[:5]
    assert abs(after[5] - before[5]) < 40  # None: immortal from Python 3.12 on, and shared by everyone


def test_stubs_are_python_without_mypy_too() -> None:
    for stub in sorted(FOLDER.rglob("*.pyi")):
        ast.parse(stub.read_text(encoding="utf-8"))
