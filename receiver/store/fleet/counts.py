"""Counts of the fleet: how many devices have which value now, as the pages of the fleet have them.

All devices are counted as they are derived, in one pass that parallel workers share. The devices
apart are taken out of the counts again and put in as they are answered: those for which others
stand, these others, and those of which a subscription closed after an event told a value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from psycopg.rows import tuple_row
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.axes import FALSE, HOME, TRUE, Axis
from receiver.projection.ledger import INACTIVE
from receiver.store import reporting
from receiver.store.connections.engine import reading
from receiver.store.derived.behind import LAST_DEVICE, ask_how_far, read_how_far
from receiver.store.derived.derivation import SEEN
from receiver.store.derived.rows import Question, Rows, read_together

LAST_HOUR, LAST_DAY, EARLIER = "hour", "day", "earlier"

# The views are read for many devices at once. The planner takes the devices apart for few, and
# would then look through all of them for each; and it compiles for longer than the count takes.
PLANNING = """
SELECT set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true),
    set_config('work_mem', '32MB', true)
"""

# Rows of one device: of roaming, and of a country abroad.
_ABROAD = f"(axis = '{Axis.ROAMING}' AND value = '{TRUE}') OR (axis = '{Axis.COUNTRY}' AND value <> '{HOME}')"  # noqa: E501


@dataclass(frozen=True, slots=True)
class CountryCount:
    """Devices that roam in a country, as their events name it."""

    code: int | None
    names: tuple[str, ...] | None
    devices: int


@dataclass(frozen=True, slots=True)
class FleetCounts:
    """How many devices have which value.

    Attributes:
        as_of: every event that was acknowledged before is counted.
        connectivity, network_types: devices by value, as a register has it; the most first.
        roaming: devices known to roam, and known not to.
        countries: of those that are known to roam somewhere; the most first.
        last_hour, last_day: devices of which the latest event is of the time before `as_of`.
    """

    as_of: datetime
    devices: int
    connectivity: dict[str, int]
    roaming: dict[bool, int]
    countries: Sequence[CountryCount]
    network_types: dict[str, int]
    last_hour: int
    last_day: int


async def read_counts(engine: AsyncEngine) -> FleetCounts:
    """Counts the fleet now.

    Raises:
        Unavailable: as of `FleetCounting.count`.
    """
    async with reading(engine) as connection:
        [how_far] = await read_together(connection, ask_how_far(LAST_DEVICE))
        behind = read_how_far(how_far)
        as_of = how_far[0].position_at if behind.conditions else behind.as_of
        since = {"hour": as_of - timedelta(hours=1), "day": as_of - timedelta(days=1)}
        planning = Question(PLANNING, {}, tuple_row)
        counts = Question(compose_counts(), since, tuple_row)
        _, rows = await read_together(connection, planning, counts)
    return _read(as_of, rows)


@cache
def compose_counts() -> str:
    """Returns the question: axis, value, code and names of a country, devices.

    The devices apart have the rules of the views, whose text is read here: with `device_member`
    and `subscription` of these devices alone. Their rows are looked up one by one, because the
    planner would put all rows of the tables into a hash for them.
    """
    return f"""
