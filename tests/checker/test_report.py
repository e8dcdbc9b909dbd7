"""The report: every value on its line, findings explained, and nothing acts on the terminal."""

import io
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from receiver.checker.report import LABELS, print_report
from receiver.checker.verdict import STDIN, CheckedEvent, Verdict, judge
from receiver.errors import NotificationRefused
from tests.support.bodies import cloudevent

NOW = datetime(2026, 3, 4, tzinfo=UTC)
NUMBER = "+99999991000"


def roaming(country_name: object = ("FR",)) -> bytes:
    data = {
        "subscriptionId": "sub-1",
        "device": {"phoneNumber": NUMBER, "ipv4Address": {"publicAddress": "203.0.113.7"}},
        "roaming": True,
        "countryCode": 208,
        "countryName": country_name,
    }
    return cloudevent("roaming-status", data)


def report(*verdicts: Verdict, **options: Any) -> str:
    file = io.StringIO()
    print_report(verdicts, Console(file=file, highlight=False, **options))
    return file.getvalue()


def report_of(body: bytes, **options: Any) -> str:
    return report(*judge(STDIN, body, NOW), **options)


def test_each_member_of_an_object_has_a_line_of_its_own() -> None:
    lines = [line.split() for line in report_of(roaming()).splitlines()]
    assert ["device", "phoneNumber", NUMBER] in lines
    assert ["ipv4Address", "publicAddress", "203.0.113.7"] in lines
    assert ["status", "roaming", "true"] in lines
    assert ["countryName", "FR"] in lines
    assert ["findings", "none"] in lines


def test_the_report_begins_with_the_place_and_ends_with_the_counts() -> None:
    refused = Verdict("a file", 2, NotificationRefused("must be true or false", "data.roaming"))
    clean, forgiven = (next(judge(STDIN, roaming(name), NOW)) for name in (("FR",), "FR"))
    lines = report(refused, clean, forgiven).splitlines()
    assert lines[0] == "a file [2]"
    assert lines[1].split() == ["refused", "data.roaming:", "must", "be", "true", "or", "false"]
    assert "stdin" in lines
    assert lines[-1] == "3 checked: 1 clean, 1 with findings, 1 refused"


def test_every_member_of_an_event_has_its_word() -> None:
    members = {field.alias or name for name, field in CheckedEvent.model_fields.items()}
    assert {member for member in members if member != "findings"} == set(LABELS)


def test_what_was_sent_cannot_act_on_the_terminal() -> None:
    printed = report_of(cloudevent("roaming-on", id="\x1b[31m\u202eid\n[bold]é"))
    assert "\\x1b[31m\\u202eid\\n[bold]é" in printed
    assert "\x1b" not in printed


def test_only_a_terminal_is_shown_colours() -> None:
    body = roaming("FR")
    assert "\x1b[33m" in report_of(body, force_terminal=True, color_system="standard")
    assert "\x1b" not in report_of(body)


def test_sentences_are_wrapped_and_values_never() -> None:
    lines = report_of(roaming("FR"), width=60).splitlines()
    values = [line for line in lines if line.split()[:1] == ["type"]]
    assert values == ["  type           org.camaraproject.device-status.v0.roaming-status"]
    sentences = [line for line in lines if line.startswith(" " * 19)]
    assert len(sentences) > 2
    assert all(len(line) <= 60 for line in sentences)
