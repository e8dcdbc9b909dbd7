"""What the pages of the quarantine show, from the answers of the API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

# What became of an item: the value of the filter, and the word for people.
STATES = (("refused", "waiting"), ("stored", "stored since"), ("", "all"))

# Filters of `GET /quarantine` that the address of the page may have.
FILTERS = ("state", "credential", "receivedFrom", "receivedTo", "order", "cursor")


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """What was refused for one reason.

    Attributes:
        latest_id: None: it is not told.
    """

    reason: str
    credential: str
    notifications: int
    waiting: int
    latest_at: str
    latest_id: str | None


def list_reasons(answer: Mapping[str, Any]) -> Sequence[ReasonRow]:
    """Returns the reasons in the answer of `GET /senders`, those of which the most wait first."""
    rows = [
        ReasonRow(
            reason=one["reason"],
            credential=credential["credential"],
            notifications=one["notifications"],
            waiting=one["waiting"],
            latest_at=one["latestAt"],
            latest_id=one.get("latestId"),
        )
        for credential in answer["credentials"]
        for one in credential["refused"]
    ]
    return sorted(rows, key=lambda row: (-row.waiting, -row.notifications, row.reason))


def choose_filters(parameters: Mapping[str, str]) -> dict[str, str]:
    """Returns the filters of an address; what waits is shown where it names no state."""
    chosen = {name: parameters[name] for name in FILTERS if parameters.get(name)}
    if "state" not in parameters:
        chosen["state"] = "refused"
    return chosen


def write_place(filters: Mapping[str, str], **changed: str) -> str:
    """Returns the place of the list with other filters, at its first page unless `cursor` is one.

    A state that is empty means all, and is written: without one the page shows what waits.
    """
    kept = {name: filters[name] for name in FILTERS if name in filters and name != "cursor"}
    query = {"state": "", **kept, **changed}
    shown = {name: value for name, value in query.items() if value or name == "state"}
    return f"quarantine?{urlencode(shown)}"
