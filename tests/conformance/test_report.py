"""The report: what is as it should be is counted, what is not is shown with its clause."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

from receiver.conformance.case import Result, Verdict
from receiver.conformance.report import (
    compose_members,
    describe_counts,
    describe_times,
    is_worth_telling,
    print_report,
)
from receiver.conformance.run import list_cases
from tests.support.paths import DOCS

CASES = {case.name: case for case in list_cases("run", datetime(2026, 3, 4, tzinfo=UTC))}
STRUCTURED = [case for name, case in CASES.items() if name.startswith("structured-")]


def printed(*results: Result, **options: bool) -> str:
    file = io.StringIO()
    print_report(results, Console(file=file, highlight=False, width=80, **options))  # type: ignore[arg-type]
    return file.getvalue()


def test_what_passed_as_it_must_is_only_counted() -> None:
    lines = printed(*(Result(case, Verdict.PASSED, "204", 0.01) for case in STRUCTURED))
    assert lines.splitlines() == [
        f"published events, structured mode: {len(STRUCTURED)} passed",
        "",
        "time to answer (information): median 10 ms, longest 10 ms",
        f"{len(STRUCTURED)} cases: {len(STRUCTURED)} passed",
    ]


def test_what_failed_is_shown_with_what_asks_for_it() -> None:
    text = printed(Result(CASES["success-is-204"], Verdict.FAILED, "200", 0.01))
    assert "failed     success-is-204" in text
    assert "MUST: the answer 204; seen: 200" in text
    assert "Event Subscription and Notification Guide, Commonalities r4.2, 3.1: " in text
    assert text.endswith("1 cases: 1 failed\n")


def test_of_many_that_show_the_same_a_few_are_shown() -> None:
    text = printed(*(Result(case, Verdict.FAILED, "500") for case in STRUCTURED))
    assert text.count("failed     structured-") == 3
    assert f"and {len(STRUCTURED) - 3} more alike" in text


def test_a_few_others_alike_are_named() -> None:
    cases = [CASES[name] for name in ("slow-body", "gzip-body", "connection-is-kept")]
    text = printed(*(Result(case, Verdict.PASSED, "204") for case in cases))
    assert "passed     slow-body" in text
    assert "             and gzip-body alike" in text
    assert "connection-is-kept" not in text


@pytest.mark.parametrize(
    ("name", "verdict", "is_told"),
    [
        ("success-is-204", Verdict.PASSED, False),
        ("success-is-204", Verdict.NOT_TRIED, True),
        ("gzip-body", Verdict.PASSED, True),
        ("redelivery", Verdict.PASSED, True),
    ],
)
def test_what_need_not_be_done_is_told_whether_or_not_it_is(
    name: str, verdict: Verdict, is_told: bool
) -> None:
    assert is_worth_telling(Result(CASES[name], verdict, "204")) is is_told


def test_only_a_terminal_is_shown_colours() -> None:
    result = Result(CASES["success-is-204"], Verdict.FAILED, "200")
    assert "\x1b[31m" in printed(result, force_terminal=True)
    assert "\x1b" not in printed(result)


def test_the_members_of_a_result() -> None:
    case = CASES["success-is-204"]
    assert compose_members(Result(case, Verdict.FAILED, "200", 0.01234)) == {
        "name": "success-is-204",
        "group": "answers",
        "verdict": "failed",
        "level": "MUST",
        "sent": "a published event",
        "asked": "the answer 204",
        "seen": "200",
        "clause": {
            "document": "CAMARA Event Subscription and Notification Guide, Commonalities r4.2",
            "section": "3.1",
            "words": "Only Operation POST is provided for event notification and the expected "
            "response code is `204`",
        },
        "milliseconds": 12.3,
    }
    without = compose_members(Result(replace(case, clause=None), Verdict.NOT_TRIED, "gone"))
    assert not {"clause", "milliseconds"} & without.keys()


def test_counts_leave_out_what_there_is_none_of_and_times_what_was_not_answered() -> None:
    case = CASES["success-is-204"]
    silent = Result(case, Verdict.NOT_TRIED, "gone")
    assert describe_counts([silent, Result(case, Verdict.PASSED, "204")]) == "1 passed, 1 not-tried"
    assert describe_times([silent]) == "time to answer: nothing was answered"


def test_the_guide_names_every_member_of_the_json() -> None:
    page = (DOCS / "senders.md").read_text(encoding="utf-8")
    members = compose_members(Result(CASES["success-is-204"], Verdict.PASSED, "204", 0.01))
    clause = members["clause"]
    assert isinstance(clause, dict)
    assert [name for name in (*members, *clause) if f"`{name}`" not in page] == []
