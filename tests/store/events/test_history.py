"""Pages of events against a real Postgres: nothing lost, nothing twice."""

import asyncio
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID, uuid4, uuid5

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receiver.events.event import Device, Status
from receiver.store.connections.engine import question_engine
from receiver.store.connections.keyset import Order
from receiver.store.events.history import History
from receiver.store.events.selection import Selection
from tests.support.arrivals import MORNING, NAMESPACE, PHONE_NUMBER, arrival
from tests.support.store.history import store, walk

DEVICE_ID = uuid5(NAMESPACE, PHONE_NUMBER)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    microseconds=st.lists(st.integers(0, 2), min_size=1, max_size=40),
    batches=st.integers(1, 4),
    limit=st.integers(1, 7),
    limit_bytes=st.integers(1, 5000),
    order=st.sampled_from(["asc", "desc"]),
)
def test_pages_through_events_that_share_a_microsecond_lose_and_repeat_nothing(
    conninfo: str,
    microseconds: list[int],
    batches: int,
    limit: int,
    limit_bytes: int,
    order: Order,
) -> None:
    async def story() -> None:
        phone_number = f"+{uuid4().int % 10**15:015}"
        arrivals = [
            arrival(
                number,
                phone_number=phone_number,
                occurred_at=MORNING + timedelta(microseconds=microsecond),
                source="😀" * (number % 3 * 500),
            )
            for number, microsecond in enumerate(microseconds)
        ]
        for batch in range(batches):
            if arrivals[batch::batches]:
                await store(conninfo, arrivals[batch::batches])
        engine = question_engine(
            conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
        )
        selection = Selection(device_id=uuid5(NAMESPACE, phone_number))
        seen = await walk(History(engine), selection, order, limit, limit_bytes)
        await engine.dispose()
        assert sorted(seen) == sorted(f"event-{number}" for number in range(len(microseconds)))
        times = [microseconds[int(name.removeprefix("event-"))] for name in seen]
        assert times == sorted(times, reverse=order == "desc")

    asyncio.run(story())


async def test_events_that_arrive_between_two_pages_neither_shift_nor_repeat(
    history: History, conninfo: str
) -> None:
    await store(conninfo, [arrival(number) for number in range(0, 20, 2)])
    selection = Selection(device_id=DEVICE_ID)
    first, _ = await history.page(selection, order="desc", after=None, limit=4, limit_bytes=10**6)
    await store(conninfo, [arrival(number) for number in range(1, 30, 2)])
    rest, _ = await history.page(
        selection, order="desc", after=first[-1].position, limit=100, limit_bytes=10**6
    )
    seen = [str(event.event_id) for event in (*first, *rest)]
    assert len(seen) == len(set(seen))
    assert {f"event-{number}" for number in range(0, 20, 2)} <= set(seen)


async def test_of_large_events_no_more_are_fetched_than_the_bytes_allow(
    history: History, conninfo: str
) -> None:
    names = ("😀" * 100,) * 20
    size = len("😀".encode()) * (2000 + 100 * 20)
    status = Status(country_name=names)
    arrivals = [arrival(number, source="😀" * 2000, status=status) for number in range(30)]
    await store(conninfo, arrivals)
    for limit_bytes, expected in ((1, 1), (3 * size, 3), (100 * size, 30)):
        events, end = await history.page(
            Selection(device_id=DEVICE_ID),
            order="asc",
            after=None,
            limit=30,
            limit_bytes=limit_bytes,
        )
        assert [event.event_id for event in events] == [f"event-{n}" for n in range(expected)]
        assert (end is not None) == (expected < 30)


async def test_a_device_is_summed_up_by_its_identifiers_and_its_first_and_last_event(
    history: History, conninfo: str
) -> None:
    later_address = Device(phone_number=PHONE_NUMBER, ipv6_address=IPv6Address("2001:db8::2"))
    await store(
        conninfo, [arrival(2, device=later_address), arrival(1), arrival(3, device=Device())]
    )
    summary = await history.device(DEVICE_ID)
    assert summary is not None
    assert summary.first_event is not None
    assert summary.last_event is not None
    assert (summary.first_event.event_id, summary.last_event.event_id) == ("event-1", "event-3")
    assert summary.identifiers == (
        Device(phone_number=PHONE_NUMBER),
        Device(ipv6_address=IPv6Address("2001:db8::2")),
        Device(network_access_identifier="device@operator.example"),
        Device(
            ipv4_public_address=IPv4Address("203.0.113.7"),
            ipv4_private_address=IPv4Address("192.0.2.25"),
            ipv4_public_port=4711,
        ),
        Device(ipv6_address=IPv6Address("2001:db8::1")),
    )  # fmt: skip
    assert await history.device(UUID(int=0)) is None


async def test_the_devices_that_reported_an_identifier_come_once_each_the_latest_first(
    history: History, conninfo: str
) -> None:
    numbers = ["+99999991001", "+99999991002", "+99999991003"]
    await store(
        conninfo,
        [arrival(n, phone_number=number) for n, number in enumerate([*numbers, *numbers])],
    )
    devices = [uuid5(NAMESPACE, number) for number in reversed(numbers)]
    reported = Device(network_access_identifier="device@operator.example")
    assert await history.devices_reporting(reported, 4) == devices
    assert await history.devices_reporting(reported, 2) == devices[:2]
    assert await history.devices_reporting(Device(phone_number="+99999991009"), 2) == []
