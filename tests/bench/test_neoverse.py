"""`./dev bench neoverse`: its reading of assembly, and that the engine's row for arm64 is what its results say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.neoverse import Encryption, best_width, encryption, function, inside, loops, relative

ROOT = Path(__file__).resolve().parents[2]
ASSEMBLY = """
_ZN9lanecrypt6expandILj1EEEvRNS_5LanesIXT_EEE:
.LFB1:
	.cfi_startproc
	mov	x2, x0
.L2:
	bl	encrypt_once
	cbnz	x3, .L2
.L3:
	mov	x5, 0	// a box
.L4:
	eor	w6, w6, w7
.L5:
	ldr	w1, [x0, x1, lsl 2]
	ldr	w2, [x0, x2, lsl 2]
	ldr	w3, [x0, x3, lsl 2]
	ldr	w4, [x0, x4, lsl 2]
	ldr	w1, [x0, x1, lsl 2]
	ldr	w2, [x0, x2, lsl 2]
	ldr	w3, [x0, x3, lsl 2]
	ldr	w4, [x0, x4, lsl 2]
	str	w4, [sp, 8]
	cmp	x0, x9
	bne	.L5
	add	x5, x5, 8
	cmp	x5, x8
	bne	.L4
	cmp	x9, x8
	bne	.L3
	ret
	.size	_ZN9lanecrypt6expandILj1EEEvRNS_5LanesIXT_EEE, .-_ZN9lanecrypt6expandILj1EEEvRNS_5LanesIXT_EEE
"""


def row_in(text: str, before: str) -> list[float]:
    found = re.search(re.escape(before) + r".*?\{0, ([\d., ]+)\}", text, re.DOTALL)
    assert found is not None
    return [float(each) for each in found[1].split(",")]


def test_the_engines_row_for_arm64_is_the_estimates() -> None:
    engine = (ROOT / "kernel" / "engine_portable.cpp").read_text()
    results = (ROOT / "bench" / "results" / "NEOVERSE.md").read_text()
    assert row_in(engine, "defined(__aarch64__)") == row_in(results, "`relative_time`")


def test_one_encryption_is_followed_through_its_loops() -> None:
    lines = function(ASSEMBLY, 1)
    found = loops(lines)
    assert [lines[first] for first, _ in found] == [".L3:", ".L4:", ".L5:"]  # that with a call is none of them
    assert inside(found, found[2]) is None
    one = encryption(lines, 1)
    assert len(one.lines) == 1 + 8 * 11 + 3
    assert one.stack_accesses == 8 / 16


def test_a_loop_that_is_no_encryption_is_refused() -> None:
    with pytest.raises(AssertionError, match="too few"):
        encryption(function(ASSEMBLY.replace("lsl 2", "lsl 3"), 1), 1)
    with pytest.raises(AssertionError, match="the compiler made no"):
        function(ASSEMBLY, 2)


def test_the_row_is_the_median_of_the_cores() -> None:
    cycles = {"neoverse-n1": [10.0] * 8, "neoverse-v1": [10.0, 12.0, *[40.0] * 6]}
    cycles["neoverse-v2"] = [10.0, 11.0, *[90.0] * 6]
    assert relative(cycles) == [1, 1.1, *[4.0] * 6]
    assert best_width(cycles) == 8
    assert Encryption(2, ["ldr w1, [sp, 8]"] * 64).stack_accesses == 2
