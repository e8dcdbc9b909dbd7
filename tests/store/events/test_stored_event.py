"""A row becomes the event that was stored."""

import re

import psycopg
from sqlalchemy import Column, Text
from sqlalchemy.dialects.postgresql import ARRAY

from receiver.events.event import Device, Status
from receiver.store.events.history import History
from receiver.store.events.ingest import Ingest
from receiver.store.events.keys import EventKey
from receiver.store.events.selection import Position, Selection
from receiver.store.events.stored_event import BYTES, COLUMNS, StoredEvent
from tests.support.arrivals import arrival


def test_every_text_that_a_reader_gets_counts_among_the_bytes_of_an_event() -> None:
    read = (column for column in COLUMNS if isinstance(column, Column))
    texts = {column.name for column in read if isinstance(column.type, (Text, ARRAY))}
    counted = set(re.findall(r"event\.(\w+)", str(BYTES.element)))
    assert texts == counted


async def only_event(history: History) -> StoredEvent:
    [found], more = await history.page(
        Selection(), order="desc", after=None, limit=10, limit_bytes=1
    )
    assert not more
    return found


async def test_a_stored_event_comes_back_as_it_was(ingest: Ingest, history: History) -> None:
    sent = arrival(1)
    await ingest.commit([sent, arrival(1)])
    found = await only_event(history)
    event = sent.event
    for name in set(event._fields) - {"digest", "payload"}:
        assert getattr(event, name) == getattr(found, name), name
    assert (found.credential, found.received_at) == (sent.credential, sent.received_at)
    assert sent.device_id == found.device_id.hex
    assert found.deliveries == 2


async def test_an_event_that_lost_its_identity_was_delivered_once(
    ingest: Ingest, history: History, conninfo: str
) -> None:
    await ingest.commit([arrival(1), arrival(1)])
    with psycopg.connect(conninfo) as connection:
        connection.execute("DELETE FROM event_identity")
    found = await only_event(history)
    assert found.deliveries == 1


async def test_members_that_an_event_does_not_have_come_back_as_none(
    ingest: Ingest, history: History
) -> None:
    await ingest.commit(
        [
            arrival(
                source=None, event_id=None, subscription_id=None, findings=(), device=Device(),
                status=Status(),
            )
        ]
    )  # fmt: skip
    found = await only_event(history)
    assert (found.source, found.event_id, found.subscription_id) == (None, None, None)
    assert (found.device, found.status, found.findings) == (Device(), Status(), ())


async def test_its_key_finds_it_and_its_position_ends_a_page(
    ingest: Ingest, history: History
) -> None:
    await ingest.commit([arrival()])
    found = await only_event(history)
    assert await history.event(found.key) == (found, arrival().event.payload)
    assert found.key == EventKey(found.device_id, found.stored_at, found.seq)
    assert found.position == Position(found.occurred_at, found.stored_at, found.seq)
