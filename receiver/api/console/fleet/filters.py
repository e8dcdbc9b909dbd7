"""The filters of the table: the names and values of `GET /devices`, in the address of the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

FILTERS = (
    "connectivity",
    "roaming",
    "country",
    "networkType",
    "unknown",
    "lastEventFrom",
    "lastEventTo",
)
TIMES = ("lastEventFrom", "lastEventTo")

# Of what a browser writes for a moment without seconds.
MOMENT_LENGTH = len("2026-04-17T09:12")
SECONDS_LENGTH = len("2026-04-17T09:12:40")

PLACE = "fleet"

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the table shows.

    Attributes:
        pairs: names and values as the API takes them; a name may repeat.
        cursor: of the page; None: the first.
    """

    pairs: Pairs
    cursor: str | None

    def first(self, name: str) -> str:
        """Returns the value of a filter for its field; empty: there is none."""
        value = next((value for known, value in self.pairs if known == name), "")
        return value[:MOMENT_LENGTH] if name in TIMES else value

    @property
    def place(self) -> str:
        """The first page with these filters."""
        return write_place(self.pairs)

    def turn(self, cursor: str) -> str:
        """Returns the place of the page behind a cursor."""
        return write_place([*self.pairs, ("cursor", cursor)])


def read_filters(parameters: Iterable[tuple[str, str]]) -> Filters:
    """Returns the filters in an address; fields that were left empty filter nothing."""
    given = [(name, value.strip()) for name, value in parameters if value.strip()]
    cursor = next((value for name, value in given if name == "cursor"), None)
    pairs = [
        (name, _complete(value) if name in TIMES else value)
        for name, value in given
        if name != "cursor"
    ]
    return Filters(pairs, cursor)


def write_place(pairs: Pairs) -> str:
    """Returns the place of the table with these filters."""
    return f"{PLACE}?{urlencode(pairs)}#devices" if pairs else f"{PLACE}#devices"


def _complete(moment: str) -> str:
    """Returns a moment of a browser's field as the API takes it, in UTC."""
    if len(moment) == MOMENT_LENGTH:
        return f"{moment}:00Z"
    return f"{moment}Z" if len(moment) == SECONDS_LENGTH else moment
