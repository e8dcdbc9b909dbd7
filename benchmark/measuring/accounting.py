"""Counts events in the database after a run: nothing else counts as stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmark.load.notifications import Series
from benchmark.machine.postgres import connect


@dataclass(frozen=True, slots=True)
class Count:
    """The events of a series that are in the database.

    Attributes:
        rows: of these events, repetitions included.
        events: different ones.
    """

    rows: int
    events: int

    @property
    def duplicates(self) -> int:
        """Rows that repeat an event."""
        return self.rows - self.events

    def confirm(self, acknowledged: int, repeated: int = 0) -> int:
        """Returns how many acknowledged notifications are stored, as far as numbers show.

        Args:
            repeated: redeliveries that were sent; the event of each was sent before.
        """
        return min(acknowledged, self.events + repeated)

    def count_missing(self, acknowledged: int, repeated: int = 0) -> int:
        """Returns how many acknowledged notifications are certainly not stored; see `confirm`."""
        return acknowledged - self.confirm(acknowledged, repeated)


def count(url: str, stored: str, series: Series) -> Count:
    """Counts the events of a series.

    Args:
        stored: a query for the ids of all stored events, as `event_id`.
    """
    return count_each(url, stored, [series])[0]


def count_each(url: str, stored: str, several: Sequence[Series]) -> list[Count]:
    """Counts the events of several series in one pass; see `count`."""
    query = (
        "SELECT split_part(event_id, '-', 1), count(*), count(DISTINCT event_id)"  # noqa: S608
        f" FROM ({stored}) AS stored GROUP BY 1"
    )
    with connect(url) as connection:
        rows = connection.execute(query.encode()).fetchall()
    found = {tag: Count(rows, events) for tag, rows, events in rows}
    return [found.get(series.tag, Count(0, 0)) for series in several]


def find_missing(url: str, stored: str, event_ids: Iterable[str]) -> set[str]:
    """Returns the acknowledged events that are not stored, each by its id."""
    query = (
        f"SELECT event_id FROM ({stored}) AS stored"  # noqa: S608 - ours
        " WHERE event_id = ANY(%s)"
    )
    acknowledged = set(event_ids)
    with connect(url) as connection:
        found = {str(row[0]) for row in connection.execute(query.encode(), [list(acknowledged)])}
    return acknowledged - found
