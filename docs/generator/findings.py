"""`findings.md`: every finding, by name, with the document and the versions it breaks."""

from docs.generator import markdown
from receiver.events.breaches import BREACHES
from receiver.events.meanings import MEANINGS

INTRODUCTION = """
A finding names one way in which a notification broke its specification. The service understood and
stored the notification all the same; it refuses only what makes no sense at all. The name of a
finding never changes. The filter `finding` of the questions and the view `reporting.finding` use
these names.

A notification does not say which version of an API it follows. The last column therefore names the
versions that forbid what was found; a notification of another version does not break its
specification. Where the column names no API, the versions are those of CAMARA's subscription APIs
and of device-status before them.
"""

HEAD = (
    "finding",
    "what was sent, and what was made of it",
    "measured against",
    "versions it breaks",
)


def page() -> str:
    """Returns the page."""
    rows = [
        (markdown.code(finding), MEANINGS[finding], breach.source, breach.versions)
        for finding, breach in sorted(BREACHES.items())
    ]
    return markdown.page("Findings", INTRODUCTION, markdown.table(HEAD, rows))
