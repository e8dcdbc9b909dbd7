"""The questions of the ledger: which subscriptions there are, and what their events say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from receiver.projection.ledger import Key
from receiver.projection.subscriptions.forecast import State
from receiver.store.connections.keyset import Order
from receiver.store.derived.derivation import (
    EFFECTIVE_AT,
    IS_MALFORMED,
    STRENGTH,
    select_events,
)
from receiver.store.derived.rows import SUBSCRIPTION
from receiver.store.status.parts import TOLD

# Events of one subscription that are counted for an answer: 12 919 took 18 ms.
COUNTED_EVENTS = 10_000

# Events of one device among which gaps are looked for.
COMPARED_EVENTS = 200

# Subscriptions that are read beside those of a page, because they are of the same devices.
NEIGHBOURS_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class LedgerSelection:
    """Chooses subscriptions.

    Attributes:
        states, credentials, subscription_ids: any of them; empty: all.
        device_id: those that are about this device.
        ends_before: those whose registered expiry lies before.
        quiet_since: those of which no event counts since; it is a first sieve for silence.
    """

    states: Sequence[State] = ()
    credentials: Sequence[str] = ()
    subscription_ids: Sequence[str] = ()
    device_id: UUID | None = None
    ends_before: datetime | None = None
    quiet_since: datetime | None = None


_CREDENTIAL = "source.credential = ANY(%(credential_filter)s)"
_SUBSCRIPTION = "source.subscription_id = ANY(%(subscription_filter)s)"
_DEVICE = "source.device_id = ANY(%(devices)s::uuid[])"
_ENDS_BEFORE = """EXISTS (
        SELECT FROM subscription_registration AS registered
        WHERE registered.credential = source.credential
            AND registered.subscription_id = source.subscription_id
            AND registered.expires_at < %(ends_before)s
    )"""

# What arrived late breaks no silence by its arrival.
_QUIET = f"""NOT EXISTS (
        SELECT FROM event
        WHERE event.subscription_id = source.subscription_id
            AND event.credential = source.credential AND event.stored_at > %(quiet_since)s
            AND {EFFECTIVE_AT} > %(quiet_since)s
    )"""


def select_keys(selection: LedgerSelection, order: Order, after: Key | None) -> str:
    """Returns the question for the keys of the next subscriptions.

    Those of the events that are not derived yet come as parameters. The state is decided later.
    """
    conditions = ["true"]
    if selection.credentials:
        conditions.append(_CREDENTIAL)
    if selection.subscription_ids:
        conditions.append(_SUBSCRIPTION)
    if selection.ends_before is not None:
        conditions.append(_ENDS_BEFORE)
    if selection.quiet_since is not None:
        conditions.append(_QUIET)
    if after is not None:
        sign = ">" if order == "asc" else "<"
        conditions.append(
            f"(source.credential, source.subscription_id) {sign}"
            " (%(after_credential)s, %(after_subscription)s)"
        )
    condition = " AND ".join(conditions)
    of_device = condition if selection.device_id is None else f"{condition} AND {_DEVICE}"
    sorting = f"ORDER BY credential {order}, subscription_id {order} LIMIT %(limit)s"
    columns = "source.credential, source.subscription_id"
    # What says that it ended is ended for certain.
    is_sieved = bool(selection.states) and State.ENDED not in selection.states
    open_ones = f"{of_device} AND source.ended_at IS NULL" if is_sieved else of_device
    # Each source is limited by itself, so that it is read in the order of its index.
    return f"""
    SELECT credential, subscription_id FROM (
        (SELECT DISTINCT {columns} FROM subscription AS source WHERE {open_ones} {sorting})
        UNION
        (SELECT {columns} FROM subscription_registration AS source WHERE {of_device} {sorting})
        UNION
        (
            SELECT {columns}
            FROM unnest(%(tail_credentials)s::text[], %(tail_subscriptions)s::text[])
                AS source (credential, subscription_id)
            WHERE {condition} {sorting}
        )
    ) AS known
    {sorting}
    """  # noqa: S608 - composed of constants


_KEYS = "unnest(%(credentials)s::text[], %(subscription_ids)s::text[])"

SUBSCRIPTIONS = f"""
SELECT device_id, strength, credential, subscription_id, {SUBSCRIPTION}
FROM subscription WHERE (credential, subscription_id) IN (SELECT * FROM {_KEYS})
"""  # noqa: S608 - composed of constants

NEIGHBOURS = """
SELECT DISTINCT credential, subscription_id FROM subscription
WHERE device_id = ANY(%(devices)s::uuid[]) LIMIT %(limit)s
"""

# Of each subscription its events by name, with those of dropped months, which are counted. A pause
# is the time since the latest event before it, whatever its name.
TALLY = f"""
WITH key AS MATERIALIZED (
    SELECT * FROM {_KEYS} WITH ORDINALITY AS key (credential, subscription_id, place)
), kept AS MATERIALIZED (
    SELECT max(kept_from) AS at FROM retention
), told AS MATERIALIZED (
    SELECT key.place, event.name, 1::bigint AS counted, 1::bigint AS events,
        (event.kind <> 'subscription')::integer::bigint AS charged,
        {EFFECTIVE_AT} AS first_at, {EFFECTIVE_AT} AS last_at, NULL::interval AS longest_pause,
        event.termination_description AS description, event.digest
    FROM key CROSS JOIN LATERAL (
        SELECT name, kind, termination_description, digest, occurred_at, received_at FROM event
        WHERE subscription_id = key.subscription_id AND credential = key.credential
            AND stored_at >= coalesce((SELECT at FROM kept), '-infinity')
        ORDER BY stored_at DESC, seq DESC LIMIT %(limit)s
    ) AS event
    UNION ALL
    SELECT key.place, name, 0, events, charged, first_at, last_at, longest_pause, description, ''
    FROM key JOIN subscription_retired AS retired USING (subscription_id, credential)
    WHERE retired.month < (SELECT at FROM kept)
), paused AS (
    SELECT *, first_at - max(last_at) OVER (
        PARTITION BY place ORDER BY first_at, last_at
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS pause
    FROM told
)
SELECT place, name, sum(counted) AS counted, sum(events) AS events, sum(charged) AS charged,
    coalesce(sum(counted) FILTER (WHERE charged > 0 AND first_at > %(lately)s), 0) AS lately,
    max(last_at) AS last_at,
    greatest(max(longest_pause), max(pause) FILTER (WHERE pause >= interval '0')) AS longest_pause,
    (array_agg(description ORDER BY last_at DESC, digest DESC)
        FILTER (WHERE name IN ('subscription-ended', 'subscription-ends')))[1] AS description,
    max(last_at) FILTER (WHERE name IN ('subscription-ended', 'subscription-ends')) AS ended_at
FROM paused GROUP BY place, name
"""  # noqa: S608 - composed of constants

COMPARED = f"""
SELECT told.* FROM unnest(%(devices)s::uuid[]) AS device (id) CROSS JOIN LATERAL (
    SELECT {TOLD} FROM event WHERE device_id = device.id ORDER BY occurred_at DESC LIMIT %(limit)s
) AS told
"""  # noqa: S608 - composed of constants


@cache
def compose_tail(behind: tuple[str, ...]) -> str:
    """Returns the question for events that name a subscription and meet one of the conditions."""
    columns = f"{TOLD}, phone_number, network_access_identifier, {IS_MALFORMED} AS is_malformed"
    events = select_events(columns, behind, "subscription_id IS NOT NULL")
    return f"SELECT *, {STRENGTH} AS strength FROM ({events}) AS event"  # noqa: S608 - of constants
