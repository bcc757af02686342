"""The engines on processors that are not at hand: one without BMI2, and one with it that is nobody's real one."""

from __future__ import annotations

from pathlib import Path

from tests.engines.programs import output_of, verdicts_of

BEFORE_BMI2 = ("-cpu", "Nehalem")
WITH_BMI2 = ("-cpu", "Haswell")


def test_a_processor_without_bmi2_is_told_from_one_that_computes_wrong(qemu: str, verdicts_program: Path) -> None:
    assert verdicts_of(qemu, *BEFORE_BMI2, verdicts_program) == {
        "x86_64_bmi2": "cpu_lacks",
        "x86_64": "right",
        "portable": "right",
        "libcrypt": "right",
    }


def test_a_processor_with_bmi2_runs_all(qemu: str, verdicts_program: Path) -> None:
    assert set(verdicts_of(qemu, *WITH_BMI2, verdicts_program).values()) == {"right"}


def test_known_answers_without_bmi2(qemu: str, verdicts_program: Path) -> None:
    """Every cheap row in every width: an instruction that Nehalem has not would end this."""
    answers = verdicts_program.with_name("lanecrypt_engine_answers")
    lines = output_of(qemu, *BEFORE_BMI2, answers, "x86_64").splitlines()
    assert lines == [f"width {width} rows 770 wrong 0" for width in range(1, 9)]
