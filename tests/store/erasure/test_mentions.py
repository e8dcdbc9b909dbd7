"""Payloads of other devices are searched, as far as there is time."""

import pytest

from receiver.store.erasure.mentions import Mentions, find_mentions
from receiver.store.events.keys import read_event_id
from tests.store.erasure.conftest import OTHER_NUMBER, Stored
from tests.support.apart import FORMS
from tests.support.apart import apart as apart
from tests.support.arrivals import NAMESPACE
from tests.support.erasing import connected, identified
from tests.support.store.history import store

TEXTS = {
    '{"a": "+99999991000"}': True,
    '{"a": "0099999991000,"}': True,
    '{"a": 999999910001}': False,
    '{"a": "Device@Operator.example"}': True,
    '{"a": "my-device@operator.example.com"}': False,
    '{"a": "device@operator"}': False,
}


async def find(conninfo: str, stored: Stored, is_late: bool = False) -> Mentions:
    named = frozenset({"device@operator.example"})
    subject = stored.subject._replace(network_access_identifiers=named)
    async with connected(conninfo) as connection:
        return await find_mentions(connection, subject, lambda: is_late, blocks=1)


@FORMS
@pytest.mark.usefixtures("apart")
async def test_what_mentions_it_is_found_with_its_event(conninfo: str, stored: Stored) -> None:
    assert await find(conninfo, stored) == Mentions()
    events = [
        identified(NAMESPACE, 20 + n, phone_number=OTHER_NUMBER, payload=text)
        for n, text in enumerate(TEXTS)
    ]
    own = identified(NAMESPACE, 30, payload=next(iter(TEXTS)))
    await store(conninfo, [*events, own._replace(device_id=stored.subject.devices[0].hex)])
    found = await find(conninfo, stored)
    assert (found.events, found.is_whole) == (sum(TEXTS.values()), True)
    assert len(found.event_ids) == found.events
    assert read_event_id(found.event_ids[0]).device_id.hex == events[0].device_id


@FORMS
@pytest.mark.usefixtures("apart")
async def test_what_there_is_no_time_for_is_said(conninfo: str, stored: Stored) -> None:
    assert await find(conninfo, stored, is_late=True) == Mentions(0, (), is_whole=False)
