"""Each page reads an index in its order."""

import asyncio
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from uuid import uuid5

import pytest

from receiver.events.event import Device
from receiver.store.connections.keyset import Order
from receiver.store.events.paging.statements import has_filters, page_statement
from receiver.store.events.selection import Position, Selection
from tests.support.arrivals import MORNING, NAMESPACE, PHONE_NUMBER, arrival
from tests.support.instructions import Instructions
from tests.support.store.database import plan
from tests.support.store.history import store

DEVICE_ID = uuid5(NAMESPACE, PHONE_NUMBER)


def test_a_page_of_a_device_or_a_subscription_has_no_filter() -> None:
    assert not has_filters(Selection(device_id=DEVICE_ID))
    assert not has_filters(Selection(subscription_ids=["s-1"]))
    assert has_filters(Selection(device_id=DEVICE_ID, kinds=["roaming"]))
    assert has_filters(Selection(received_from=MORNING))


ADDRESS = IPv4Address("203.0.113.7")
PLANS: list[tuple[Selection, str]] = [
    (Selection(device_id=DEVICE_ID), "device_id_occurred_at"),
    (
        Selection(reported=Device(network_access_identifier="device@operator.example")),
        "network_access_identifier",
    ),
    (Selection(reported=Device(ipv6_address=IPv6Address("2001:db8::1"))), "ipv6_address"),
    (Selection(reported=Device(ipv4_public_address=ADDRESS)), "ipv4_public_address"),
    (
        Selection(reported=Device(ipv4_public_address=ADDRESS, ipv4_public_port=4711)),
        "ipv4_public_address",
    ),
    (Selection(), "_pkey on event_2"),
    (Selection(subscription_ids=["s-rare"]), "subscription_id_stored_at_seq"),
]


@pytest.fixture(scope="module")
def filled(module_conninfo: str) -> str:
    """A database with a thousand devices of one event each, and one of three thousand."""
    others = [
        arrival(
            number,
            phone_number=f"+9999999{number:04}",
            device=Device(),
            subscription_id="s-rare" if number % 5 == 0 else "s-other",
        )
        for number in range(1000)
    ]
    one = (arrival(number) for number in range(1000, 4000))
    asyncio.run(store(module_conninfo, [*others, *one]))
    return module_conninfo


@pytest.mark.parametrize(("selection", "index"), PLANS)
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_every_page_reads_an_index_and_sorts_nothing(
    filled: str, selection: Selection, index: str, order: Order
) -> None:
    an_hour = timedelta(hours=1 if order == "desc" else -1)
    after = Position(MORNING + timedelta(seconds=2500), datetime.now(UTC) + an_hour, 5)
    question = page_statement(selection, order=order, after=after, limit=10, limit_bytes=10**6)
    found = plan(filled, question)
    assert index in found
    assert "->  Sort" not in found
    assert "Seq Scan on event" not in found


def test_a_question_for_a_page_is_made_without_following_where_its_columns_come_from() -> None:
    def make() -> object:
        return page_statement(Selection(), order="desc", limit=51, limit_bytes=10**6)

    # The first one fills caches.
    make()
    with Instructions() as instructions:
        make()
    # A quarter more if they are followed: a third of the time.
    assert instructions.number < 70_000
