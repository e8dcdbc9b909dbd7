"""The facts of a fleet are what the service itself would have stored, in a table a month."""

import json
from contextlib import closing

from benchmark.fleet.asking import READER_TOKEN, Reader, Request
from benchmark.fleet.fleet import MONTHS, SECOND, USUAL, Shape
from benchmark.load.contents import phone_number
from benchmark.machine.postgres import ask_number, connect
from receiver.events import registry
from receiver.events.forms.structured import read_structured
from tests.support.fleet import SHAPE, FilledFleet

OURS = "credential LIKE 'benchmark%' AND event_id LIKE 'event-%'"
STATUSES = "SELECT count(DISTINCT device_id) FROM device_status"
# Months with events, and the indexes of each that belong to one of the table.
INDEXES = """
SELECT count(*) FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid
WHERE inhparent IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'event'::regclass)
    AND indisvalid AND indrelid IN (SELECT DISTINCT tableoid FROM event)
"""
INDEXES_OF_TABLE = "SELECT count(*) FROM pg_index WHERE indrelid = 'event'::regclass"
IDENTITIES = "SELECT count(*) FROM event_identity JOIN event USING (device_id, digest)"
OUT_OF_ORDER = f"""
SELECT count(*) FROM (
    SELECT stored_at < lag(stored_at) OVER (PARTITION BY tableoid ORDER BY ctid) AS is_earlier
    FROM event WHERE {OURS}
) AS event WHERE is_earlier
"""  # noqa: S608 - composed of constants
NOT_ANALYSED = """
SELECT count(*) FROM pg_class
WHERE reltuples < 0 AND oid IN (SELECT DISTINCT tableoid FROM event)
"""


def test_every_event_of_every_device_is_written_and_derived(filled: FilledFleet) -> None:
    assert ask_number(filled.url, f"SELECT count(*) FROM event WHERE {OURS}") == SHAPE.events  # noqa: S608
    assert ask_number(filled.url, STATUSES) >= SHAPE.devices - 10


def test_every_month_has_its_events_by_arrival_and_every_index(filled: FilledFleet) -> None:
    months = ask_number(filled.url, "SELECT count(DISTINCT tableoid) FROM event")
    assert months == MONTHS
    indexes = ask_number(filled.url, INDEXES_OF_TABLE)
    assert ask_number(filled.url, INDEXES) == months * indexes
    # A short row may fill what a long one left of an earlier page.
    assert ask_number(filled.url, OUT_OF_ORDER) <= SHAPE.events // 100
    assert ask_number(filled.url, NOT_ANALYSED) == 0


def test_every_event_has_an_identity_and_some_came_twice(filled: FilledFleet) -> None:
    assert ask_number(filled.url, IDENTITIES) == ask_number(
        filled.url, "SELECT count(*) FROM event"
    )
    assert ask_number(filled.url, "SELECT count(*) FROM event_identity WHERE deliveries = 2") > 0


def test_devices_are_found_by_their_phone_numbers(filled: FilledFleet) -> None:
    with closing(Reader(filled.running.address, READER_TOKEN)) as reader:
        for number in (0, 1, 4):
            device = {"phoneNumber": phone_number(number)}
            answer = reader.send(Request("/devices/retrieve", {"device": device}))
            assert answer.read()["deviceId"] == str(filled.fleet.ids[number])


def test_a_payload_means_the_event_that_has_it(filled: FilledFleet) -> None:
    query = (
        f"SELECT payload::text, name, event_id, phone_number, occurred_at FROM event WHERE {OURS}"  # noqa: S608
    )
    with connect(filled.url) as connection:
        rows = connection.execute(query.encode()).fetchmany(50)
    for payload, *stored in rows:
        envelope = read_structured(payload.encode())
        event = registry.understand(envelope, received_at=filled.fleet.end)
        told = [event.name, event.event_id, event.device.phone_number, event.occurred_at]
        assert told == stored
        assert len(json.dumps(payload)) > 400


def test_a_credential_has_its_own_devices(filled: FilledFleet) -> None:
    query = f"SELECT DISTINCT credential FROM event WHERE {OURS}"  # noqa: S608
    with connect(filled.url) as connection:
        found = {row[0] for row in connection.execute(query.encode())}
    assert {USUAL, SECOND} <= found


def test_a_size_is_named_in_short() -> None:
    titles = [Shape(20_000_000, 200_000).title, Shape(1_500_000, 10).title, Shape(0, 10).title]
    assert titles == ["20 M of 200 k devices", "1.5 M of 10 devices", "empty"]
