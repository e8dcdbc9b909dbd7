"""The report of `receiver check` for people: the lines of each verdict, then the counts."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from rich.console import Console
from rich.text import Text

from receiver.checker.verdict import STDIN, CheckedEvent, Severity, Verdict
from receiver.errors import NotificationRefused
from receiver.events.breaches import explain
from receiver.events.event import Event
from receiver.events.findings import Finding

# Columns of the labels, and of a sentence on a wide terminal: longer lines are hard to read.
LABEL_WIDTH = 15
WIDTH_MAX = 100
# A narrow terminal still gets this many columns for a sentence.
WIDTH_MIN = 20

# The words of the report for the members of `CheckedEvent`.
LABELS = {
    "form": "form",
    "kind": "kind",
    "name": "name",
    "type": "type",
    "source": "source",
    "eventId": "event id",
    "subscriptionId": "subscription",
    "occurredAt": "time",
    "device": "device",
    "identifiedBy": "identified by",
    "status": "status",
    "digest": "digest",
}
IDENTIFIERS = {
    "phoneNumber": "phone number",
    "networkAccessIdentifier": "network access identifier",
    "subscriptionId": "subscription, within its credential",
    "ipv6Address": "IPv6 address",
    "ipv4Address": "IPv4 address",
    "source": "source",
    "credential": "credential it would come with",
}


def print_report(verdicts: Iterable[Verdict], console: Console) -> None:
    """Prints verdicts; the values of senders are printed without their control characters."""
    counts: Counter[Severity] = Counter()
    for verdict in verdicts:
        counts[verdict.severity] += 1
        console.print(Text(escape(_describe_place(verdict)), "bold"), soft_wrap=True)
        for line in _compose_lines(verdict.outcome, min(console.width, WIDTH_MAX)):
            console.print(line, soft_wrap=True)
        console.print()
    console.print(
        f"{counts.total()} checked: {counts[Severity.CLEAN]} clean, "
        f"{counts[Severity.WITH_FINDINGS]} with findings, {counts[Severity.REFUSED]} refused"
    )


def _describe_place(verdict: Verdict) -> str:
    file = "stdin" if verdict.file == STDIN else verdict.file
    return file if verdict.index is None else f"{file} [{verdict.index}]"


def _compose_lines(outcome: Event | NotificationRefused, width: int) -> Iterator[Text]:
    if isinstance(outcome, NotificationRefused):
        yield _line("refused", str(outcome), "red")
        return
    members = CheckedEvent.of(outcome).model_dump(mode="json", by_alias=True, exclude_none=True)
    members["identifiedBy"] = IDENTIFIERS[members["identifiedBy"]]
    for member, label in LABELS.items():
        for row, words in enumerate(_flatten(members.get(member))):
            yield _line("" if row else label, words)
    for row, finding in enumerate(map(Finding, outcome.findings)):
        name, *sentences = explain(finding).splitlines()
        yield _line("" if row else "findings", name, "yellow")
        for sentence in sentences:
            for words in textwrap.wrap(sentence.strip(), max(width - LABEL_WIDTH - 4, WIDTH_MIN)):
                yield _line("", f"  {words}")
    if not outcome.findings:
        yield _line("findings", "none", "green")


def _flatten(value: object) -> Iterator[str]:
    """Yields the lines of a value; a line of an object begins with the names of its members."""
    if isinstance(value, Mapping):
        for member, inner in value.items():
            yield from (f"{member} {words}" for words in _flatten(inner))
    elif isinstance(value, list):
        yield ", ".join(map(str, value)) or "[]"
    elif isinstance(value, bool):
        yield str(value).lower()
    elif value is not None:
        yield str(value)


def _line(label: str, words: str, style: str = "") -> Text:
    return Text.assemble(f"  {label:<{LABEL_WIDTH}}", (escape(words), style))


def escape(words: str) -> str:
    """Returns words with an escape for each character that could act on a terminal."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in words)
