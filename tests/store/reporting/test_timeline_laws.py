"""The views and functions for psql say what the folds say, for any order and repetition."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import receiver
from receiver.events.axes import HOME, TRUE, Axis
from receiver.events.event import Status
from receiver.projection import status
from receiver.projection.availability import measure_days
from receiver.projection.coverage import list_losses
from receiver.projection.intervals import Interval, cut
from receiver.projection.links import find_row
from receiver.projection.status import NEVER_REPORTED
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import Projection
from tests.support.facts import DEVICES, Told, told
from tests.support.intervals import at
from tests.support.lengths import lengths
from tests.support.linked import replay_links
from tests.support.registered import NOTHING, Registered, registered, store_registrations
from tests.support.replayed_timelines import facts_of, history, sessions, subscriptions_of
from tests.support.store.database import CLEAR_EVENTS

REPORTING = Path(receiver.__file__).parent / "store" / "reporting"
LENGTHS = st.integers(1, 40) | st.integers(700, 1500)
STARTS = st.integers(-5, 13)
HISTORIES = st.lists(told(), min_size=1, max_size=25, unique_by=lambda event: event.digest)
Row = tuple[object, ...]

# Faults: a file, a text in it, and what stands in its place.
FAULTS = {
    "a link from several devices": (
        "internal/subscription_link.sql",
        "AND other.device_id <> stronger.device_id",
        "AND false",
    ),
    "a link from an equal": (
        "internal/identifier_link.sql",
        "AND stronger.strength > 2",
        "AND stronger.strength >= 2",
    ),
    "a row for what stands for another one": (
        "internal/device_member.sql",
        "WHERE link.device_id = seen.device_id AND",
        "WHERE false AND",
    ),
    "inactive for ever": (
        "internal/subscription_span.sql",
        "= 'SUBSCRIPTION_INACTIVE'",
        "IS NOT NULL",
    ),
    "one name of a merged subscription": (
        "internal/subscription_span.sql",
        "bit_or(told.names)",
        "min(told.names)",
    ),
    "the reason of the later closing": (
        "internal/subscription_span.sql",
        "ended_at <= coalesce(inactive_at, 'infinity')",
        "ended_at IS NOT NULL",
    ),
    "what begins later covers": (
        "internal/uncovered.sql",
        "WHERE other.first_at <= closed.closed_at",
        "WHERE true",
    ),
    "what ends together covers": (
        "internal/uncovered.sql",
        "'infinity') > closed.closed_at",
        "'infinity') >= closed.closed_at",
    ),
    "an end before the last event": (
        "internal/axis_status.sql",
        "min(uncovered.at) FILTER (WHERE uncovered.at >= latest.effective_at)",
        "min(uncovered.at)",
    ),
    "the last closing": (
        "internal/axis_status.sql",
        "min(uncovered.at) FILTER",
        "max(uncovered.at) FILTER",
    ),
    "an ended value began before it ended": (
        "internal/axis_status.sql",
        "max(uncovered.at) FILTER (WHERE uncovered.at <",
        "max(uncovered.at) FILTER (WHERE false AND uncovered.at <",
    ),
    "a contradiction of another device": (
        "internal/axis_status.sql",
        "ELSE effective_at END AS against_at",
        "ELSE '-infinity' END AS against_at",
    ),
    "a value begins with the first event": (
        "device.sql",
        "CASE WHEN device.connectivity_after_at = '-infinity'",
        "CASE WHEN true",
    ),
    "every clock is believed": (
        "internal/axis_interval.sql",
        "THEN event.received_at",
        "THEN event.occurred_at",
    ),
    "a closing comes before the events of its moment": (
        "internal/axis_interval.sql",
        "ORDER BY at, is_closing, specificity",
        "ORDER BY at, specificity",
    ),
    "a value that another one ends": (
        "internal/axis_interval.sql",
        "way_out.value = holding.held)",
        "true)",
    ),
    "what lasts no time is shown": (
        "internal/axis_interval.sql",
        "WHERE begun.to_at IS NULL OR",
        "WHERE true OR",
    ),
    "an unknown end": (
        "roaming_session.sql",
        "roaming.ended_because IS NULL AS",
        "roaming.to_at IS NOT NULL AS",
    ),
    "a country that is not known any more": (
        "device.sql",
        "WHERE unknown_since IS NULL\n                AND ((axis",
        "WHERE true\n                AND ((axis",
    ),
    "no look before the range": (
        "functions/intervals.sql",
        "AND latest.first_at < from_time",
        "AND false",
    ),
    "a latest event before the range is none": (
        "functions/intervals.sql",
        "WHERE latest.effective_at < from_time",
        "WHERE false",
    ),
    "what is not believed is none": (
        "functions/intervals.sql",
        "AND event.received_at < to_time",
        "AND false",
    ),
    "never reported is nothing": (
        "functions/intervals.sql",
        "HAVING min(begun.at) > from_time OR",
        "HAVING",
    ),
    "a day that does not end": (
        "functions/availability.sql",
        "least(known.to_at, part.day + interval '24 hours', ",
        "least(known.to_at, ",
    ),
    "unknown is unavailable": (
        "functions/availability.sql",
        "FILTER (WHERE known.value = 'NOT_CONNECTED')",
        "FILTER (WHERE known.value IS DISTINCT FROM 'CONNECTED_DATA')",
    ),
}
OF_REGISTRATIONS = {
    "a registered device is no evidence of a link": (
        "internal/subscription_link.sql",
        "registered.device_id IS NOT NULL",
        "false",
    ),
    "a registered device is no evidence against a link": (
        "internal/subscription_link.sql",
        "AND registered.device_id <> stronger.device_id",
        "AND false",
    ),
    "a registered device links against reported ones": (
        "internal/subscription_link.sql",
        "registered.device_id IS NOT NULL AND NOT EXISTS (",
        "registered.device_id IS NOT NULL AND NOT EXISTS (SELECT WHERE false) OR EXISTS (",
    ),
    "registered types cover nothing": (
        "internal/registered_span.sql",
        "SELECT bit_or(bit.value)",
        "SELECT min(0)",
    ),
    "a registration covers from the first event on": (
        "internal/subscription_span.sql",
        "least(told.first_at, registered.first_at)",
        "told.first_at",
    ),
    "what tells of no device covers nothing": (
        "internal/subscription_span.sql",
        "registered ON registered.device_id = member.member_id",
        "registered ON false",
    ),
    "a device without events is registered for nothing": (
        "internal/device_member.sql",
        "WHERE seen.device_id = link.linked_device_id AND",
        "WHERE true OR",
    ),
}
# Those that also run by default, found within a few examples; the others with `-m long`.
QUICK = (
    "never reported is nothing",
    "unknown is unavailable",
    "a registered device is no evidence of a link",
    "registered types cover nothing",
)
CLOSINGS = ("connectivity-data", "network-type-changed", "roaming-on", "subscription-ended")
# What is both inactive and ended is rare among all events.
RARELY_FOUND = ("the reason of the later closing",)
CLOSED = ("connectivity-data", "subscription-ended", "subscription-updated")
CLOSED_HISTORIES = st.lists(
    told(CLOSED), min_size=6, max_size=12, unique_by=lambda event: event.digest
)
REGISTERED_HISTORIES = st.lists(
    told(CLOSINGS), min_size=6, max_size=12, unique_by=lambda event: event.digest
)


def rows_of(events: Sequence[Told], registrations: Registered) -> list[UUID]:
    """Returns the devices that have a row: those that stand for none that has one."""
    links = replay_links(events, registrations)
    return sorted({find_row(event.device_id, links) for event in events})


def expect_status(device_id: UUID, events: Sequence[Told], registrations: Registered) -> Row:
    facts = facts_of(device_id, events, registrations)
    registers = status.fold(facts)
    subscriptions = subscriptions_of(device_id, events, registrations)
    found: list[object] = [device_id]
    answers = {a: status.answer(a, registers.get(a), list_losses(subscriptions)) for a in Axis}
    for axis in (Axis.CONNECTIVITY, Axis.ROAMING, Axis.NETWORK_TYPE):
        answer = answers[axis]
        if answer.latest is None:
            found += [None, None, None, NEVER_REPORTED, None, None]
            continue
        value = answer.latest.value
        said = value == TRUE if axis is Axis.ROAMING else value
        closing = answer.closing
        found += [
            said if closing is None else None,
            status.find_beginning(axis, answer, facts),
            answer.latest.rank.at,
            None if closing is None else closing.reason,
            None if closing is None else closing.at,
            None if closing is None else said,
        ]
        if axis is Axis.ROAMING:
            roams = closing is None and said
            country = answers[Axis.COUNTRY]
            is_known = roams and country.latest is not None and country.closing is None
            if is_known and country.latest is not None and country.latest.value != HOME:
                name = country.latest.country_name
                found += [country.latest.value, country.latest.country_code]
                found += [None if name is None else list(name)]
            else:
                found += [None, None, None]
    if answers[Axis.ROAMING].latest is None:
        found[13:13] = [None, None, None]
    times = [fact.effective_at for fact in facts]
    return (*found, min(times), max(times))


STATUS = """
SELECT device_id, connectivity, connectivity_since, connectivity_confirmed_at,
    connectivity_unknown_because, connectivity_unknown_since, connectivity_last,
    roaming, roaming_since, roaming_confirmed_at,
    roaming_unknown_because, roaming_unknown_since, roaming_last,
    country, country_code, country_name,
    connected_network_type, connected_network_type_since, connected_network_type_confirmed_at,
    connected_network_type_unknown_because, connected_network_type_unknown_since,
    connected_network_type_last, first_event_at, last_event_at
