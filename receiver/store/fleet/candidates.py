"""Candidates: devices that may lead to a row of the fleet, by an index and in the order of ids."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from receiver.events.axes import TRUE, Axis
from receiver.store.derived.behind import LAST_DEVICE, Behind
from receiver.store.derived.derivation import SEEN, select_events
from receiver.store.derived.rows import Question, Rows
from receiver.store.fleet.selection import FleetSelection, names_any
from receiver.store.status.parts import Parts

# Devices with a latest event in a range of time that are read whole and sorted. Where there are
# more, a walk through all devices meets them often enough.
RARE_LIMIT = 2000

# Devices that such a walk passes at most, in one step; likewise those with several names of their
# country, among which another name is looked for.
WALK_LIMIT = 2000

# Below, an index gives the order, and its first entries are read. Comparisons of rows leave the
# planner no other way: by an equality it expects a few rows of a table that it knows little of, and
# reads and sorts all there are.

# Rows of one device: one for each axis, and one for its latest event.
_ROWS_OF_A_DEVICE = len(Axis) + 1

ALL = f"""
SELECT device_id FROM (
    SELECT device_id, axis FROM device_status WHERE device_id > %(after)s
    ORDER BY device_id, axis LIMIT %(limit)s * {_ROWS_OF_A_DEVICE}
) AS walk
WHERE axis = '{SEEN}' ORDER BY device_id LIMIT %(limit)s
"""  # noqa: S608 - composed of constants

_OF_VALUES = """
SELECT hit.device_id FROM unnest(%(values)s::text[]) AS wanted (value) CROSS JOIN LATERAL (
    SELECT device_id FROM device_status
    WHERE (axis, value, device_id) > (%(axis)s, wanted.value, %(after)s)
        AND (axis, value) <= (%(axis)s, wanted.value)
    ORDER BY axis, value, device_id LIMIT %(limit)s
) AS hit
"""
BY_VALUE = f"{_OF_VALUES} ORDER BY device_id LIMIT %(limit)s"

# The value on the axis of the country is its first name, or its code where it has no name. Where a
# walk through those with more names was cut off, the step ends with its last device.
BY_COUNTRY = f"""
WITH walk AS MATERIALIZED (
    SELECT device_id, country_name FROM device_status
    WHERE cardinality(country_name) > 1 AND device_id > %(after)s
    ORDER BY device_id LIMIT %(walk_limit)s
), cut AS MATERIALIZED (
    SELECT device_id FROM walk ORDER BY device_id OFFSET %(walk_limit)s - 1
), hits AS (
    {_OF_VALUES}
    UNION
    SELECT hit.device_id FROM unnest(%(codes)s::integer[]) AS wanted (code) CROSS JOIN LATERAL (
        SELECT device_id FROM device_status
        WHERE (country_code, device_id) > (wanted.code, %(after)s) AND country_code <= wanted.code
        ORDER BY country_code, device_id LIMIT %(limit)s
    ) AS hit
    UNION
    SELECT device_id FROM walk WHERE country_name && %(values)s::text[]
    UNION
    SELECT device_id FROM cut
)
SELECT device_id FROM hits
WHERE device_id <= coalesce((SELECT device_id FROM cut), %(last)s)
ORDER BY device_id LIMIT %(limit)s
"""  # noqa: S608 - composed of constants

# The last device of a walk comes too, so that the next step begins behind it.
BY_TIME = f"""
WITH range AS MATERIALIZED (
    SELECT device_id, effective_at FROM device_status
    WHERE (axis, value) >= ('{SEEN}', %(hour_from)s) AND (axis, value) <= ('{SEEN}', %(hour_to)s)
    ORDER BY axis, value, device_id LIMIT %(rare_limit)s + 1
), size AS MATERIALIZED (
    SELECT count(*) <= %(rare_limit)s AS is_rare FROM range
), walk AS MATERIALIZED (
    SELECT device_id, effective_at FROM (
        SELECT device_id, axis, effective_at FROM device_status
        WHERE device_id > %(after)s AND NOT (SELECT is_rare FROM size)
        ORDER BY device_id, axis LIMIT %(walk_limit)s * {_ROWS_OF_A_DEVICE}
    ) AS passed
    WHERE axis = '{SEEN}' ORDER BY device_id LIMIT %(walk_limit)s
)
SELECT device_id FROM range
WHERE (SELECT is_rare FROM size) AND device_id > %(after)s
    AND effective_at >= %(time_from)s AND effective_at < %(time_to)s
UNION ALL
SELECT device_id FROM walk
WHERE (effective_at >= %(time_from)s AND effective_at < %(time_to)s)
    OR device_id = (SELECT device_id FROM walk ORDER BY device_id DESC LIMIT 1)
