"""The record of an erasure: one row, which tells how much and never of whom."""

from uuid import UUID

from psycopg import AsyncConnection

from receiver.store.erasure.counts import Removed

BEGIN = """
INSERT INTO erasure (credential, devices) VALUES (%(credential)s, %(devices)s) RETURNING id
"""
COUNTED = tuple(name for name in Removed._fields if name != "devices")
COUNT = f"""
UPDATE erasure SET {", ".join(f"{name} = {name} + %({name})s" for name in COUNTED)}
WHERE id = %(id)s
"""  # noqa: S608 - composed of constants
END = "UPDATE erasure SET ended_at = clock_timestamp() WHERE id = %(id)s"


async def begin(connection: AsyncConnection, credential: str | None, devices: int) -> UUID:
    """Makes the row of an erasure that begins.

    Args:
        credential: the name of the credential that asked; None: the command line.
    """
    row = {"credential": credential, "devices": devices}
    [(erasure_id,)] = await (await connection.execute(BEGIN, row)).fetchall()
    return UUID(str(erasure_id))


async def count(connection: AsyncConnection, erasure_id: str, removed: Removed) -> None:
    """Adds to the row what was removed."""
    await connection.execute(COUNT, {**removed._asdict(), "id": erasure_id})


async def end(connection: AsyncConnection, erasure_id: str) -> None:
    """Notes that all is removed."""
    await connection.execute(END, {"id": erasure_id})
