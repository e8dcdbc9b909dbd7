"""The result of a check: one line whatever happens in the check, and the worst of them all."""

import pytest

from receiver.doctor.diagnosis import (
    CheckResult,
    CheckState,
    Diagnosis,
    failed,
    find_worst,
    ok,
    run_check,
    skip_checks,
    skipped,
    warning,
)
from receiver.errors import Unavailable


def test_a_result_stands_under_the_name_of_its_check() -> None:
    assert run_check("clock", lambda: ok("well")) == Diagnosis("clock", CheckState.OK, "well")


def test_a_message_becomes_one_line() -> None:
    found = run_check("clock", lambda: warning("one\n  line"))
    assert found.message == "one line"


def test_an_error_of_ours_fails_the_check_with_its_message() -> None:
    def unavailable() -> CheckResult:
        raise Unavailable("the database is away")

    found = run_check("clock", unavailable)
    assert (found.state, found.message) == (CheckState.FAILED, "the database is away")


def test_any_other_error_fails_the_check_by_its_name_and_without_its_text() -> None:
    def broken() -> CheckResult:
        raise RuntimeError("s3cret")

    found = run_check("clock", broken)
    assert found.state is CheckState.FAILED
    assert "RuntimeError" in found.message
    assert "s3cret" not in found.message


def test_skipped_checks_keep_their_order_and_share_a_reason() -> None:
    assert list(skip_checks(("version", "clock"), "the database comes first")) == [
        Diagnosis("version", CheckState.SKIPPED, "the database comes first"),
        Diagnosis("clock", CheckState.SKIPPED, "the database comes first"),
    ]


@pytest.mark.parametrize(
    ("results", "worst"),
    [
        ([], CheckState.OK),
        ([ok(""), skipped("")], CheckState.OK),
        ([ok(""), warning(""), skipped("")], CheckState.WARNING),
        ([failed(""), warning("")], CheckState.FAILED),
    ],
)
def test_the_worst_state_is_found_and_a_skipped_check_is_no_fault(
    results: list[CheckResult], worst: CheckState
) -> None:
    assert worst is find_worst(Diagnosis("", one.state, one.message) for one in results)
