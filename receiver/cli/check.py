"""`receiver check`: says what notifications are and what their senders break; asks no service."""

import json
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from receiver.checker.verdict import CheckedEvent, Verdict, judge, members
from receiver.errors import NotificationRefused
from receiver.events.breaches import explain
from receiver.events.event import Event
from receiver.events.findings import Finding

STDIN = "-"
LABEL_WIDTH = 15
WIDTH_MAX = 100

CLEAN, WITH_FINDINGS, REFUSED = range(3)

# How the report words what `CheckedEvent` calls by its members.
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


def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE",
            help="Each holds one notification or a batch (a JSON array). Default, or -: stdin.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of the report.")
    ] = False,
) -> None:
    """Say what notifications are and what their senders break; needs no service and no database.

    Exit status: 0 all is clean, 1 something was forgiven, 2 something is refused or unreadable.
    """
    now = datetime.now(UTC)
    verdicts = [verdict for file in files or [STDIN] for verdict in _judged(file, now)]
    if as_json:
        typer.echo(json.dumps({"notifications": [*map(members, verdicts)]}, indent=2))
    else:
        report(verdicts, Console(highlight=False))
    raise typer.Exit(max(map(_severity, verdicts), default=CLEAN))


def report(verdicts: Iterable[Verdict], console: Console) -> None:
    """Prints verdicts for people; what was sent is shown without its control characters."""
    counts = [0, 0, 0]
    for verdict in verdicts:
        counts[_severity(verdict)] += 1
        console.print(Text(_printable(_place(verdict)), "bold"), soft_wrap=True)
        for line in _lines(verdict.outcome, min(console.width, WIDTH_MAX)):
            console.print(line, soft_wrap=True)
        console.print()
    clean, with_findings, refused = counts
    console.print(
        f"{sum(counts)} checked: {clean} clean, {with_findings} with findings, {refused} refused"
    )


def _judged(file: str, now: datetime) -> Iterator[Verdict]:
    try:
        body = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    except (OSError, ValueError) as error:
        said = (isinstance(error, OSError) and error.strerror) or "not a file name"
        yield Verdict(file, None, NotificationRefused(f"cannot be read ({said})"))
        return
    yield from judge(file, body, now)


def _place(verdict: Verdict) -> str:
    file = "stdin" if verdict.file == STDIN else verdict.file
    return file if verdict.index is None else f"{file} [{verdict.index}]"


def _severity(verdict: Verdict) -> int:
    if isinstance(verdict.outcome, NotificationRefused):
        return REFUSED
    return WITH_FINDINGS if verdict.outcome.findings else CLEAN


def _lines(outcome: Event | NotificationRefused, width: int) -> Iterator[Text]:
    if isinstance(outcome, NotificationRefused):
        yield _line("refused", str(outcome), "red")
        return
    shown = CheckedEvent.of(outcome).model_dump(mode="json", by_alias=True, exclude_none=True)
    shown["identifiedBy"] = IDENTIFIERS[shown["identifiedBy"]]
    for member, label in LABELS.items():
        for row, words in enumerate(_words(shown.get(member))):
            yield _line("" if row else label, words)
    for row, finding in enumerate(map(Finding, outcome.findings)):
        name, *sentences = explain(finding).splitlines()
        yield _line("" if row else "findings", name, "yellow")
        for sentence in sentences:
            for words in textwrap.wrap(sentence.strip(), max(width - LABEL_WIDTH - 4, 20)):
                yield _line("", f"  {words}")
    if not outcome.findings:
        yield _line("findings", "none", "green")


def _words(value: object) -> Iterator[str]:
    """A value line by line: of an object one for each member, what it is inside of in front."""
    if isinstance(value, Mapping):
        for member, inner in value.items():
            yield from (f"{member} {words}" for words in _words(inner))
    elif isinstance(value, list):
        yield ", ".join(map(str, value)) or "[]"
    elif isinstance(value, bool):
        yield str(value).lower()
    elif value is not None:
        yield str(value)


def _line(label: str, words: str, style: str = "") -> Text:
    return Text.assemble(f"  {label:<{LABEL_WIDTH}}", (_printable(words), style))


def _printable(words: str) -> str:
    """What was sent, with whatever would act on a terminal written as an escape."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in words)