ORDER BY device_id LIMIT %(limit)s
"""  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True)
class Lead:
    """The one condition of a question by which candidates are looked for.

    Of the devices that a row of the answer is made of, at least one meets it.

    Attributes:
        question: for device ids behind `after`, in order; none: there are no more.
        parameters: of the question, but for `after` and `limit`.
        admits: tells whether what a device itself said meets the condition.
    """

    question: str
    parameters: Mapping[str, object]
    admits: Callable[[Parts], bool]


def choose_lead(selection: FleetSelection) -> Lead:
    """Returns the condition that is likely to have the fewest candidates."""
    if selection.countries:
        return _lead_by_country(selection.countries)
    if set(selection.roaming) == {TRUE}:
        return _lead_by_value(Axis.ROAMING, selection.roaming)
    if selection.last_event_from is not None or selection.last_event_to is not None:
        return _lead_by_time(selection)
    for axis, values in (
        (Axis.NETWORK_TYPE, selection.network_types),
        (Axis.CONNECTIVITY, selection.connectivity),
        (Axis.ROAMING, selection.roaming),
    ):
        if values:
            return _lead_by_value(axis, values)
    return Lead(ALL, {}, lambda parts: parts.last_event_at is not None)


@cache
def compose_tail_devices(behind: tuple[str, ...]) -> str:
    """Returns the question for the devices of the events that meet one of the conditions."""
    # Materialised, so that the index of the feed reads the tail: by the order of devices it would
    # be looked for in all events.
    return f"""
WITH tail AS MATERIALIZED ({select_events("device_id", behind)})
SELECT DISTINCT device_id FROM tail WHERE device_id > %(after)s ORDER BY device_id LIMIT %(limit)s
"""  # noqa: S608 - composed of constants


def ask_for_candidates(lead: Lead, after: UUID, limit: int) -> Question:
    """Asks for the next candidates by what is derived."""
    return Question(lead.question, {**lead.parameters, "after": after, "limit": limit})


def ask_for_tail_devices(behind: Behind, after: UUID, limit: int) -> Question:
    """Asks for the next devices of the events that are not derived yet."""
    parameters = {**behind.bounds, "after": after, "limit": limit}
    return Question(compose_tail_devices(behind.conditions), parameters)


def join_candidates(answers: Sequence[Rows], limit: int) -> list[UUID]:
    """Returns the next candidates in the order of their ids; none: there are no more.

    Args:
        answers: to `ask_for_candidates`, and to `ask_for_tail_devices` where that was asked.
    """
    derived, *tail = answers
    found = [device_id for (device_id,) in derived]
    # There may be more behind the last one.
    others = [each for rows in tail for (each,) in rows if not found or each <= found[-1]]
    return sorted({*found, *others})[:limit]


def _lead_by_value(axis: Axis, values: Sequence[str]) -> Lead:
    def admits(parts: Parts) -> bool:
        register = parts.registers.get(axis)
        return register is not None and register.latest.value in values

    return Lead(BY_VALUE, {"axis": axis, "values": sorted(set(values))}, admits)


def _lead_by_country(countries: Sequence[str]) -> Lead:
    def admits(parts: Parts) -> bool:
        register = parts.registers.get(Axis.COUNTRY)
        return register is not None and names_any(register.latest, countries)

    values = sorted(set(countries))
    codes = [int(value) for value in values if value.isdecimal()]
    parameters = {
        "axis": Axis.COUNTRY,
        "values": values,
        "codes": codes,
        "walk_limit": WALK_LIMIT,
        "last": LAST_DEVICE,
    }
    return Lead(BY_COUNTRY, parameters, admits)


def _lead_by_time(selection: FleetSelection) -> Lead:
    def admits(parts: Parts) -> bool:
        return parts.last_event_at is not None and selection.admits_time(parts.last_event_at)

    time_from, time_to = selection.last_event_from, selection.last_event_to
    parameters = {
        "time_from": time_from or "-infinity",
        "time_to": time_to or "infinity",
        "hour_from": _hour(time_from, "0"),
        "hour_to": _hour(time_to, "9999"),
        "rare_limit": RARE_LIMIT,
        "walk_limit": WALK_LIMIT,
    }
    return Lead(BY_TIME, parameters, admits)


def _hour(time: datetime | None, otherwise: str) -> str:
    """Returns the hour of a time as the register of the latest event has it.

    Args:
        otherwise: where there is no time, or its hour in UTC lies outside the calendar.
    """
    try:
        return otherwise if time is None else time.astimezone(UTC).isoformat()[:13]
    except OverflowError:
        return otherwise
