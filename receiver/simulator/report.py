"""The report of a simulation for people: the answers, and the status to expect of the phones."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from receiver.simulator.expectations import Axis, Document
from receiver.simulator.notification import Fault
from receiver.simulator.sending import Exchange, Summary

# The row of notifications without a fault.
NO_FAULT = "as told"


def print_report(summary: Summary, console: Console) -> None:
    """Prints a summary; the messages of a sink are printed without their control characters."""
    if any(exchange.fault for exchange in summary.exchanges):
        console.print(_compose_expectations(summary))
        console.print()
    table = Table.grid("answer", "notifications", padding=(0, 2))
    for label, number in _list_rows(summary):
        table.add_row(label, number)
    table.columns[1].justify = "right"
    console.print(table)
    for answer in summary.unexpected:
        console.print(Text(f"{answer.status} {answer.code} {answer.message}".rstrip()))


def print_expected(expected: Iterable[Document], console: Console) -> None:
    """Prints how many devices have each status once all is received; nothing of none.

    Args:
        expected: the documents of `expectations.expect`.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for document in expected:
        for axis in Axis:
            counts[axis, _name_value(document[axis])] += 1
    if not counts:
        return
    table = Table.grid("status", "value", "devices", padding=(0, 2))
    for (name, value), number in sorted(counts.items()):
        table.add_row(name, value, str(number))
    table.columns[2].justify = "right"
    console.print()
    console.print("status to expect")
    console.print(table)


def _name_value(answer: object) -> str:
    said = answer if isinstance(answer, dict) else {}
    if "value" in said:
        return json.dumps(said["value"]).strip('"')
    return f"unknown, {said.get('because')}"


def _compose_expectations(summary: Summary) -> Table:
    """Returns the expected and the real answer of each fault, one row for each exchange."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="")
    table.add_column("sent")
    table.add_column("expected", justify="right")
    table.add_column("answered", justify="right")
    table.add_column("notifications", justify="right")
    if not summary.is_as_expected:
        table.add_column()
    for exchange, number in sorted(summary.exchanges.items(), key=lambda item: _rank(item[0])):
        table.add_row(
            exchange.fault or NO_FAULT,
            str(exchange.expected),
            str(exchange.answer),
            str(number),
            *([] if exchange.is_as_expected else ["not as expected"]),
            style="" if exchange.is_as_expected else "red",
        )
    return table


def _rank(exchange: Exchange) -> tuple[int, str]:
    position = 0 if exchange.fault is None else 1 + list(Fault).index(exchange.fault)
    return position, str(exchange.answer)


def _list_rows(summary: Summary) -> Iterator[tuple[str, str]]:
    answers = sorted(summary.answers.items(), key=str)
    yield from ((str(answer), str(number)) for answer, number in answers if isinstance(answer, int))
    for answer, number in answers:
        if isinstance(answer, str):
            yield f"no answer: {answer}", str(number)
    for shape, number in sorted(summary.shapes.items()):
        yield f"sent as {shape}", str(number)
    if summary.events != summary.sent:
        yield "events", str(summary.events)
    yield "devices", str(summary.devices)
    yield "seconds", f"{summary.seconds:.2f}"
    yield "per second", f"{summary.sent / max(summary.seconds, 1e-6):.1f}"
