"""Reports that stay open: each reads one month, and goes on reading it as it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg

from benchmark.machine.postgres import connect

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ"
# The month of the first event that is left, and of the last one.
MONTHS = """
SELECT date_trunc('month', at, 'UTC')
FROM (SELECT unnest(ARRAY[min(stored_at), max(stored_at)]) AS at FROM event) AS ends
"""
COUNT: LiteralString = """
SELECT count(*) FROM reporting.event
WHERE stored_at >= %(month)s AND stored_at < %(month)s + interval '1 month'
"""

# The numbers of events that a report found when it began, and before it ended.
Counts = list[tuple[int, int]]


@contextmanager
def open_reports(url: str) -> Iterator[Callable[[], Counts]]:
    """Keeps two reports open, of the oldest month and of the newest, until they are ended.

    Yields:
        What ends both, and returns what each counted.
    """
    with connect(url) as first, connect(url) as second:
        months = [month for (month,) in first.execute(MONTHS)]
        reports = list(zip((first, second), months, strict=True))
        for connection, _ in reports:
            connection.execute(BEGIN)
        begun = [_count(connection, month) for connection, month in reports]

        def end() -> Counts:
            counts = []
            for (connection, month), count in zip(reports, begun, strict=True):
                counts.append((count, _count(connection, month)))
                connection.execute("COMMIT")
            return counts

        yield end


def _count(connection: psycopg.Connection, month: object) -> int:
    [(count,)] = connection.execute(COUNT, {"month": month}).fetchall()
    return int(count)
