"""The report about a sender for a terminal."""

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from receiver.checker.report import WIDTH_MAX, WIDTH_MIN, escape
from receiver.checker.senders.document import Members

LABEL_WIDTH = 13
COUNT_WIDTH = 9

# The words of the report for the members of `totals`.
TOTALS = {
    "notifications": "notifications",
    "understood": "understood",
    "withFindings": "understood, but broke a rule",
    "refused": "refused",
    "duplicates": "came again, the same",
    "idsReused": "came with the id of another",
    "outOfOrder": "came after a later one of their subscription",
}
COUNTS = {
    "forms": "form",
    "kinds": "kind",
    "eventVersions": "event version",
    "types": "type",
}


def print_document(document: Members, console: Console) -> None:
    """Prints a report; nothing in it acts on the terminal."""
    width = max(min(console.width, WIDTH_MAX), WIDTH_MIN + LABEL_WIDTH + 4)
    for line in _compose_lines(document, width):
        console.print(line, soft_wrap=True)


def _compose_lines(document: Mapping[str, Any], width: int) -> Iterator[Text]:
    yield Text(escape(f"What {document['sender']} sent"), "bold")
    yield Text()
    for member, label in TOTALS.items():
        yield _count(document["totals"][member], label)
    if period := document.get("period"):
        yield Text()
        yield Text(f"  from {period['firstOccurredAt']} to {period['lastOccurredAt']}")
    if lateness := document.get("lateness"):
        yield Text()
        for part in lateness["within"]:
            yield _count(part["notifications"], f"received within {part['seconds']} s")
        yield _count(lateness["notifications"], f"within {lateness['longestSeconds']} s: all")
    for member, label in COUNTS.items():
        if document[member]:
            yield Text()
        for name, count in document[member].items():
            yield _count(count, f"{label} {name}")
    for fault in document["broken"]:
        yield Text()
        yield _head(fault["rule"], fault, "yellow")
        said = fault["specification"]
        yield from _label("what", fault["meaning"], width)
        yield from _label("asked by", f"{said['source']} (breaks: {said['versions']})", width)
        yield from _label("level", fault["level"], width)
        yield from _label("send instead", fault["instead"], width)
        yield from _example(fault["example"])
    for fault in document["refused"]:
        yield Text()
        yield _head(f"refused: {fault['reason']}", fault, "red")
        yield from _example(fault["example"])
    yield Text()
    yield Text(f"Kept: {len(document['kept'])} rules that nothing broke", "green")
    for line in textwrap.wrap(", ".join(document["kept"]), width - 2, break_on_hyphens=False):
        yield Text(f"  {line}")


def _count(count: int, label: str) -> Text:
    return Text(f"{count:>{COUNT_WIDTH}}  {escape(label)}")


def _head(name: str, fault: Mapping[str, Any], style: str) -> Text:
    count = fault["notifications"]
    share = f"{count} notification{'' if count == 1 else 's'}, {100 * fault['share']:.2f} %"
    return Text.assemble((escape(name), f"bold {style}"), f"  {share}")


def _label(label: str, words: str, width: int) -> Iterator[Text]:
    for row, line in enumerate(textwrap.wrap(words, width - LABEL_WIDTH - 4)):
        yield Text(f"  {'' if row else label:<{LABEL_WIDTH}}  {escape(line)}")


def _example(example: Mapping[str, Any]) -> Iterator[Text]:
    media_type = f" ({example['mediaType']})" if "mediaType" in example else ""
    yield Text(f"  {'example':<{LABEL_WIDTH}}  {escape(example['place'] + media_type)}")
    shown = json.dumps(example["notification"], indent=2, ensure_ascii=False)
    for line in shown.splitlines():
        yield Text(f"  {'':<{LABEL_WIDTH}}  {escape(line)}")
