"""What goes on deciding answers is copied from months that are to be dropped.

The statements choose what `projection.seeds` specifies, and more where that is simpler; seeds are
facts, so that more of them change nothing. tests/store/retention/test_retention_laws.py holds the
answers equal.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from psycopg import AsyncConnection

from receiver.store.connections.silence import may_be_distributed
from receiver.store.derived.derivation import (
    CONNECTIVITY,
    COUNTRY,
    EFFECTIVE_AT,
    FACTS,
    IS_AHEAD,
    IS_MALFORMED,
    NETWORK_TYPE,
    ROAMING,
    SEEN,
    SPECIFICITY,
)
from receiver.store.derived.merging import RANK
from receiver.store.derived.rows import PLAN_ONCE, write_devices
from receiver.store.projector.projecting import IN_RANGE, LOWEST, read_first
from receiver.store.retention.tables import event_seed
from receiver.store.status.beginnings import VALUE

# Events of one step, about: each of its two parts keeps a core for some milliseconds, no longer
# than a notification waits for its answer at full speed, and then rests. Whoever sends meanwhile
# waits for it: p99 of the intake was 1.3 times that without a drop; 1.5 times in steps of 250, and
# 1.6 in steps of a thousand (`python -m benchmark.retention`).
STEP_EVENTS = 125

_NAMES = [column.name for column in event_seed.columns if column.name != "decides_from"]
_COLUMNS = ", ".join(_NAMES)
_OF_EVENT = ", ".join(f"event.{name}" for name in _NAMES)
_KEY = "device_id, stored_at, seq"
_GOING = f"stored_at < %(kept_from)s AND {IN_RANGE}"
_ENDS = "name IN ('subscription-ended', 'subscription-ends')"

# A seed that is still needed says so anew, and what did not say so for the months that are dropped
# already is needed no more.
_DECIDES = """ON CONFLICT ON CONSTRAINT event_seed_pkey DO UPDATE SET
    decides_from = greatest(known.decides_from, excluded.decides_from)"""
FORGET = f"""
DELETE FROM event_seed
WHERE {IN_RANGE} AND decides_from < (SELECT kept_from FROM retention)
"""  # noqa: S608 - composed of constants

FIND_RANGE = f"""
SELECT device_id FROM {FACTS} WHERE stored_at < %(kept_from)s AND device_id >= %(low)s
ORDER BY device_id OFFSET %(limit)s LIMIT 1
"""  # noqa: S608 - composed of constants
FIND_NEXT = f"""
SELECT device_id FROM {FACTS} WHERE stored_at < %(kept_from)s AND device_id > %(low)s
ORDER BY device_id LIMIT 1
"""  # noqa: S608 - composed of constants

# The first on each axis, the latest before the moment and all since, the latest of another value
# than the last and the first after it; of subscriptions and identifiers the first, and the latest
# end and update.
SEED = f"""
WITH fact AS MATERIALIZED (
    SELECT *, {EFFECTIVE_AT} AS effective_at, ({SPECIFICITY})::smallint AS specificity,
        {IS_MALFORMED} AS is_malformed
    FROM {FACTS} WHERE {_GOING}
), said AS (
    SELECT {_KEY}, axis.axis, axis.value, effective_at, specificity, digest
    FROM fact CROSS JOIN LATERAL (VALUES
        ('connectivity', {CONNECTIVITY}),
        ('roaming', {ROAMING}),
        ('country', {COUNTRY}),
        ('network-type', {NETWORK_TYPE}),
        ('{SEEN}', '')
    ) AS axis (axis, value)
    WHERE axis.value IS NOT NULL
), ranked AS (
    SELECT *, first_value(value) OVER latest_first AS latest_value,
        row_number() OVER (
            PARTITION BY device_id, axis ORDER BY effective_at, specificity, digest
        ) AS from_first,
        row_number() OVER (
            PARTITION BY device_id, axis, effective_at < %(kept_from)s ORDER BY {RANK}
        ) AS from_moment
    FROM said WINDOW latest_first AS (PARTITION BY device_id, axis ORDER BY {RANK})
), opposed AS (
    SELECT *,
        count(*) FILTER (WHERE value <> latest_value) OVER latest_first AS others_since,
        row_number() OVER (
            PARTITION BY device_id, axis, value = latest_value ORDER BY {RANK}
        ) AS from_latest_alike
    FROM ranked WINDOW latest_first AS (PARTITION BY device_id, axis ORDER BY {RANK})
), placed AS (
    SELECT *, row_number() OVER (
        PARTITION BY device_id, axis, others_since ORDER BY effective_at, specificity, digest
    ) AS from_beginning
    FROM opposed
), named AS (
    SELECT {_KEY},
        row_number() OVER (
            PARTITION BY device_id, credential, subscription_id, name
            ORDER BY effective_at, digest
        ) AS from_first,
        row_number() OVER (
            PARTITION BY device_id, credential, subscription_id,
                CASE WHEN {_ENDS} THEN 'subscription-ended' ELSE name END
            ORDER BY effective_at DESC, digest DESC
        ) AS from_latest,
        {_ENDS} OR name = 'subscription-updated' AS is_latest_kept
    FROM fact WHERE subscription_id IS NOT NULL
), identified AS (
    SELECT DISTINCT ON (device_id, identifier.kind, identifier.value) {_KEY}
    FROM fact CROSS JOIN LATERAL (VALUES
        ('phone-number', phone_number),
        ('network-access-identifier', CASE WHEN NOT is_malformed THEN network_access_identifier END)
    ) AS identifier (kind, value)
    WHERE identifier.value IS NOT NULL
    ORDER BY device_id, identifier.kind, identifier.value, stored_at, seq
), chosen AS (
    SELECT {_KEY} FROM placed
    WHERE from_first = 1 OR from_moment = 1 OR effective_at >= %(kept_from)s
        OR (value <> latest_value AND from_latest_alike = 1)
        OR (others_since = 0 AND from_beginning = 1)
    UNION
    SELECT {_KEY} FROM named WHERE from_first = 1 OR (is_latest_kept AND from_latest = 1)
    UNION
    SELECT {_KEY} FROM identified
)
INSERT INTO event_seed AS known ({_COLUMNS}, decides_from)
SELECT {_COLUMNS}, %(kept_from)s FROM (
    SELECT DISTINCT ON ({_KEY}) * FROM fact JOIN chosen USING ({_KEY})
) AS fact
{_DECIDES}
"""  # noqa: S608 - composed of constants

# The rows of the fleet of which devices with these events are a part, however many devices have
# ids between theirs. OFFSET 0 asks the view once for each, by index: for several at once the
# planner reads the whole fleet.
FIND_ROWS = f"""
SELECT DISTINCT row.device_id
FROM (SELECT DISTINCT device_id FROM {FACTS} WHERE {_GOING}) AS leaving CROSS JOIN LATERAL (
    SELECT device_id FROM device_member WHERE member_id = leaving.device_id OFFSET 0
) AS row
"""  # noqa: S608 - composed of constants


def _first_after(at: str, condition: str) -> str:
    return f"""(
        SELECT {_COLUMNS} FROM {FACTS} AS event
        WHERE device_id = member.id AND {condition} AND {at} >= asked.at
            AND {VALUE} IS NOT NULL
            AND ({at}, ({SPECIFICITY}), event.digest)
                > (asked.at, asked.specificity, asked.digest)
        ORDER BY {at} LIMIT 1
    )"""  # noqa: S608 - composed of constants


# Of each value now the events with which it may have begun: of each device of its row the first
# after the latest other value, or after it was unknown. To plan it takes Postgres 20 ms, and to run
# it for a step 9; its plan is the same whatever its parameters are. The others are planned by
# theirs.
BEGUN = f"""
WITH asked AS MATERIALIZED (
    SELECT axis, members, greatest(other_at, lost_at) AS at,
        CASE WHEN lost_at >= other_at THEN 32767 ELSE other_specificity END AS specificity,
        CASE WHEN lost_at >= other_at THEN ''::bytea ELSE other_digest END AS digest
    FROM unnest(%(rows)s::uuid[]) AS row (id) CROSS JOIN LATERAL (
        SELECT * FROM axis_status WHERE device_id = row.id AND axis <> '{SEEN}' OFFSET 0
    ) AS status
)
INSERT INTO event_seed AS known ({_COLUMNS}, decides_from)
SELECT DISTINCT {_OF_EVENT}, %(kept_from)s::timestamptz
FROM asked CROSS JOIN LATERAL unnest(asked.members) AS member (id) CROSS JOIN LATERAL (
    {_first_after("occurred_at", f"NOT {IS_AHEAD}")}
    UNION ALL
    {_first_after("received_at", IS_AHEAD)}
) AS event
WHERE event.stored_at < %(kept_from)s
{_DECIDES}
"""  # noqa: S608 - composed of constants


# Of several servers, the events are found first, and then looked up through a function.
FIND_LEAVING = f"SELECT DISTINCT device_id FROM {FACTS} WHERE {_GOING}"  # noqa: S608 - of constants
FIND_ROWS_APART = """
SELECT DISTINCT row.device_id
FROM unnest(%(leaving)s::uuid[]) AS leaving (device_id) CROSS JOIN LATERAL (
    SELECT device_id FROM device_member WHERE member_id = leaving.device_id OFFSET 0
) AS row
"""
BEGUN_APART = BEGUN.replace(f"FROM {FACTS} AS event", "FROM event_fact_of(member.id) AS event")


async def seed(
    connection: AsyncConnection, kept_from: datetime, low: UUID = LOWEST, limit: int = STEP_EVENTS
) -> AsyncIterator[UUID]:
    """Copies the seeds of events stored before a moment.

    Args:
        connection: in autocommit mode.
        low: devices below it have theirs.
        limit: events of one step, about.

    Yields:
        Within and after each step, but not at the end, the device below which all have theirs.
    """
    next_low: UUID | None = low
    while next_low is not None:
        low = next_low
        bounds = {"kept_from": kept_from, "low": low, "limit": limit}
        next_low = await read_first(connection, FIND_RANGE, bounds)
        if next_low == low:
            next_low = await read_first(connection, FIND_NEXT, bounds)
        bounds["high"] = next_low
        await connection.execute(FORGET, bounds)
        await connection.execute(SEED, bounds)
        yield low
        rows = {"rows": write_devices(await _find_rows(connection, bounds)), **bounds}
        if may_be_distributed(connection):
            await connection.execute(BEGUN_APART, rows)
        else:
            async with connection.transaction():
                await connection.execute(PLAN_ONCE)
                await connection.execute(BEGUN, rows, prepare=True)
        if next_low is not None:
            yield next_low


async def _find_rows(connection: AsyncConnection, bounds: dict[str, object]) -> list[UUID]:
    """Returns the rows of the fleet of which devices with events that leave are a part."""
    question, parameters = FIND_ROWS, bounds
    if may_be_distributed(connection):
        leaving = await (await connection.execute(FIND_LEAVING, bounds)).fetchall()
        question, parameters = FIND_ROWS_APART, {"leaving": [row[0] for row in leaving]}
    return [row[0] for row in await (await connection.execute(question, parameters)).fetchall()]
