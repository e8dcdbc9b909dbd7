"""The id of an event carries the key of its row, and is the one that reports show."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.store.events.history import History
from receiver.store.events.ingest import Ingest
from receiver.store.events.keys import EventKey, read_event_id, write_event_id
from receiver.store.events.selection import Selection
from tests.support.arrivals import arrival
from tests.support.store.database import column

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEYS = st.builds(
    EventKey,
    device_id=st.uuids(),
    stored_at=st.integers(0, 2**53).map(lambda number: EPOCH + timedelta(microseconds=number)),
    seq=st.integers(0, 2**63 - 1),
)


@given(KEYS)
def test_an_id_carries_its_key_to_the_microsecond(key: EventKey) -> None:
    event_id = write_event_id(key)
    assert key == read_event_id(event_id)
    assert event_id.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("event_id", ["", "x", "AAAA", "not an id", "é", "A" * 43 + "!"])
def test_a_word_that_is_no_id_is_refused(event_id: str) -> None:
    with pytest.raises(ValueError, match=r"opaque word|ASCII"):
        read_event_id(event_id)


def test_a_time_outside_the_calendar_is_refused() -> None:
    key = EventKey(UUID(int=0), EPOCH, 1)
    event_id = write_event_id(key)[:22] + "f" + write_event_id(key)[23:]
    with pytest.raises(ValueError, match="calendar"):
        read_event_id(event_id)


async def test_reports_show_the_id_that_readers_get(
    ingest: Ingest, history: History, conninfo: str
) -> None:
    await ingest.commit([arrival()])
    [event], _ = await history.page(Selection(), order="desc", after=None, limit=1, limit_bytes=1)
    assert [write_event_id(event.key)] == column(conninfo, "SELECT event_id FROM reporting.event")
