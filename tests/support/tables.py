"""Changes of tables under a running application, made beside the loop in which it runs.

The application may hold the table in a transaction that only the loop can end: a statement that
waits for the table in the loop would wait for ever.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg


async def change(conninfo: str, statement: str) -> None:
    """Executes a statement that needs a table for itself; waits ten seconds for it at most."""
    await asyncio.to_thread(_execute, conninfo, statement)


@asynccontextmanager
async def away(conninfo: str, table: str) -> AsyncIterator[None]:
    """Takes a table away for the length of the block."""
    await change(conninfo, f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        yield
    finally:
        await change(conninfo, f"ALTER TABLE {table}_away RENAME TO {table}")


def _execute(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '10s'")
        connection.execute(statement)
