"""When values began, read from the events and seeds by the index of each device's history."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from psycopg import AsyncConnection

from receiver.events.axes import Axis
from receiver.projection.fact import LEAST
from receiver.projection.status import Answer
from receiver.store.connections.silence import may_be_distributed
from receiver.store.derived.derivation import (
    CONNECTIVITY,
    COUNTRY,
    EFFECTIVE_AT,
    FACTS,
    IS_AHEAD,
    NETWORK_TYPE,
    ROAMING,
    SPECIFICITY,
)
from receiver.store.derived.rows import read_rows

VALUE = f"""CASE asked.axis
            WHEN '{Axis.CONNECTIVITY}' THEN {CONNECTIVITY}
            WHEN '{Axis.ROAMING}' THEN {ROAMING}
            WHEN '{Axis.COUNTRY}' THEN {COUNTRY}
            WHEN '{Axis.NETWORK_TYPE}' THEN {NETWORK_TYPE}
        END"""

# An event is stored after it occurred, but for the difference of three clocks; so the months before
# are passed over, however many are kept.
_IS_STORED_SINCE = "stored_at >= asked.at - interval '31 days'"

# The first event after the last that said something else is rarely far from it.
BEGINNINGS = f"""
SELECT asked.place, min(found.at)
FROM json_to_recordset(%(asked)s::json) AS asked (
    place int, device_id uuid, axis text, value text,
    at timestamptz, specificity smallint, digest bytea
)
CROSS JOIN LATERAL (
    (
        SELECT occurred_at AS at FROM {FACTS} AS event
        WHERE device_id = asked.device_id AND NOT {IS_AHEAD} AND occurred_at >= asked.at
            AND {_IS_STORED_SINCE} AND asked.value = {VALUE}
            AND (occurred_at, ({SPECIFICITY}), event.digest)
                > (asked.at, asked.specificity, asked.digest)
        ORDER BY occurred_at LIMIT 1
    )
    UNION ALL
    (
        SELECT received_at FROM {FACTS} AS event
        WHERE device_id = asked.device_id AND {IS_AHEAD} AND received_at >= asked.at
            AND {_IS_STORED_SINCE} AND asked.value = {VALUE}
            AND (received_at, ({SPECIFICITY}), event.digest)
                > (asked.at, asked.specificity, asked.digest)
        ORDER BY received_at LIMIT 1
    )
) AS found
GROUP BY asked.place
"""  # noqa: S608 - composed of constants


# Of events of several servers each looks through its own, for all that is asked at once.
BEGINNINGS_APART = f"""
WITH asked AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(asked)s::json) AS asked (
        place int, device_id uuid, axis text, value text,
        at timestamptz, specificity smallint, digest bytea
    )
)
SELECT asked.place, min({EFFECTIVE_AT})
FROM {FACTS} AS event JOIN asked ON event.device_id = asked.device_id
WHERE {EFFECTIVE_AT} >= asked.at AND {_IS_STORED_SINCE} AND asked.value = {VALUE}
    AND ({EFFECTIVE_AT}, ({SPECIFICITY}), event.digest)
        > (asked.at, asked.specificity, asked.digest)
GROUP BY asked.place
"""  # noqa: S608 - composed of constants


class Value(NamedTuple):
    """A value of which the beginning is asked.

    Attributes:
        devices: the device, and those that stand for it.
    """

    devices: Collection[UUID]
    axis: Axis
    answer: Answer


async def read_beginnings(
    connection: AsyncConnection, values: Sequence[Value]
) -> list[datetime | None]:
    """Returns since when each value holds; None: nothing was ever reported."""
    asked = [
        {
            "place": place,
            "device_id": device,
            "axis": axis,
            "value": answer.latest.value,
            "at": answer.after.at,
            "specificity": answer.after.specificity,
            "digest": "\\x" + answer.after.digest.hex(),
        }
        for place, (devices, axis, answer) in enumerate(values)
        # First what most of them have.
        if answer.since is None and answer.latest is not None and answer.after != LEAST
        for device in devices
    ]
    found: dict[int, datetime] = {}
    if asked:
        # One text, because the driver takes many times as long to write as many arrays.
        question = BEGINNINGS_APART if may_be_distributed(connection) else BEGINNINGS
        rows = await read_rows(connection, question, asked=orjson.dumps(asked).decode())
        found = {row[0]: row[1] for row in rows}
    return [_begin(answer, found.get(place)) for place, (_, _, answer) in enumerate(values)]


def _begin(answer: Answer, found: datetime | None) -> datetime | None:
    if answer.latest is None or answer.after == LEAST:
        return answer.first_at
    if answer.since is not None:
        return answer.since
    latest_at = answer.latest.rank.at
    return latest_at if found is None else min(found, latest_at)
