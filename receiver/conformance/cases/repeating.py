"""Repetition and order: what comes twice, from two sources, or late."""

from collections.abc import Iterator

from receiver.conformance import clauses
from receiver.conformance.case import TAKEN, Case, is_taken
from receiver.conformance.clauses import Clause, Level
from receiver.conformance.exchange import Request
from receiver.conformance.published import ROAMING_API
from receiver.conformance.writing import SOURCE, Writer, post

GROUP = "repetition and order"


def list_repeating(writer: Writer) -> Iterator[Case]:
    """Yields the cases of a run in the order in which they are played."""

    def case(name: str, sent: str, level: Level, clause: Clause | None, *requests: Request) -> Case:
        return Case(name, GROUP, sent, TAKEN, level, clause, requests, is_taken)

    event = writer.write(ROAMING_API, "roaming-on")
    yield case(
        "redelivery",
        "the same event twice",
        Level.INFORMATION,
        clauses.DUPLICATE,
        post(event),
        post(event),
    )
    first = writer.write(ROAMING_API, "roaming-on")
    other = first | {"source": f"{SOURCE}/another-source"}
    yield case(
        "same-id-from-another-source",
        "two events that differ in `source` only",
        Level.MUST,
        clauses.SOURCE_AND_ID,
        post(first),
        post(other),
    )
    earlier, later = (writer.write(ROAMING_API, name) for name in ("roaming-on", "roaming-off"))
    yield case(
        "reordered",
        "a later event before an earlier one",
        Level.INFORMATION,
        clauses.REPLAY,
        post(later),
        post(earlier),
    )
