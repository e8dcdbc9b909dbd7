"""Events of other devices whose payload mentions what is erased: told, and never changed."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import NamedTuple

from psycopg import AsyncConnection, sql

from receiver.store.connections.silence import may_be_distributed
from receiver.store.erasure.subjects import Subject
from receiver.store.events.keys import EventKey, write_event_id
from receiver.store.schema.building import PARTITIONS
from receiver.store.schema.filling import COUNT_BLOCKS

# 8 MB of events, read in some hundredths of a second.
STEP_BLOCKS = 1000
# Of events that an answer names.
TOLD = 100

# The plain search is the fast one, and passes over nearly all.
IN_BLOCKS = "ctid >= %(low)s::tid AND ctid < %(high)s::tid"
FIND = """
SELECT device_id, stored_at, seq FROM {}
WHERE {}
    AND EXISTS (
        SELECT FROM unnest(%(words)s::text[]) AS word WHERE strpos(lower(payload::text), word) > 0
    )
    AND payload::text ~* %(pattern)s AND device_id <> ALL (%(devices)s::uuid[])
ORDER BY stored_at, seq
"""


class Mentions(NamedTuple):
    """What was found in payloads.

    Attributes:
        events: how many mention it.
        event_ids: of the first hundred of them.
        is_whole: whether all payloads were searched; False: the time was over.
    """

    events: int = 0
    event_ids: tuple[str, ...] = ()
    is_whole: bool = True


async def find_mentions(
    connection: AsyncConnection,
    subject: Subject,
    is_late: Callable[[], bool],
    blocks: int = STEP_BLOCKS,
) -> Mentions:
    """Searches the payloads of all events for phone numbers and network access identifiers.

    Args:
        connection: in autocommit mode.
        is_late: whether the rest is left unsearched.
        blocks: of one step.
    """
    numbers = [number.removeprefix("+") for number in sorted(subject.phone_numbers)]
    identifiers = sorted(subject.network_access_identifiers)
    found: list[str] = []
    if not numbers and not identifiers:
        return Mentions()
    parameters = {
        **subject.parameters,
        "words": [word.lower() for word in [*numbers, *identifiers]],
        "pattern": "|".join(
            [f"(?<![0-9])(00)?{number}(?![0-9])" for number in numbers]
            + [rf"(?<![\w@.+-]){re.escape(one)}(?![\w@-]|\.\w)" for one in identifiers]
        ),
    }
    for [partition] in await (await connection.execute(PARTITIONS)).fetchall():
        if may_be_distributed(connection):
            # The blocks are those of other servers, which search a month side by side.
            if is_late():
                return Mentions(len(found), tuple(found[:TOLD]), is_whole=False)
            whole = sql.SQL(FIND).format(sql.Identifier(partition), sql.SQL("true"))
            cursor = await connection.execute(whole, parameters)
            found += [write_event_id(EventKey(*row)) for row in await cursor.fetchall()]
            continue
        statement = sql.SQL(FIND).format(sql.Identifier(partition), sql.SQL(IN_BLOCKS))
        cursor = await connection.execute(COUNT_BLOCKS, {"table": partition})
        [(last,)] = await cursor.fetchall()
        for first in range(0, last, blocks):
            if is_late():
                return Mentions(len(found), tuple(found[:TOLD]), is_whole=False)
            begin = time.monotonic()
            bounds = {"low": f"({first},0)", "high": f"({first + blocks},0)"}
            cursor = await connection.execute(statement, {**parameters, **bounds})
            found += [write_event_id(EventKey(*row)) for row in await cursor.fetchall()]
            await asyncio.sleep(time.monotonic() - begin)
    return Mentions(len(found), tuple(found[:TOLD]))
