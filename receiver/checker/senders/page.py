"""The report about a sender as one page of HTML, without a script or anything from elsewhere."""

import json
from pathlib import Path

from jinja2 import Environment

from receiver.checker.senders.document import Members
from receiver.checker.senders.text import COUNTS, TOTALS

TEMPLATE = Path(__file__).with_name("page.html")


def compose_page(document: Members) -> str:
    """Returns the page; every text in it is escaped."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        **document,
        labels=TOTALS,
        tables=[(heading, document[member]) for member, heading in COUNTS.items()],
        show=lambda value: json.dumps(value, indent=2, ensure_ascii=False),
    )
