"""The least that a commit costs: a row into a table without an index, at a fixed rate."""

import time

import psycopg

from benchmark.load.notifications import Series

TABLE = "CREATE TABLE bare_commit (event_id text NOT NULL, payload text NOT NULL)"
INSERT = "INSERT INTO bare_commit (event_id, payload) VALUES (%s, %s)"
STORED = "SELECT event_id FROM bare_commit"
# Enough for the first commit to be on time.
LEAD_SECONDS = 0.1


def prepare(url: str) -> None:
    """Makes the table."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE)


def commit(url: str, series: Series, *, rate: float, seconds: float) -> list[float]:
    """Commits a series over one connection.

    Returns:
        The seconds from when each commit was due to its end.
    """
    latencies: list[float] = []
    with psycopg.connect(url, autocommit=True, prepare_threshold=0) as connection:
        begin = time.perf_counter() + LEAD_SECONDS
        for number in range(round(rate * seconds)):
            due = begin + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.execute(INSERT, [series.event_id(number), series.body(number).decode()])
            latencies.append(time.perf_counter() - due)
    return latencies
