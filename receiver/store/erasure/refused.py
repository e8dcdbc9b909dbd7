"""Refused bodies, read in pages and removed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from psycopg import AsyncConnection

from receiver.store.projector.projecting import read_first

# Bodies of 256 KiB in memory at a time.
PAGE = 50

LAST = "SELECT max(id) FROM quarantine"
READ = """
SELECT id, credential, headers, body, is_member FROM quarantine
WHERE id > %(after)s AND id <= %(last)s ORDER BY id LIMIT %(limit)s
"""
# A row whose body is being parsed again is waited for: its events are removed next.
LIMIT_WAIT = "SET LOCAL lock_timeout = '20s'"
REMOVE = "DELETE FROM quarantine WHERE id = ANY(%(keys)s::bigint[])"


class RefusedRow(NamedTuple):
    """A row of the quarantine.

    tests/store/erasure/test_refused.py guards the order.

    Attributes:
        headers: by lower-case name.
        is_member: whether the body is one member of a batch, and not all of it.
    """

    key: int
    credential: str
    headers: Mapping[str, str]
    body: bytes
    is_member: bool


async def read_refused(
    connection: AsyncConnection, limit: int = PAGE
) -> AsyncIterator[list[RefusedRow]]:
    """Yields what is in quarantine by now, in pages.

    Args:
        limit: rows of one page.
    """
    last = await read_first(connection, LAST, {})
    after = 0
    while last is not None and after < last:
        bounds = {"after": after, "last": last, "limit": limit}
        rows = await (await connection.execute(READ, bounds)).fetchall()
        if not rows:
            return
        page = [RefusedRow(*row) for row in rows]
        yield page
        after = page[-1].key


async def remove_refused(connection: AsyncConnection, keys: Sequence[int]) -> int:
    """Removes rows; returns how many there were."""
    async with connection.transaction():
        await connection.execute(LIMIT_WAIT)
        return (await connection.execute(REMOVE, {"keys": list(keys)})).rowcount
