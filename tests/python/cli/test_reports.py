"""estimate, bench and doctor, help, and what is said where the extra packages are missing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


def test_estimate_adds_up(lanecrypt: Run) -> None:
    arguments = ("estimate", "--rows", "10M", "--cost", 12, "--seconds", 0.2)
    found = json.loads(lanecrypt(*arguments, "--json").stdout)
    rate = found["hashes_per_second"]["core"]
    assert found["rows"] == 10_000_000
    assert found["seconds"]["1"] == pytest.approx(1e7 / rate)
    assert found["seconds"]["64"] == pytest.approx(1e7 / rate / 64)
    for architecture, price in (("x86_64", 0.0000166667), ("arm64", 0.0000133334)):
        seconds = 1e7 / rate * 1769 / 1024 * price
        dollars = seconds + found["lambda_requests"] * 0.2 / 1e6
        assert found["lambda"][architecture]["usd"] == pytest.approx(dollars)
    assert [each["measured"] for each in found["lambda"].values()].count(True) == 1


def test_estimate_for_people(lanecrypt_inside: Run) -> None:
    done = lanecrypt_inside("estimate", "--rows", "1_000", "--cost", 31, "--seconds", 0.1, "--price-x86_64", 1)
    assert "1,000 hashes at cost 31" in done.stdout
    assert re.search(r"hours \([\d,.]+ days\)", done.stdout)
    assert "not measured" in done.stdout
    assert "must be a number such as" in lanecrypt_inside("estimate", "--rows", "many", code=2).stderr


def test_what_estimate_takes(lanecrypt_inside: Run) -> None:
    usual = ("estimate", "--cost", 4, "--seconds", 0.1, "--json")
    assert json.loads(lanecrypt_inside(*usual, "--rows", "1e9").stdout)["rows"] == 10**9
    for option in ("--price-x86_64", "--price-arm64", "--price-requests"):
        for price in ("-1", "nan", "inf"):
            assert option in lanecrypt_inside(*usual, "--rows", 1, option, price, code=2).stderr


def test_bench_compares_what_is_installed(lanecrypt: Run) -> None:
    arguments = ("--cost", 4, "--turns", 2)
    found = json.loads(lanecrypt("bench", *arguments, "--count", 16, "--json").stdout)
    names = {each["name"] for each in found}
    assert {"lanecrypt", "bcrypt (pyca)", "libpass bcrypt", "Django BCryptPasswordHasher"} <= names
    assert all(each["hashes_per_second"] >= each["median"] > 0 for each in found)
    table = lanecrypt("bench", *arguments, "--count", 2).stdout
    assert re.search(r"bcrypt \(pyca\)\s+[\d.]+\s+1\s.*1\.00 x", table)


def test_doctor_is_content(lanecrypt: Run) -> None:
    traps = {"OMP_NUM_THREADS": "1", "LANECRYPT_ENGINE": "portable", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"}
    done = lanecrypt("doctor", env=traps)
    assert "Healthy." in done.stdout
    for word in (
        "portable: ready",
        "hashes and verifies right",
        "libgomp",
        "OMP_NUM_THREADS=1",
        "LANECRYPT_ENGINE=",
        "1769 MB",
    ):
        assert word in done.stdout
    topics = {each["topic"] for each in json.loads(lanecrypt("doctor", "--json").stdout)}
    assert {"lanecrypt", "Python", "engine", "threads", "self-check", "OpenMP"} <= topics
    assert "environment" not in topics


def test_doctor_sees_a_wrong_answer() -> None:
    program = (
        "import sys, lanecrypt\n"
        "lanecrypt.verify_many = lambda *_: [True, True]\n"
        "from lanecrypt.cli import main\n"
        "sys.exit(main(['doctor']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "gives wrong answers" in done.stdout


def test_help_has_the_exit_codes(lanecrypt_inside: Run) -> None:
    text = lanecrypt_inside("--help").stdout
    for command in ("hash", "verify", "audit", "estimate", "bench", "doctor"):
        assert re.search(rf"^  {command} ", text, re.MULTILINE)
    for code in ("0 ", "1 ", "2 ", "3 ", "70 ", "130 ", "141 "):
        assert f"    {code}" in text
    assert "All are listed by --errors" in lanecrypt_inside("hash", "-h").stdout
    assert lanecrypt_inside("--version").stdout.startswith("lanecrypt, version ")


@pytest.mark.parametrize("package", ["click", "rich"])
def test_a_missing_package_is_one_line(package: str) -> None:
    program = f"import sys; sys.modules['{package}'] = None\nfrom lanecrypt.cli import main\nsys.exit(main(['doctor']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "lanecrypt: the command line needs two more packages: pip install 'lanecrypt[cli]'\n"


def test_parquet_without_pyarrow_is_one_line() -> None:
    program = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from lanecrypt.cli import main\nsys.exit(main(['audit', 'x.parquet']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "lanecrypt: Parquet needs one more package: pip install 'lanecrypt[cli]'\n"
