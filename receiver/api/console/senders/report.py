"""A finding as a text for the operator whose fault it is."""

from collections.abc import Mapping
from typing import Any

import orjson

from receiver.api.console.findings import Explanation, join
from receiver.api.console.rendering import moment
from receiver.api.console.senders.texts import shorten, show_marks

# Characters of a payload that are shown; a notification usually has one thousand.
PAYLOAD_LENGTH = 10_000
# Of another text of the sender: names are shorter.
TEXT_LENGTH = 300


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
        f"Meaning:    {join(explanation.sentence)}",
        f"Rule:       {join(explanation.rule)} (breaks: {join(explanation.versions)})",
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


def _show(text: str | None) -> str:
    """Returns a text of the sender on one line."""
    return "none" if text is None else shorten(show_marks(" ".join(text.split())), TEXT_LENGTH)


def _indent(payload: Any) -> str:
    return orjson.dumps(payload, option=orjson.OPT_INDENT_2).decode()
