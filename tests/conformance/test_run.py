"""A run: which cases, whether there is a sink, and when it is gone."""

import asyncio
import re
from datetime import UTC, datetime

import pytest

from receiver.conformance.case import Result, Verdict
from receiver.conformance.run import (
    count_verdicts,
    describe_plan,
    find_fault,
    group_results,
    has_failed,
    list_cases,
    make_probe,
    play,
)
from receiver.conformance.sending import Sender
from tests.support.any_sink import (
    TOKEN,
    Decide,
    Received,
    Reply,
    decide_rightly,
    error,
    serving,
)

NOW = datetime(2026, 3, 4, tzinfo=UTC)
UNTAKEN = "the sink does not take this token"


def play_all(decide: Decide, *only: str) -> list[Result]:
    async def run(url: str) -> list[Result]:
        async with Sender(url, TOKEN, 10) as sender:
            return await play(list_cases("run", NOW, only), sender, lambda _: None)

    with serving(decide) as url:
        return asyncio.run(run(url))


def fault_of(decide: Decide) -> str | None:
    async def run(url: str) -> str | None:
        async with Sender(url, TOKEN, 10) as sender:
            return await find_fault(make_probe("run", NOW), sender)

    with serving(decide) as url:
        return asyncio.run(run(url))


def test_no_two_cases_have_one_name_and_each_is_in_kebab_case() -> None:
    names = [case.name for case in list_cases("run", NOW)]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z0-9.]+(-[a-z0-9.]+)*", name)] == []


def test_only_cases_of_such_names_are_listed() -> None:
    names = [case.name for case in list_cases("run", NOW, ["token-*", "redelivery"])]
    assert names == [
        "redelivery", "token-wrong", "token-wrong-is-401", "token-missing",
        "token-of-another-scheme",
    ]  # fmt: skip
    assert list_cases("run", NOW, ["nothing"]) == []


def test_a_right_sink_passes_every_case_and_each_is_reached() -> None:
    results = play_all(decide_rightly)
    assert [result.case.name for result in results] == [
        case.name for case in list_cases("run", NOW)
    ]
    assert count_verdicts(results) == {
        Verdict.PASSED: len(results),
        Verdict.FAILED: 0,
        Verdict.WARNED: 0,
        Verdict.NOT_TRIED: 0,
    }
    assert not has_failed(results)


def test_results_are_heard_one_by_one_and_stand_in_their_groups() -> None:
    heard: list[Result] = []

    async def run(url: str) -> list[Result]:
        async with Sender(url, TOKEN, 10) as sender:
            return await play(list_cases("run", NOW, ["*-on-the-sink"]), sender, heard.append)

    with serving(decide_rightly) as url:
        results = asyncio.run(run(url))
    assert heard == results
    assert [(group, len(members)) for group, members in group_results(results)] == [("HTTP", 4)]


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (error(401, "UNAUTHENTICATED"), f"{UNTAKEN}: 401 UNAUTHENTICATED"),
        (error(403, "PERMISSION_DENIED"), f"{UNTAKEN}: 403 PERMISSION_DENIED"),
        (Reply(404), "this is the URL of no sink: 404"),
        (Reply(307), "this is the URL of no sink: 307"),
        (Reply(204, closes=True), "there is no sink: no answer (remote protocol error)"),
        (Reply(204), None),
        (error(500, "INTERNAL"), None),
    ],
)  # fmt: skip
def test_a_first_notification_tells_whether_there_is_a_sink(
    reply: Reply, fault: str | None
) -> None:
    assert fault_of(lambda _: reply) == fault


def test_a_sink_that_falls_silent_is_not_asked_on() -> None:
    received: list[Received] = []

    def decide(one: Received) -> Reply:
        received.append(one)
        return Reply(204, closes=True)

    results = play_all(decide, "structured-device-status-0.5.1-*")
    assert [result.verdict for result in results] == ["failed"] * 3 + ["not-tried"] * 5
    # A client tries again where a kept connection was closed before the answer.
    assert len(received) == 3


def test_the_plan_says_how_much_is_sent() -> None:
    plan = describe_plan(list_cases("run", NOW, ["redelivery", "not-json"]))
    first, *groups = plan.splitlines()
    assert first.startswith("4 requests for 2 cases, one at a time, about a phone number that nob")
    assert first.endswith(" from https://conformance.invalid")
    assert groups == ["    1  repetition and order", "    1  faulty notifications"]
