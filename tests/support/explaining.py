"""How much of a database a statement touches."""

import psycopg


def blocks(connection: psycopg.Connection, question: str, **parameters: object) -> int:
    """Returns how many blocks of the database a statement touches; it changes nothing."""
    with connection.transaction(force_rollback=True):
        explained = connection.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {question}", parameters
        )
        [([found],)] = explained.fetchall()
    plan = found["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
