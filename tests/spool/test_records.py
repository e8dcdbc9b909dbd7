"""A record comes back as it went in, whatever of it is missing."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import ContentRejected
from receiver.events.event import Arrival, Device, Event, Form, Kind, Status
from receiver.spool.records import Record, read_record, write_record
from receiver.store.quarantine.rows import NewRow
from tests.support.arrivals import arrival

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TIME = st.datetimes(timezones=st.just(UTC))
ANY = st.from_type
DEVICE = st.builds(
    Device,
    st.none() | TEXT,
    st.none() | TEXT,
    st.none() | st.ip_addresses(v=4),
    st.none() | st.ip_addresses(v=4),
    st.none() | st.integers(1, 65_535),
    st.none() | st.ip_addresses(v=6),
)
STATUS = st.builds(
    Status,
    st.none() | TEXT,
    st.none() | st.booleans(),
    st.none() | st.integers(0, 2**31),
    st.none() | st.lists(TEXT, max_size=3).map(tuple),
    *[st.none() | TEXT] * 7,
)
EVENT = st.builds(
    Event,
    st.sampled_from(Kind),
    TEXT,
    TEXT,
    st.sampled_from(Form),
    st.none() | TEXT,
    st.none() | TEXT,
    st.none() | TEXT,
    TIME,
    DEVICE,
    STATUS,
    st.lists(TEXT, max_size=3).map(tuple),
    st.binary(min_size=16, max_size=16),
    TEXT,
)
ARRIVAL = st.builds(Arrival, TEXT, TEXT, TEXT, TIME, EVENT)
ROW = st.builds(
    NewRow,
    received_at=TIME,
    credential=TEXT,
    reason=TEXT,
    media_type=st.none() | TEXT,
    headers=st.dictionaries(TEXT, TEXT, max_size=3),
    body=st.binary(max_size=20),
    is_member=st.booleans(),
    arrival_id=TEXT,
)


@given(ARRIVAL | ROW)
def test_a_record_is_read_as_it_was_written(record: Record) -> None:
    assert read_record(write_record(record)) == record


def test_the_types_of_its_members_are_those_of_the_event() -> None:
    written = arrival()
    read = read_record(write_record(written))
    assert isinstance(read, Arrival)
    for before, after in zip(written.event, read.event, strict=True):
        assert type(after) is type(before)
    assert list(map(type, read.event.device)) == list(map(type, written.event.device))
    assert list(map(type, read.event.status)) == list(map(type, written.event.status))
    assert read.received_at == datetime(2026, 3, 1, 9, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize("changed", [{"event_id": "\ud800"}, {"name": "a\udfffb"}])
def test_what_postgres_could_not_hold_either_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ContentRejected):
        write_record(arrival(**changed))
