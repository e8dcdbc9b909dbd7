"""The planner's statistics hold values of columns; those that tell what was erased are renewed."""

from collections.abc import Sequence

import psycopg
from psycopg import AsyncConnection, sql

from receiver.store.connections.silence import may_be_distributed
from receiver.store.erasure.subjects import Subject

# Postgres keeps the commonest values of each column, and a hundred others.
FIND = """
SELECT tablename::text, attname::text, inherited FROM pg_stats
WHERE schemaname = current_schema()
    AND EXISTS (
        SELECT FROM unnest(%(words)s::text[]) AS word
        WHERE strpos(
            lower(concat_ws(' ', most_common_vals, histogram_bounds, most_common_elems)), word
        ) > 0
    )
ORDER BY tablename, attname
"""
RENEW = "ANALYZE {}"
# Of several servers, those tables that all have a part of.
ELSEWHERE = ("event", "event_identity", "event_seed")
# Nobody who reads or stores waits for it; it waits for what changes tables.
LIMIT_WAIT = "SET LOCAL lock_timeout = '5s'"

# Of a table without a row nothing is renewed.
CAN_CLEAR = "SELECT to_regproc('pg_clear_attribute_stats') IS NOT NULL"
CLEAR = """
SELECT pg_clear_attribute_stats(current_schema(), %(table)s, %(column)s, %(inherited)s)
"""


async def renew_statistics(connection: AsyncConnection, subject: Subject) -> list[str]:
    """Renews the statistics of each table that tell what is erased.

    Args:
        connection: in autocommit mode.

    Returns:
        Names of the tables whose statistics still do.
    """
    tables = [row[0] for row in await _find(connection, subject)]
    if may_be_distributed(connection):
        # Their statistics are on other servers, and are renewed unseen.
        tables += ELSEWHERE
    for table in dict.fromkeys(tables):
        await _try(connection, sql.SQL(RENEW).format(sql.Identifier(table)))
    left = await _find(connection, subject)
    [(can_clear,)] = await (await connection.execute(CAN_CLEAR)).fetchall()
    if left and can_clear:
        for table, column, inherited in left:
            names = {"table": table, "column": column, "inherited": inherited}
            await _try(connection, sql.SQL(CLEAR), names)
        left = await _find(connection, subject)
    return sorted({row[0] for row in left})


async def _find(connection: AsyncConnection, subject: Subject) -> Sequence[tuple[str, str, bool]]:
    numbers = [number.removeprefix("+") for number in subject.phone_numbers]
    words = [
        *map(str, subject.devices),
        *numbers,
        # As bytes are written: of refused bodies.
        *(number.encode().hex() for number in numbers),
        *(identifier.lower() for identifier in subject.network_access_identifiers),
        *(
            str(address)
            for device in subject.addresses
            for address in (device.ipv4_public_address, device.ipv6_address)
            if address is not None
        ),
    ]
    rows = await (await connection.execute(FIND, {"words": words})).fetchall()
    return [(row[0], row[1], row[2]) for row in rows]


async def _try(
    connection: AsyncConnection,
    statement: sql.SQL | sql.Composed,
    names: dict[str, object] | None = None,
) -> None:
    """Executes a statement that may be refused; what it leaves is told."""
    try:
        async with connection.transaction():
            await connection.execute(LIMIT_WAIT)
            await connection.execute(statement, names)
    except (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.LockNotAvailable,
        psycopg.errors.QueryCanceled,
        psycopg.errors.UndefinedTable,
    ):
        return
