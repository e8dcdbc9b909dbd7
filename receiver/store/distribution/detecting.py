"""Whether the events of a database are distributed over several nodes.

The look is cheap, and is taken once for each connection: a database without the extension is asked
whether it has a catalog, and nothing else. What is distributed first decides: while the other
tables follow, whoever stores has to do it as on a distributed database already.
"""

import psycopg

from receiver.store.distribution.placement import FIRST

HAS_EXTENSION = "SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL"
IS_DISTRIBUTED = f"""
SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass('{FIRST}'))
"""  # noqa: S608 - composed of constants


def has_extension(connection: psycopg.Connection) -> bool:
    """Tells whether the database has the extension that distributes tables."""
    [(has,)] = connection.execute(HAS_EXTENSION).fetchall()
    return bool(has)


def is_distributed(connection: psycopg.Connection) -> bool:
    """Tells whether events are distributed."""
    if not has_extension(connection):
        return False
    [(found,)] = connection.execute(IS_DISTRIBUTED).fetchall()
    return bool(found)


async def is_distributed_async(connection: psycopg.AsyncConnection) -> bool:
    """Tells whether events are distributed, over a connection of the service."""
    for look in (HAS_EXTENSION, IS_DISTRIBUTED):
        cursor = await connection.execute(look, prepare=False)
        row = await cursor.fetchone()
        if row is None or not row[0]:
            return False
    return True
