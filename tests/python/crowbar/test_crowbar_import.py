"""What happens when liblambda is imported: its configuration, subinterpreters, and the libgomp that comes with it."""

from __future__ import annotations

import re

import pytest

from .conftest import Crowbar


@pytest.mark.parametrize(
    ("env", "type_name", "message"),
    [
        ({"LANECRYPT_MAX_COST": "3"}, "InvalidMaxCost", "LANECRYPT_MAX_COST must be an integer from 4 to 31"),
        ({"LANECRYPT_MAX_COST": "12.0"}, "InvalidMaxCost", "LANECRYPT_MAX_COST must be an integer from 4 to 31"),
        ({"LANECRYPT_ENGINE": "best"}, "InvalidEngine", "LANECRYPT_ENGINE names no engine of this build"),
    ],
)
def test_a_wrong_configuration_fails_the_import(
    crowbar: Crowbar, env: dict[str, str], type_name: str, message: str
) -> None:
    ended = crowbar.run("import liblambda", env)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == f"liblambda.{type_name}: {message}"


def test_the_configuration_is_read_once(crowbar: Crowbar) -> None:
    crowbar.passes(
        """
os.environ["LANECRYPT_MAX_COST"] = "none"
assert liblambda.handler({"op": "hash", "cost": 5, "items": []})["engine"] == "portable"
assert "from 4 to 5" in refusal({"op": "hash", "cost": 6})
assert liblambda.handler({"count": 1, "mode": "auto"})["workers"] == 3
""",
        {"LANECRYPT_MAX_COST": "5", "WORKER_COUNT": "3", "LANECRYPT_ENGINE": "portable"},
    )


def check_subinterpreter(crowbar: Crowbar) -> None:
    script = """
import os
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
told, tell = os.pipe()
def attempt():
    interpreters.run_string(interpreters.create(), f'''
import os
try:
    import liblambda
    said = "it was imported"
except ImportError as error:
    said = str(error)
os.write({tell}, said.encode())
''')
    said = os.read(told, 1000).decode()
    assert "subinterpreter" in said, said  # from 3.13 on Python itself says so, by a slot of the module
attempt()
import liblambda
attempt()
assert liblambda.handler({"op": "hash", "items": []})["processed"] == 0
"""
    ended = crowbar.run(script)
    assert ended.returncode == 0, ended.stderr


def test_a_subinterpreter_is_refused(crowbar: Crowbar) -> None:
    """pybind11 would hang under Python 3.11: crowbar.run ends after a minute."""
    check_subinterpreter(crowbar)


def test_a_subinterpreter_is_refused_under_lambdas_pythons(lambda_crowbar: Crowbar) -> None:
    check_subinterpreter(lambda_crowbar)


def test_it_can_be_imported_again(crowbar: Crowbar) -> None:
    crowbar.passes(
        """
import importlib
first = liblambda
hash_is_right(first.handler(good))
del sys.modules["liblambda"]
hash_is_right(importlib.import_module("liblambda").handler(good))
assert liblambda.__name__ == "liblambda"
""",
    )


@pytest.mark.parametrize(("policy", "spins"), [(None, False), ("PASSIVE", False), ("ACTIVE", True)])
def test_threads_do_not_spin_unless_told(crowbar: Crowbar, policy: str | None, spins: bool) -> None:
    """libgomp itself says what it has read: 300000 turns by default, more than a thousand million for ACTIVE."""
    env = {"OMP_DISPLAY_ENV": "VERBOSE"} | ({} if policy is None else {"OMP_WAIT_POLICY": policy})
    (count,) = re.findall(r"GOMP_SPINCOUNT = '(\d+)'", crowbar.passes("", env))
    assert (int(count) > 0) == spins


def test_the_libgomp_of_the_zip_is_the_one_that_is_used(crowbar: Crowbar) -> None:
    crowbar.passes(
        """
used = {line.split()[-1] for line in open("/proc/self/maps") if "libgomp" in line}
assert used == {os.path.join(os.path.dirname(liblambda.__file__), "lib", "libgomp.so.1")}, used
""",
        {"LD_LIBRARY_PATH": "/usr/lib/x86_64-linux-gnu:/usr/lib"},
    )
