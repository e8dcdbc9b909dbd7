"""Rows of the quarantine, written and counted past the product."""

import psycopg

FILL = """
INSERT INTO quarantine (received_at, credential, reason, headers, body, state)
SELECT now() - make_interval(days => %s), 'operator', 'r', '{}', 'b', %s
FROM generate_series(1, %s)
"""
COUNT = "SELECT state, count(*) FROM quarantine GROUP BY state ORDER BY state"


def fill_quarantine(conninfo: str, days: int, state: str, rows: int = 1) -> None:
    """Adds entries of an age in days."""
    with psycopg.connect(conninfo) as connection:
        connection.execute(FILL, (days, state, rows))


def count_quarantine(conninfo: str) -> list[tuple[str, int]]:
    """Returns the number of entries in each state that has any."""
    with psycopg.connect(conninfo) as connection:
        return connection.execute(COUNT).fetchall()
