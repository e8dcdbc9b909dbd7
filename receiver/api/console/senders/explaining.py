"""What a finding means, as people read it, and as a text for the operator whose fault it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from receiver.api.console.rendering import moment
from receiver.api.console.senders.texts import shorten, show_marks
from receiver.events.breaches import BREACHES
from receiver.events.findings import Finding
from receiver.events.meanings import MEANINGS

# Characters of a payload that are shown; a notification usually has one thousand.
PAYLOAD_LENGTH = 10_000
# Of another text of the sender: names are shorter.
TEXT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Words:
    """A part of a sentence.

    Attributes:
        is_code: a name as senders write it.
    """

    text: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A finding in words.

    Attributes:
        sentence: what was sent, and what was made of it.
        rule: by which document it is a fault.
        versions: the versions that state the rule.
    """

    finding: str
    sentence: Sequence[Words]
    rule: Sequence[Words]
    versions: Sequence[Words]


def explain(name: str) -> Explanation | None:
    """Returns what a finding means; None: there is none of that name."""
    if name not in set(Finding):
        return None
    finding = Finding(name)
    breach = BREACHES[finding]
    return Explanation(
        finding=name,
        sentence=split_code(MEANINGS[finding]),
        rule=split_code(breach.source),
        versions=split_code(breach.versions),
    )


def split_code(text: str) -> Sequence[Words]:
    """Returns the parts of a text in which names stand between backquotes."""
    parts = text.split("`")
    return tuple(Words(part, bool(place % 2)) for place, part in enumerate(parts) if part)


def write_report(
    explanation: Explanation,
    found: Mapping[str, Any],
    event: Mapping[str, Any] | None,
    *,
    start: str,
    end: str,
) -> str:
    """Returns a text that tells an operator of a finding and shows it.

    Args:
        found: as `GET /senders` has it.
        event: that shows it; None: it cannot be had any more.
        start, end: of the time in which the events were counted, as the API has them.
    """
    lines = [
        f"Finding:    {explanation.finding}",
        f"Meaning:    {_join(explanation.sentence)}",
        f"Rule:       {_join(explanation.rule)} (breaks: {_join(explanation.versions)})",
        f"Events:     {found['events']:,} from {moment(start)} to {moment(end)} UTC",
    ]
    if event is None:
        return "\n".join(lines)
    lines += [
        f"Example:    id {_show(event.get('eventId'))}",
        f"Source:     {_show(event.get('source'))}",
        f"Type:       {_show(event['type'])}",
        f"Received:   {moment(event['receivedAt'])} UTC",
        "",
        shorten(show_marks(_indent(event["payload"])), PAYLOAD_LENGTH),
    ]
    return "\n".join(lines)


def _join(parts: Sequence[Words]) -> str:
    return "".join(part.text for part in parts)


def _show(text: str | None) -> str:
    """Returns a text of the sender on one line."""
    return "none" if text is None else shorten(show_marks(" ".join(text.split())), TEXT_LENGTH)


def _indent(payload: Any) -> str:
    return orjson.dumps(payload, option=orjson.OPT_INDENT_2).decode()
