"""The events of subscriptions, counted when they are asked for.

What is `silent` hangs on no limit of what is counted: the rhythm is known from the latest few
events, and from the arrivals of those before, which an index has side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg import AsyncConnection

from receiver.projection.ledger import Key
from receiver.projection.subscriptions.forecast import NOTHING, RATE_TIME, Tally, is_silent
from receiver.store.connections.silence import may_be_distributed
from receiver.store.derived.derivation import EFFECTIVE_AT
from receiver.store.derived.rows import Row, read_rows
from receiver.store.subscriptions.questions import KEYS

# Events of each subscription that every answer counts: a page of 50 reads 550 blocks at most, which
# a disk that brings ten thousand a second has in the time of one look.
LISTED_EVENTS = 10

# Events of one subscription that are counted at most: 12 919 took 18 ms.
COUNTED_EVENTS = 10_000

# Latest events of a subscription whose arrivals are its rhythm; a block of the index has 130.
RHYTHM_ARRIVALS = 500

# Of each subscription its events by name, with those of dropped months, which are counted. A pause
# is the time since the latest event before it, whatever its name. Where more are kept than are
# counted, what is dropped does not end right before those. The planner sees no value of the inner
# limit, or it would read and sort all events of a subscription of which it expects about as many.
_TALLY = f"""
WITH key AS MATERIALIZED (
    SELECT * FROM {KEYS} WITH ORDINALITY AS key (credential, subscription_id, place)
), kept AS MATERIALIZED (
    SELECT max(kept_from) AS at FROM retention
){{before}}, told AS MATERIALIZED (
    SELECT key.place, event.name, 1::bigint AS events,
        (event.kind <> 'subscription')::integer::bigint AS charged,
        {EFFECTIVE_AT} AS first_at, {EFFECTIVE_AT} AS last_at, NULL::interval AS longest_pause,
        event.termination_description AS description, event.digest, event.stored_at,
        row_number() OVER (PARTITION BY key.place ORDER BY stored_at DESC, seq DESC) AS nth
    FROM {{events}}
    UNION ALL
    SELECT key.place, name, events, charged, first_at, last_at, longest_pause, description, '',
        NULL, NULL
    FROM key JOIN subscription_retired AS retired USING (subscription_id, credential)
    WHERE retired.month < (SELECT at FROM kept)
), placed AS (
    SELECT *, max(nth) OVER (PARTITION BY place) AS kept FROM told
), paused AS (
    SELECT *, first_at - max(last_at) OVER (
        PARTITION BY place, nth IS NULL AND kept > %(limit)s ORDER BY first_at, last_at
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS pause
    FROM placed WHERE nth IS NULL OR nth <= %(limit)s
)
SELECT place, name, sum(events) AS events, sum(charged) AS charged,
    coalesce(sum(charged) FILTER (WHERE nth IS NOT NULL AND first_at > %(lately)s), 0) AS lately,
    max(last_at) AS last_at,
    greatest(max(longest_pause), max(pause) FILTER (WHERE pause >= interval '0')) AS longest_pause,
    (array_agg(description ORDER BY last_at DESC, digest DESC)
        FILTER (WHERE name IN ('subscription-ended', 'subscription-ends')))[1] AS description,
    max(last_at) FILTER (WHERE name IN ('subscription-ended', 'subscription-ends')) AS ended_at,
    min(stored_at) FILTER (WHERE kept > %(limit)s) AS counted_since
FROM paused GROUP BY place, name
"""  # noqa: S608 - composed of constants

_COUNTED = "name, kind, termination_description, digest, occurred_at, received_at, stored_at, seq"
TALLY = _TALLY.format(
    before="",
    events=f"""key CROSS JOIN LATERAL (
        SELECT {_COUNTED}
        FROM event
        WHERE subscription_id = key.subscription_id AND credential = key.credential
            AND stored_at >= coalesce((SELECT at FROM kept), '-infinity')
        ORDER BY stored_at DESC, seq DESC LIMIT (SELECT %(limit)s::bigint + 1)
    ) AS event""",  # noqa: S608 - composed of constants
)

# Of several servers each returns the latest events of its own devices, of which some are too many.
TALLY_APART = _TALLY.format(
    before=f""", latest AS MATERIALIZED (
    SELECT credential, subscription_id, {_COUNTED} FROM (
        SELECT credential, subscription_id, {_COUNTED}, row_number() OVER (
            PARTITION BY device_id, credential, subscription_id ORDER BY stored_at DESC, seq DESC
        ) AS nth
        FROM event
        WHERE (credential, subscription_id) IN (SELECT * FROM {KEYS})
            AND stored_at >= coalesce((SELECT max(kept_from) FROM retention), '-infinity')
    ) AS event
    WHERE nth <= %(limit)s::bigint + 1
)""",  # noqa: S608 - composed of constants
    events="key JOIN latest AS event USING (credential, subscription_id)",
)

# Of subscriptions the longest time between two arrivals that follow each other. The index alone
# answers: it has no credential, and whoever takes a subscription over goes on with its rhythm.
ARRIVALS = f"""
SELECT credential, subscription_id, (
    SELECT max(pause) FROM (
        SELECT stored_at - lead(stored_at) OVER (ORDER BY stored_at DESC) AS pause FROM (
            SELECT stored_at FROM event
            WHERE subscription_id = key.subscription_id AND stored_at >= coalesce(
                (SELECT max(kept_from) FROM retention), '-infinity'
            )
            ORDER BY stored_at DESC LIMIT %(limit)s
        ) AS arrival
    ) AS paused
) AS longest_pause
FROM {KEYS} AS key (credential, subscription_id)
"""  # noqa: S608 - composed of constants

# Likewise of several servers, of the arrivals of each device.
ARRIVALS_APART = f"""
WITH latest AS MATERIALIZED (
    SELECT subscription_id, stored_at FROM (
        SELECT subscription_id, stored_at, row_number() OVER (
            PARTITION BY device_id, subscription_id ORDER BY stored_at DESC
        ) AS nth
        FROM event
        WHERE subscription_id = ANY(%(subscription_ids)s::text[])
            AND stored_at >= coalesce((SELECT max(kept_from) FROM retention), '-infinity')
    ) AS event
    WHERE nth <= %(limit)s
)
SELECT credential, subscription_id, (
    SELECT max(pause) FROM (
        SELECT stored_at - lead(stored_at) OVER (ORDER BY stored_at DESC) AS pause FROM (
            SELECT stored_at FROM latest WHERE latest.subscription_id = key.subscription_id
            ORDER BY stored_at DESC LIMIT %(limit)s
        ) AS arrival
    ) AS paused
) AS longest_pause
FROM {KEYS} AS key (credential, subscription_id)
"""  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True)
class Counted:
    """The events of a subscription, and why it ended in the sender's words."""

    tally: Tally = NOTHING
    description: str | None = None


async def count_latest(
    connection: AsyncConnection, keys: Sequence[Key], now: datetime
) -> dict[Key, Counted]:
    """Returns the counts of the latest `LISTED_EVENTS` of each subscription.

    What would be silent by the pauses between these is looked at once more, by its arrivals.
    """
    counted = await count_events(connection, keys, now, LISTED_EVENTS)
    doubtful = [
        key for key, one in counted.items() if not one.tally.is_whole and is_silent(one.tally, now)
    ]
    if doubtful:
        rows = await read_rows(
            connection,
            ARRIVALS_APART if may_be_distributed(connection) else ARRIVALS,
            credentials=[credential for credential, _ in doubtful],
            subscription_ids=[subscription_id for _, subscription_id in doubtful],
            limit=RHYTHM_ARRIVALS,
        )
        for row in rows:
            one = counted[row.credential, row.subscription_id]
            pauses = [one.tally.longest_pause, row.longest_pause]
            longest = max(pause for pause in pauses if pause is not None)
            counted[row.credential, row.subscription_id] = replace(
                one, tally=one.tally._replace(longest_pause=longest)
            )
    return counted


async def count_events(
    connection: AsyncConnection, keys: Sequence[Key], now: datetime, limit: int
) -> dict[Key, Counted]:
    """Returns the counts of the events of subscriptions.

    Args:
        limit: of the kept events of each that are counted, the latest ones.
    """
    rows = await read_rows(
        connection,
        TALLY_APART if may_be_distributed(connection) else TALLY,
        credentials=[credential for credential, _ in keys],
        subscription_ids=[subscription_id for _, subscription_id in keys],
        lately=now - RATE_TIME,
        limit=limit,
    )
    by_place: dict[int, list[Row]] = {}
    for row in rows:
        by_place.setdefault(row.place, []).append(row)
    counted = dict.fromkeys(keys, Counted())
    for place, of_key in by_place.items():
        counted[keys[place - 1]] = _sum_up(of_key)
    return counted


def _sum_up(rows: Sequence[Row]) -> Counted:
    """Sums up the rows of one subscription, one for each name."""
    counts = {row.name: int(row.events) for row in rows}
    pauses = [row.longest_pause for row in rows if row.longest_pause is not None]
    arrivals = [row.counted_since for row in rows if row.counted_since is not None]
    tally = Tally(
        counts=counts,
        charged=int(sum(row.charged for row in rows)),
        lately=int(sum(row.lately for row in rows)),
        last_at=max(row.last_at for row in rows),
        longest_pause=max(pauses, default=None),
        counted_since=min(arrivals, default=None),
    )
    ends = [(row.ended_at, row.description) for row in rows if row.ended_at is not None]
    _, description = max(ends, key=lambda end: end[0], default=(None, None))
    return Counted(tally, description)
