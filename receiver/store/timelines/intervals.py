"""The questions for intervals: set-based, and bounded by the range that is asked for.

They compute what `projection.intervals` and `projection.availability` specify;
tests/store/timelines/test_timeline_laws.py holds both equal. The points of a range are found by the
indexes of a device's history, and so is the newest one before it, which gives the first value.
"""

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from receiver.events.axes import NAMES, TELLERS, WAYS_OUT, Axis
from receiver.projection.status import NEVER_REPORTED
from receiver.store.connections.keyset import Order
from receiver.store.derived.derivation import (
    CONNECTIVITY,
    COUNTRY,
    FACTS,
    IS_AHEAD,
    NETWORK_TYPE,
    ROAMING,
    SPECIFICITY,
)
from receiver.store.derived.merging import RANK

# The value of an event on each axis.
VALUES = {
    Axis.CONNECTIVITY: CONNECTIVITY,
    Axis.ROAMING: ROAMING,
    Axis.COUNTRY: COUNTRY,
    Axis.NETWORK_TYPE: NETWORK_TYPE,
}


_IN_TIME = "ORDER BY at, is_closing, specificity, digest, because"

_COUNTRY = """CASE WHEN roaming IS NOT FALSE THEN country_code END,
            CASE WHEN roaming IS NOT FALSE THEN country_name END"""

# The country of a stay is the one that its latest event names.
_LATEST = """latest AS (
    SELECT DISTINCT ON (number) number, country_code, country_name FROM run WHERE NOT is_closing
    ORDER BY number, at DESC, specificity DESC, digest DESC
)"""
_NO_COUNTRY = """latest AS (
    SELECT 0 AS number, NULL::integer AS country_code, NULL::text[] AS country_name WHERE false
)"""


def write_uncovering(axis: Axis) -> str:
    """Returns the condition that a loss uncovers the value `held`, as `projection.coverage`."""
    own = {way.value for way in WAYS_OUT if way.axis is axis and way.value is not None}
    conditions = [_uncovers(TELLERS[axis])]
    for way in WAYS_OUT:
        if way.axis is axis and way.value is not None:
            conditions.append(f"held = '{way.value}' AND {_uncovers(way.names)}")
        elif way.axis is axis:
            others = [f"held <> '{value}' AND" for value in sorted(own)]
            conditions.append(" ".join([*others, _uncovers(way.names)]))
    return "\n            OR ".join(conditions)


def _uncovers(names: frozenset[str]) -> str:
    bits = write_bits(names)
    return f"lost & {bits} <> 0 AND told & {bits} = 0"


def write_bits(names: frozenset[str]) -> int:
    """Returns names as bits, as stored rows have them."""
    return sum(1 << bit for bit, name in enumerate(NAMES) if name in names)


def _points(axis: Axis, at: str, condition: str) -> str:
    is_country = axis is Axis.COUNTRY
    country = _COUNTRY if is_country else "NULL::integer, NULL::text[]"
    return f"""
        SELECT {at} AS effective_at, ({SPECIFICITY})::smallint AS specificity, digest,
            {VALUES[axis]} AS value, {country}
        FROM {FACTS} AS event
        WHERE device_id = device.id AND ({VALUES[axis]}) IS NOT NULL AND {condition}"""  # noqa: S608 - composed of constants


def _seed(axis: Axis, at: str, condition: str) -> str:
    return f"""(
        {_points(axis, at, f"{condition} AND {at} < %(scan_start)s AND %(is_seeded)s")}
        ORDER BY {RANK.replace("effective_at", at)} LIMIT 1
    )"""


def name_devices(devices: Sequence[UUID]) -> dict[str, UUID]:
    """Returns the parameters of devices that are named each by itself."""
    return {f"device_{place}": device for place, device in enumerate(devices)}


