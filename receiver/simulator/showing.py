"""The summary of a simulation, for people: what was answered, and what should have been."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from receiver.simulator.notification import Fault
from receiver.simulator.sending import Outcome, Summary

NO_FAULT = "as told"


def show(summary: Summary, console: Console) -> None:
    """Prints a summary; what a sink said is shown without its control characters."""
    if any(outcome.fault for outcome in summary.outcomes):
        console.print(_expectations(summary))
        console.print()
    table = Table.grid("answer", "notifications", padding=(0, 2))
    for label, shown in _rows(summary):
        table.add_row(label, shown)
    table.columns[1].justify = "right"
    console.print(table)
    for refusal in summary.refusals:
        console.print(Text(f"{refusal.status} {refusal.code} {refusal.message}".rstrip()))


def _expectations(summary: Summary) -> Table:
    """What was expected of each fault against what came, one row for each outcome."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="")
    table.add_column("sent")
    table.add_column("expected", justify="right")
    table.add_column("answered", justify="right")
    table.add_column("notifications", justify="right")
    if not summary.is_as_expected:
        table.add_column()
    for outcome, times in sorted(summary.outcomes.items(), key=lambda item: _order(item[0])):
        table.add_row(
            outcome.fault or NO_FAULT,
            str(outcome.expected),
            str(outcome.answer),
            str(times),
            *([] if outcome.is_as_expected else ["not as expected"]),
            style="" if outcome.is_as_expected else "red",
        )
    return table


def _order(outcome: Outcome) -> tuple[int, str]:
    position = 0 if outcome.fault is None else 1 + list(Fault).index(outcome.fault)
    return position, str(outcome.answer)


def _rows(summary: Summary) -> Iterator[tuple[str, str]]:
    answers = sorted(summary.answers.items(), key=str)
    yield from ((str(answer), str(times)) for answer, times in answers if isinstance(answer, int))
    for answer, times in answers:
        if isinstance(answer, str):
            yield f"no answer: {answer}", str(times)
    for shape, times in sorted(summary.shapes.items()):
        yield f"sent as {shape}", str(times)
    if summary.events != summary.sent:
        yield "events", str(summary.events)
    yield "devices", str(summary.devices)
    yield "seconds", f"{summary.seconds:.2f}"
    yield "per second", f"{summary.sent / max(summary.seconds, 1e-6):.1f}"