WITH weak AS MATERIALIZED (
    SELECT linked_device_id AS device_id, device_id AS member_id FROM identifier_link
    UNION ALL
    SELECT link.linked_device_id, link.device_id FROM subscription_link AS link
    WHERE NOT EXISTS (
        SELECT FROM identifier_link AS further WHERE further.device_id = link.linked_device_id
    )
), apart AS MATERIALIZED (
    SELECT device_id FROM subscription AS closed
    WHERE (ended_at IS NOT NULL OR update_reason = '{INACTIVE}') AND EXISTS (
        SELECT FROM device_status AS said
        WHERE said.device_id = closed.device_id AND axis <> '{SEEN}'
            AND said.effective_at <= greatest(closed.ended_at, closed.updated_at)
    )
    UNION SELECT device_id FROM weak
    UNION SELECT member_id FROM weak
), device_member AS MATERIALIZED (
    SELECT coalesce(weak.device_id, apart.device_id) AS device_id, apart.device_id AS member_id
    FROM apart LEFT JOIN weak ON weak.member_id = apart.device_id
), said AS MATERIALIZED (
    SELECT member.device_id, member.member_id, said.axis, said.value, said.country_code,
        said.country_name, said.effective_at, said.specificity, said.digest
    FROM device_member AS member CROSS JOIN LATERAL (
        SELECT * FROM device_status WHERE device_id = member.member_id OFFSET 0
    ) AS said
), subscription AS MATERIALIZED (
    SELECT told.* FROM apart CROSS JOIN LATERAL (
        SELECT * FROM subscription WHERE device_id = apart.device_id OFFSET 0
    ) AS told
), subscription_span AS (
{_read_view("subscription_span")}
), uncovered AS MATERIALIZED (
{_read_view("uncovered")}
), merged AS MATERIALIZED (
    SELECT DISTINCT ON (device_id, axis) * FROM said
    ORDER BY device_id, axis, effective_at DESC, specificity DESC, digest DESC
), known AS MATERIALIZED (
    SELECT * FROM merged
    WHERE NOT EXISTS (
        SELECT FROM uncovered JOIN way_out
            ON uncovered.lost & way_out.names <> 0 AND uncovered.told & way_out.names = 0
        WHERE uncovered.device_id = merged.device_id AND uncovered.at >= merged.effective_at
            AND way_out.axis = merged.axis
            AND (way_out.value IS NULL OR way_out.value = merged.value)
            AND (way_out.other_than IS NULL OR way_out.other_than <> merged.value)
    )
)
SELECT axis, value, NULL::integer, NULL::text[], sum(devices)::bigint FROM (
    {_count_values("device_status", "count(*)")}
    UNION ALL
    {_count_values("said", "-count(*)")}
    UNION ALL
    {_count_values("known", "count(*)")}
) AS part GROUP BY axis, value
UNION ALL
SELECT '{Axis.COUNTRY}', '', country_code, country_name, sum(devices)::bigint FROM (
    SELECT country.country_code, country.country_name, count(*) AS devices
    FROM device_status AS country JOIN device_status AS roaming USING (device_id)
    WHERE country.axis = '{Axis.COUNTRY}' AND country.value <> '{HOME}'
        AND roaming.axis = '{Axis.ROAMING}' AND roaming.value = '{TRUE}'
    GROUP BY 1, 2
    UNION ALL
    {_count_countries("said", "member_id", "-count(*)")}
    UNION ALL
    {_count_countries("known", "device_id", "count(*)")}
) AS part GROUP BY country_code, country_name
"""  # noqa: S608 - composed of constants


def _read_view(view: str) -> str:
    path = Path(reporting.__path__[0]) / "internal" / f"{view}.sql"
    _, _, text = path.read_text().partition(" AS\n")
    return text.rstrip()


def _count_values(registers: str, devices: str) -> str:
    """Returns how many registers say what on each axis, but for the country.

    Args:
        devices: what one group counts.
    """
    return f"""SELECT axis, CASE
            WHEN axis <> '{SEEN}' THEN value
            WHEN effective_at >= %(hour)s THEN '{LAST_HOUR}'
            WHEN effective_at >= %(day)s THEN '{LAST_DAY}'
            ELSE '{EARLIER}'
        END AS value, {devices} AS devices
    FROM {registers} WHERE axis <> '{Axis.COUNTRY}' GROUP BY 1, 2"""  # noqa: S608 - composed of constants


def _count_countries(registers: str, device: str, devices: str) -> str:
    """Returns how many devices roam where.

    By a group of each device, because the planner takes what it joins here for few rows.

    Args:
        device: the column of the device whose registers they are.
        devices: what one group counts.
    """
    return f"""SELECT country_code, country_name, {devices} FROM (
        SELECT max(country_code) AS country_code, max(country_name) AS country_name
        FROM {registers} WHERE {_ABROAD} GROUP BY {device} HAVING count(*) = 2
    ) AS abroad GROUP BY 1, 2"""  # noqa: S608 - composed of constants


def _place(row: Sequence[Any]) -> tuple[object, ...]:
    """Returns the place of a row: the most devices first, and those of as many by what they say."""
    _, value, code, names, devices = row
    return -devices, value, code or 0, names or []


def _read(as_of: datetime, rows: Rows) -> FleetCounts:
    found: dict[str, dict[str, int]] = {axis: {} for axis in (*Axis, SEEN)}
    countries = []
    for axis, value, code, names, devices in sorted(rows, key=_place):
        if axis == Axis.COUNTRY and devices:
            countries.append(CountryCount(code, None if names is None else tuple(names), devices))
        elif devices:
            found[axis][value] = devices
    seen, roaming = found[SEEN], found[Axis.ROAMING]
    last_hour = seen.get(LAST_HOUR, 0)
    return FleetCounts(
        as_of,
        sum(seen.values()),
        found[Axis.CONNECTIVITY],
        {True: roaming.get(TRUE, 0), False: roaming.get(FALSE, 0)},
        countries,
        found[Axis.NETWORK_TYPE],
        last_hour,
        last_hour + seen.get(LAST_DAY, 0),
    )
