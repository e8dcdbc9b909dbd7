"""The report for a terminal: all that the document holds, and nothing that acts."""

import io
from typing import Any

from rich.console import Console

from receiver.checker.senders.captures import Capture
from receiver.checker.senders.document import compose_document
from receiver.checker.senders.tally import count_all
from receiver.checker.senders.text import print_document
from tests.support.bodies import cloudevent


def report(sender: str, *bodies: bytes, file: str = "file", **options: Any) -> str:
    captures = ((file, Capture(line, body, {})) for line, body in enumerate(bodies, 1))
    written = io.StringIO()
    document = compose_document(sender, count_all(captures))
    print_document(document, Console(file=written, highlight=False, **options))
    return written.getvalue()


BROKEN = cloudevent("roaming-status", {"roaming": True, "countryName": "FR", "subscriptionId": "s"})


def test_a_broken_rule_is_told_with_its_clause_and_what_to_send_instead() -> None:
    lines = report("Operator", BROKEN).splitlines()
    assert lines[0] == "What Operator sent"
    assert "        1  understood, but broke a rule" in lines
    assert "country-name-not-a-list  1 notification, 100.00 %" in lines
    words = " ".join(" ".join(lines).split())
    assert "asked by CAMARA, CountryName: a list of ISO 3166 alpha-2 codes (breaks: all)" in words
    assert 'send instead a list of ISO 3166 alpha-2 codes: `["FR"]`' in words
    assert "example file:1 {" in words
    assert '"countryName": "FR"' in words
    assert "Kept: " in words


def test_what_is_refused_is_told_with_its_reason() -> None:
    assert "refused: line 1 column 1: not valid JSON  1 notification" in report("x", b"x")


def test_nothing_in_it_acts_on_the_terminal() -> None:
    hostile = "\x1b[31m\u202e[bold]"
    body = cloudevent(hostile, {hostile: hostile, "countryName": hostile}, id=hostile)
    printed = report(hostile, body, BROKEN, file=hostile)
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert "What \\x1b[31m\\u202e[bold] sent" in printed


def test_only_a_terminal_is_shown_colours() -> None:
    assert "\x1b[1;33m" in report("x", BROKEN, force_terminal=True, color_system="standard")
    plain = report("x", BROKEN, force_terminal=True, color_system="standard", no_color=True)
    assert "\x1b[1;33m" not in plain


def test_sentences_are_wrapped() -> None:
    told = report("x", BROKEN, width=60).partition("  what")[2].partition("  example")[0]
    assert max(map(len, told.splitlines())) <= 60
