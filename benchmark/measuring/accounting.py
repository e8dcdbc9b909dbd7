"""What is found in the database afterwards: nothing else counts as stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmark.load.notifications import Series
from benchmark.machine.postgres import connected


@dataclass(frozen=True, slots=True)
class Found:
    """The events of a series that are in the database.

    Attributes:
        rows: how often they stand there.
        events: how many they are.
    """

    rows: int
    events: int

    @property
    def duplicates(self) -> int:
        """Rows too many."""
        return self.rows - self.events

    def counted(self, acknowledged: int) -> int:
        """How many of so many acknowledged events are stored, as far as numbers can tell."""
        return min(acknowledged, self.events)

    def missing(self, acknowledged: int) -> int:
        """How many acknowledged events are certainly not stored."""
        return acknowledged - self.counted(acknowledged)


def find(url: str, stored: str, series: Series) -> Found:
    """Counts the events of a series.

    Args:
        stored: a query that answers the event ids of all that is stored, as `event_id`.
    """
    return find_each(url, stored, [series])[0]


def find_each(url: str, stored: str, several: Sequence[Series]) -> list[Found]:
    """Counts the events of several series in one pass; see `find`."""
    query = (
        "SELECT split_part(event_id, '-', 1), count(*), count(DISTINCT event_id)"  # noqa: S608
        f" FROM ({stored}) AS stored GROUP BY 1"
    )
    with connected(url) as connection:
        rows = connection.execute(query.encode()).fetchall()
    found = {tag: Found(rows, events) for tag, rows, events in rows}
    return [found.get(series.tag, Found(0, 0)) for series in several]


def missing(url: str, stored: str, event_ids: Iterable[str]) -> set[str]:
    """Those of some acknowledged events that are not stored, one by one."""
    query = (
        f"SELECT event_id FROM ({stored}) AS stored"  # noqa: S608 - ours
        " WHERE event_id = ANY(%s)"
    )
    acknowledged = set(event_ids)
    with connected(url) as connection:
        found = {str(row[0]) for row in connection.execute(query.encode(), [list(acknowledged)])}
    return acknowledged - found
