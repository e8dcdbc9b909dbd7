"""The report of a simulation: every answer is counted, and what was not expected is marked."""

import io
from collections import Counter

from rich.console import Console

from receiver.simulator.client import UnexpectedAnswer
from receiver.simulator.notification import Fault, Shape
from receiver.simulator.report import NO_FAULT, print_expected, print_report
from receiver.simulator.sending import Exchange, Summary


def summarise(
    *exchanges: Exchange,
    events: int | None = None,
    unexpected: tuple[UnexpectedAnswer, ...] = (),
) -> Summary:
    return Summary(
        exchanges=Counter(exchanges),
        shapes={Shape.CLOUDEVENTS: len(exchanges)},
        events=len(exchanges) if events is None else events,
        devices=2,
        seconds=0.5,
        unexpected=unexpected,
    )


def report(summary: Summary) -> list[str]:
    file = io.StringIO()
    print_report(summary, Console(file=file, width=100))
    return [" ".join(line.split()) for line in file.getvalue().splitlines() if line.strip()]


def test_answers_shapes_devices_and_pace_are_counted() -> None:
    stored = Exchange(None, 204, 204)
    lines = report(summarise(stored, stored, Exchange(None, 204, "read timeout")))
    assert lines == [
        "204 2",
        "no answer: read timeout 1",
        "sent as cloudevents 3",
        "devices 2",
        "seconds 0.50",
        "per second 6.0",
    ]


def test_events_are_counted_where_they_are_not_the_notifications() -> None:
    stored = Exchange(None, 204, 204)
    assert "events 7" in report(summarise(stored, stored, events=7))


def test_faults_are_listed_in_their_order_with_what_was_expected() -> None:
    lines = report(
        summarise(
            Exchange(Fault.WRONG_TOKEN, 401, 401),
            Exchange(Fault.DUPLICATE, 204, 204),
            Exchange(None, 204, 204),
        )
    )
    assert lines[:4] == [
        "sent expected answered notifications",
        f"{NO_FAULT} 204 204 1",
        "duplicate 204 204 1",
        "wrong token 401 401 1",
    ]
    assert not any("not as expected" in line for line in lines)


def test_an_answer_that_was_not_expected_is_marked() -> None:
    wrong, right = Exchange(Fault.WRONG_TOKEN, 401, 204), Exchange(Fault.LATE, 204, 204)
    marked = [line for line in report(summarise(wrong, right)) if line.endswith("not as expected")]
    assert marked == ["wrong token 401 204 1 not as expected"]


def test_an_unexpected_answer_is_printed_and_not_read_as_markup() -> None:
    answers = (
        UnexpectedAnswer(400, "INVALID_ARGUMENT", "event[red]: no"),
        UnexpectedAnswer(502, "", ""),
    )
    summary = summarise(Exchange(None, 204, 400), unexpected=answers)
    file = io.StringIO()
    print_report(summary, Console(file=file, width=100))
    assert file.getvalue().splitlines()[-2:] == ["400 INVALID_ARGUMENT event[red]: no", "502"]


def test_a_run_without_any_time_has_a_pace_too() -> None:
    summary = Summary({}, {}, 0, 0, 0.0, ())
    assert report(summary)[-1] == "per second 0.0"


def test_the_status_to_expect_is_counted_by_axis_and_value() -> None:
    never = {"unknown": True, "because": "never-reported"}
    documents = [
        {"connectivity": {"value": "CONNECTED_SMS"}, "roaming": {"value": True}},
        {"connectivity": {"value": "CONNECTED_SMS"}, "roaming": {"value": False}},
        {"connectivity": never, "roaming": {"value": False}},
    ]
    file = io.StringIO()
    expected = [document | {"networkType": never} for document in documents]
    print_expected(expected, Console(file=file, width=100))
    lines = [" ".join(line.split()) for line in file.getvalue().splitlines() if line.strip()]
    assert lines == [
        "status to expect",
        "connectivity CONNECTED_SMS 2",
        "connectivity unknown, never-reported 1",
        "networkType unknown, never-reported 3",
        "roaming false 2",
        "roaming true 1",
    ]