FROM reporting.device ORDER BY device_id
"""
INTERVALS = {
    Axis.CONNECTIVITY: "SELECT * FROM reporting.connectivity_interval ORDER BY 1, 2",
    Axis.NETWORK_TYPE: "SELECT * FROM reporting.network_type_interval ORDER BY 1, 2",
}
SESSIONS = "SELECT * FROM reporting.roaming_session ORDER BY 1, 2"
STAYS = "SELECT * FROM reporting.roaming_stay ORDER BY 1, 3"
LINKS = "SELECT device_id, stands_for_device_id FROM reporting.device_link ORDER BY 1"
RANGE = """
SELECT device_id, from_at, to_at, value, unknown_because, began_earlier
FROM reporting.intervals(%s, %s, %s) ORDER BY 1, 2
"""
DAYS = "SELECT * FROM reporting.availability(%s, %s) ORDER BY 1, 2"


def compare(
    connection: psycopg.Connection[Row],
    events: Sequence[Told],
    start: datetime,
    end: datetime,
    registrations: Registered,
) -> None:
    def ask(question: str, *parameters: object) -> list[Row]:
        return connection.execute(question.encode(), parameters).fetchall()

    def recall(device: UUID, axis: Axis) -> list[Interval]:
        return history(device, events, axis, registered=registrations)

    devices = rows_of(events, registrations)
    assert sorted(replay_links(events, registrations).items()) == ask(LINKS)
    assert [expect_status(device, events, registrations) for device in devices] == ask(STATUS)
    for axis, question in INTERVALS.items():
        assert [
            (device, one.from_at, one.to_at, one.value, one.because)
            for device in devices
            for one in recall(device, axis)
        ] == ask(question)
    whole = [
        (device, one)
        for device in devices
        for one in sessions(device, events, at(-1000), None, registrations)
    ]
    assert [
        (
            device,
            stay.from_at,
            stay.to_at,
            stay.code,
            None if stay.name is None else list(stay.name),
        )
        for device, session in whole
        for stay in session.stays
    ] == [(row[0], row[2], row[3], row[5], row[6]) for row in ask(STAYS)]
    assert [
        (device, r.from_at, r.to_at, r.ended_because is None, r.ended_because, len(stays))
        for device, (r, stays) in whole
    ] == [(*row[:5], len(row[5])) for row in ask(SESSIONS)]  # type: ignore[arg-type] # a list
    for axis in Axis:
        assert [
            (device, one.from_at, one.to_at, one.value, one.because, one.began_earlier)
            for device in devices
            for one in cut(recall(device, axis), start, end)
        ] == ask(RANGE, axis, start, end)
    assert [
        (
            device,
            day,
            (lengths.total() - lengths[None] - lengths["NOT_CONNECTED"]) / 1_000_000,
            lengths["NOT_CONNECTED"] / 1_000_000,
            lengths[None] / 1_000_000,
        )
        for device in devices
        for day, lengths in measure_days(recall(device, Axis.CONNECTIVITY), start, end).items()
    ] == ask(DAYS, start, end)


async def store(conninfo: str, events: Sequence[Told]) -> None:
    ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    projection = Projection(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    try:
        await projection.derive_all()
        half = len(events) // 2
        for part in (events[half:], events):
            await ingest.commit([event.arrival for event in part])
            await projection.derive_all()
    finally:
        await projection.close()
        await ingest.close()


def check(
    conninfo: str,
    events: Sequence[Told],
    start: datetime,
    end: datetime,
    registrations: Registered = NOTHING,
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(CLEAR_EVENTS)
        store_registrations(connection, registrations)
        asyncio.run(store(conninfo, events))
        # Of few rows compiled plans are slower.
        connection.execute("SET jit = off")
        compare(connection, events, start, end, registrations)


@pytest.mark.parametrize("examples", lengths(10, 100))
def test_psql_says_what_the_folds_say(module_conninfo: str, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(events=HISTORIES, start=STARTS, length=LENGTHS, registrations=registered())
    def views_say_what_the_folds_say(
        events: list[Told], start: int, length: int, registrations: Registered
    ) -> None:
        check(module_conninfo, events, at(start), at(start + length), registrations)

    views_say_what_the_folds_say()


def test_of_all_devices_of_a_subscription_the_latest_update_counts(conninfo: str) -> None:
    strong, weak = DEVICES[0], DEVICES[-1]
    said = Status(connectivity="CONNECTED_DATA")
    inactive, active = (Status(update_reason=f"SUBSCRIPTION_{w}") for w in ("INACTIVE", "ACTIVE"))
    events = [
        Told(strong, "s-1", "connectivity-data", said, 1, 0, 0),
        Told(strong, "s-1", "subscription-updated", inactive, 2, 0, 0),
        Told(weak, "s-1", "subscription-updated", active, 3, 0, 0),
    ]
    check(conninfo, events, at(0), at(10))
    check(conninfo, [events[0], events[1]._replace(status=active), events[2]], at(0), at(10))


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(name, id=name, marks=[] if name in QUICK else [pytest.mark.long])
        for name in {**FAULTS, **OF_REGISTRATIONS}
    ],
)
def test_a_fault_of_a_view_is_found(conninfo: str, fault: str) -> None:
    name, right, wrong = {**FAULTS, **OF_REGISTRATIONS}[fault]
    histories, drawn = HISTORIES, st.just(NOTHING)
    if fault in OF_REGISTRATIONS:
        histories, drawn = REGISTERED_HISTORIES, registered(min_size=2)
    elif fault in RARELY_FOUND:
        histories = CLOSED_HISTORIES
    sound = (REPORTING / name).read_text()
    assert right in sound
    faulty = sound.replace(right, wrong).replace("CREATE ", "CREATE OR REPLACE ", 1)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(faulty.encode())

    @settings(
        max_examples=400, deadline=None, database=None, derandomize=True, phases=(Phase.generate,)
    )
    @given(events=histories, start=STARTS, length=LENGTHS, registrations=drawn)
    def views_are_specified(
        events: list[Told], start: int, length: int, registrations: Registered
    ) -> None:
        check(conninfo, events, at(start), at(start + length), registrations)

    with pytest.raises(AssertionError):
        views_are_specified()