def _write(axis: Axis, named: int | None = None) -> str:
    """Returns the common table expressions of the intervals on an axis.

    A point is an event or a closing, which comes after the events of its moment. `place` counts
    the events, so that the value before a closing is the one of its place.

    Args:
        named: how many devices are parameters, each by itself; None: they are rows.
    """
    within = "{at} >= %(scan_start)s AND {at} < %(scan_stop)s"
    parts = "\n    UNION ALL".join(
        (
            _points(axis, "occurred_at", f"NOT {IS_AHEAD} AND {within.format(at='occurred_at')}"),
            _points(axis, "received_at", f"{IS_AHEAD} AND {within.format(at='received_at')}"),
            _seed(axis, "occurred_at", f"NOT {IS_AHEAD}"),
            _seed(axis, "received_at", IS_AHEAD),
        )
    )
    if named is None:
        said = f"""SELECT said.* FROM unnest(%(devices)s::uuid[]) AS device (id)
    CROSS JOIN LATERAL ({parts}
    ) AS said"""  # noqa: S608 - composed of constants
    else:
        said = "\n    UNION ALL".join(
            parts.replace("device.id", f"%(device_{place})s::uuid") for place in range(named)
        )
    return f"""
said (at, specificity, digest, value, country_code, country_name) AS MATERIALIZED (
    {said}
), point AS (
    SELECT at, false AS is_closing, specificity, digest, value, country_code, country_name,
        NULL AS because, 0 AS lost, 0 AS told
    FROM said
    UNION ALL
    SELECT at, true, 0, '', NULL, NULL, NULL, because, lost, told
    FROM unnest(
        %(closed_at)s::timestamptz[], %(reasons)s::text[], %(lost)s::integer[], %(told)s::integer[]
    ) AS closing (at, because, lost, told)
    WHERE at < %(stop)s
), placed AS (
    SELECT *, count(value) OVER ({_IN_TIME}) AS place FROM point
), holding AS (
    SELECT *, max(value) OVER (PARTITION BY place) AS held FROM placed
), counted AS (
    SELECT *, value IS DISTINCT FROM lag(value) OVER ({_IN_TIME}) AS is_change
    FROM holding
    WHERE NOT is_closing OR (place > 0 AND (
            {write_uncovering(axis)}
    ))
), run AS (
    SELECT *, count(*) FILTER (WHERE is_change) OVER ({_IN_TIME}) AS number FROM counted
), begun AS (
    SELECT number, at, lead(at) OVER (ORDER BY number) AS to_at, value, because
    FROM run WHERE is_change
), lasting AS (
    SELECT number, at, to_at, value, because, lead(because) OVER (ORDER BY number) AS ended_because
    FROM begun WHERE to_at IS NULL OR to_at > at
), {_LATEST if axis is Axis.COUNTRY else _NO_COUNTRY}, known AS (
    SELECT at AS from_at, to_at, value, because, ended_because, country_code, country_name
    FROM lasting LEFT JOIN latest USING (number)
    WHERE to_at IS NULL OR to_at > %(start)s
    UNION ALL
    SELECT %(start)s, min(at), NULL, '{NEVER_REPORTED}', NULL, NULL, NULL
    FROM begun HAVING min(at) > %(start)s OR min(at) IS NULL
)"""  # noqa: S608 - composed of constants


_INTERVALS = """
SELECT from_at, to_at, value, because, ended_because, country_code, country_name
FROM known
WHERE from_at < %(stop)s AND (%(value)s::text IS NULL OR value = %(value)s)
ORDER BY from_at {direction} LIMIT %(limit)s
"""
INTERVALS = {
    (axis, order): f"WITH {_write(axis)}{_INTERVALS.format(direction=order.upper())}"
    for axis in Axis
    for order in ("asc", "desc")
}

# A length in microseconds, which a sum keeps exactly.
_LENGTH = "(extract(epoch FROM {until} - {since}) * 1000000)::bigint"
_SINCE = "greatest(from_at, day, %(start)s)"
_UNTIL = "least(to_at, day + interval '24 hours', %(end)s)"
_DAYS = f"""
SELECT (day AT TIME ZONE 'UTC')::date AS day, value,
    sum({_LENGTH.format(since=_SINCE, until=_UNTIL)})::bigint AS length
FROM known CROSS JOIN LATERAL generate_series(
    date_trunc('day', greatest(from_at, %(start)s), 'UTC'),
    least(to_at, %(end)s) - interval '1 microsecond',
    interval '24 hours'
) AS day
WHERE from_at < %(end)s
GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 - composed of constants
DAYS = {axis: f"WITH {_write(axis)}{_DAYS}" for axis in Axis}


# Of several servers the one that has the events of a device answers, where the device is named.
@cache
def compose_intervals(axis: Axis, order: Order, named: int) -> str:
    """Returns the question for intervals of so many devices, each a parameter by itself."""
    return f"WITH {_write(axis, named)}{_INTERVALS.format(direction=order.upper())}"


@cache
def compose_days(axis: Axis, named: int) -> str:
    """Returns the question for days of so many devices, each a parameter by itself."""
    return f"WITH {_write(axis, named)}{_DAYS}"
