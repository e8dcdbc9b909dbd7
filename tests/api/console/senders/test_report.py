"""A finding as a text for the operator."""

from receiver.api.console.findings import explain
from receiver.api.console.senders.report import write_report
from receiver.events.examples import NOTIFICATION
from receiver.events.findings import Finding
from tests.support.hostile import HOSTILE

FOUND = {"events": 1205}
START, END = "2026-04-16T09:00:00.000000Z", "2026-04-17T09:00:00.000000Z"
EVENT = {
    "eventId": "4711",
    "source": "https://operator.example",
    "type": "some.type",
    "receivedAt": END,
    "payload": NOTIFICATION,
}


def test_the_text_says_what_is_wrong_by_which_rule_and_shows_it() -> None:
    explanation = explain(Finding.TIME_WITHOUT_ZONE)
    assert explanation is not None
    text = write_report(explanation, FOUND, EVENT, start=START, end=END)
    assert "Finding:    time-without-zone" in text
    assert "RFC 3339, section 5.6" in text
    assert "1,205 from 2026-04-16 09:00:00 to 2026-04-17 09:00:00 UTC" in text
    assert "Example:    id 4711" in text
    assert '"phoneNumber": "+99999991000"' in text


def test_the_text_says_as_much_where_the_event_is_gone() -> None:
    explanation = explain(Finding.TIME_MISSING)
    assert explanation is not None
    assert "Example" not in write_report(explanation, FOUND, None, start=START, end=END)


def test_texts_of_a_sender_are_on_one_line_bounded_and_without_hidden_marks() -> None:
    explanation = explain(Finding.TIME_MISSING)
    assert explanation is not None
    hostile = "\n".join(HOSTILE)
    event = {**EVENT, "eventId": hostile, "type": hostile, "payload": {"a": "y" * 20_000}}
    text = write_report(explanation, FOUND, event, start=START, end=END)
    assert "\u202e" not in text
    assert "more characters" in text
    assert len(text) < 12_000
