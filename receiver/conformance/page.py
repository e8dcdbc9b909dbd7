"""The report of a run as one page of HTML, without a script and without anything from elsewhere."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment

from receiver.conformance.case import Result
from receiver.conformance.report import describe_counts, describe_times
from receiver.conformance.run import group_results

TEMPLATE = Path(__file__).with_name("page.html")


def compose_page(sink: str, results: Sequence[Result]) -> str:
    """Returns the page; every text in it is escaped.

    Args:
        sink: its URL, without what may hold a secret.
    """
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        sink=sink,
        total=len(results),
        counts=describe_counts(results),
        times=describe_times(results),
        groups=list(group_results(results)),
    )
