"""The hot insert against a real Postgres, in both of its forms."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import (
    CommitRefused,
    CommitUnknown,
    ContentRejected,
)
from receiver.events.event import Device, Status
from receiver.store.connections import silence
from receiver.store.connections.engine import asking, question_engine
from receiver.store.connections.names import Hosts
from receiver.store.connections.silence import PatientConnection
from receiver.store.events import ingest as ingest_module
from receiver.store.events.ingest import Form, Ingest
from receiver.store.events.storing import two_statements
from receiver.store.events.storing.rows import fold
from tests.support.arrivals import MORNING, arrival
from tests.support.relay import relayed
from tests.support.store.database import rows
from tests.support.store.durability import COMMITS, TURNED_OFF, count_flushed
from tests.support.store.forms import FORMS
from tests.support.store.read_only import read_only

EVENT = "SELECT * FROM event"
DELIVERIES = "SELECT deliveries FROM event_identity"
WAITING = (
    "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    """Each form that the database takes."""
    one: Form = request.param
    return one


async def test_an_arrival_is_stored_with_every_column(ingest: Ingest, conninfo: str) -> None:
    sent = arrival(1)
    await ingest.commit([sent])
    [stored] = rows(conninfo, EVENT)
    assert {name: stored[name] for name in stored if name not in {"stored_at", "xact"}} == {
        "device_id": UUID(sent.device_id),
        "seq": 1,
        "digest": sent.event.digest,
        "kind": "roaming",
        "name": "roaming-status",
        "type": sent.event.type,
        "form": "cloudevents",
        "source": sent.event.source,
        "event_id": "event-1",
        "subscription_id": "s-1",
        "credential": "operator",
        "occurred_at": sent.event.occurred_at,
        "received_at": sent.received_at,
        "phone_number": sent.event.device.phone_number,
        "network_access_identifier": "device@operator.example",
        "ipv4_public_address": sent.event.device.ipv4_public_address,
        "ipv4_private_address": sent.event.device.ipv4_private_address,
        "ipv4_public_port": 4711,
        "ipv6_address": sent.event.device.ipv6_address,
        "connectivity": None,
        "roaming": True,
        "country_code": 208,
        "country_name": ["FR", 'a "b" \\ c, d'],
        "connected_network_type": None,
        "termination_reason": None,
        "initiation_reason": None,
        "update_reason": None,
        "termination_description": None,
        "initiation_description": None,
        "update_description": None,
        "findings": ["time-without-zone"],
        "payload": {"id": "event-1"},
    }
    [text] = rows(conninfo, "SELECT payload::text AS payload FROM event")
    assert text == {"payload": sent.event.payload}


async def test_an_event_that_says_almost_nothing_is_stored(ingest: Ingest, conninfo: str) -> None:
    bare = arrival(
        1, source=None, event_id=None, subscription_id=None, device=Device(), status=Status(),
        findings=(),
    )  # fmt: skip
    await ingest.commit([bare, arrival(2)])
    assert {row["findings"] == [] for row in rows(conninfo, EVENT)} == {True, False}


async def test_the_descriptions_of_reasons_are_stored(ingest: Ingest, conninfo: str) -> None:
    described = Status(
        termination_description="a", initiation_description="b", update_description="c"
    )
    await ingest.commit([arrival(1), arrival(2, status=described)])
    shown = "SELECT termination_description, initiation_description, update_description FROM event"
    stored = [tuple(row.values()) for row in rows(conninfo, f"{shown} ORDER BY event_id")]
    assert stored == [(None, None, None), ("a", "b", "c")]


async def test_the_same_event_again_adds_no_row_and_counts_a_delivery(
    ingest: Ingest, conninfo: str
) -> None:
    await ingest.commit([arrival(1)])
    await ingest.commit([arrival(1), arrival(1), arrival(2)])
    assert len(rows(conninfo, EVENT)) == 2
    assert sorted(row["deliveries"] for row in rows(conninfo, DELIVERIES)) == [1, 3]


async def test_a_batch_tried_again_counts_once(ingest: Ingest, conninfo: str) -> None:
    batch = [arrival(1), arrival(1), arrival(2)]
    await ingest.commit(batch)
    await ingest.commit(batch)
    assert sorted(row["deliveries"] for row in rows(conninfo, DELIVERIES)) == [1, 2]
    assert len(rows(conninfo, EVENT)) == 2


async def test_one_batch_is_one_transaction(ingest: Ingest, conninfo: str) -> None:
    await ingest.commit([arrival(number) for number in range(20)])
    stored = rows(conninfo, "SELECT DISTINCT xact::text, stored_at FROM event")
    assert len(stored) == 1


@pytest.mark.undistributed("the coordinator writes nothing of an event")
@pytest.mark.parametrize("turn_off", TURNED_OFF)
async def test_a_commit_is_on_disk_when_it_is_answered_also_where_that_was_turned_off(
    conninfo: str, form: Form, turn_off: Callable[[str], str]
) -> None:
    store = Ingest(turn_off(conninfo), statement_timeout_seconds=10, prepare_threshold=2, form=form)
    flushed = await count_flushed(conninfo, lambda number: store.commit([arrival(number)]))
    await store.close()
    assert flushed == COMMITS


@pytest.mark.parametrize(
    "bad",
    [
        arrival(1, payload='{"id": "\\u0000'),
        arrival(1, subscription_id="a\0b"),
        arrival(1, device=Device(network_access_identifier=secrets.token_hex(5000))),
        arrival(1, status=Status(country_code=10**30)),
        arrival(1, event_id="\ud800"),
    ],
)
async def test_content_that_postgres_cannot_hold_is_rejected_and_nothing_of_its_batch_is_stored(
    ingest: Ingest, conninfo: str, bad: Any
) -> None:
    with pytest.raises(ContentRejected):
        await ingest.commit([bad, arrival(2)])
    assert rows(conninfo, DELIVERIES) == []
    await ingest.commit([arrival(2)])
    assert len(rows(conninfo, EVENT)) == 1


async def test_one_arrival_that_says_the_same_twice_is_one_delivery(
    ingest: Ingest, conninfo: str
) -> None:
    sent = arrival(1)
    await ingest.commit([sent, sent])
    assert rows(conninfo, DELIVERIES) == [{"deliveries": 1}]
    await ingest.commit([arrival(1), arrival(1)])
    assert rows(conninfo, DELIVERIES) == [{"deliveries": 3}]


async def test_a_lost_connection_may_be_tried_again_and_the_next_commit_works(
    ingest: Ingest, conninfo: str
) -> None:
    await ingest.commit([arrival(1)])
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("BEGIN; LOCK TABLE event_identity IN ACCESS EXCLUSIVE MODE")
        commit = asyncio.create_task(ingest.commit([arrival(2)]))
        with psycopg.connect(conninfo, autocommit=True) as other:
            blocked = """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE wait_event_type = 'Lock' AND datname = current_database()
            """
            while not other.execute(blocked).fetchall():
                await asyncio.sleep(0.01)
        with pytest.raises((CommitRefused, CommitUnknown)):
            await commit
        connection.execute("ROLLBACK")
    await ingest.commit([arrival(2)])
    assert len(rows(conninfo, EVENT)) == 2


async def test_a_silent_server_may_be_asked_again_and_the_next_commit_works(
    conninfo: str, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "MARGIN_SECONDS", -9.5)
    store = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None, form=form)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("BEGIN; LOCK TABLE event_identity IN ACCESS EXCLUSIVE MODE")
        # Of several statements the commit was not sent yet.
        with pytest.raises((CommitRefused, CommitUnknown)):
            await store.commit([arrival(1)])
        connection.execute("ROLLBACK")
    await store.commit([arrival(1), arrival(2)])
    await store.close()
    # The session that was let go of may have stored it as well, as one more delivery of the same.
    assert len(rows(conninfo, EVENT)) == 2


async def test_a_host_on_which_a_commit_hangs_is_not_the_first_one_for_the_next(
    conninfo: str, tmp_path: Path
) -> None:
    """As of a leader that was replaced, does not know it, and stands first in the URL."""
    with relayed(tmp_path / "first", conninfo) as first:
        ways = [conninfo_to_dict(each) for each in (first.conninfo, conninfo)]
        both = make_conninfo(
            conninfo,
            **{name: ",".join(str(way[name]) for way in ways) for name in ("host", "port")},
        )
        hosts = Hosts()
        store = Ingest(both, statement_timeout_seconds=10, prepare_threshold=None, hosts=hosts)
        engine = question_engine(
            both, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None, hosts=hosts
        )
        await store.commit([arrival(1)])
        assert await host_of(engine) == ways[0]["host"]
        with psycopg.connect(conninfo) as holder:
            holder.execute("LOCK TABLE event_identity IN ACCESS EXCLUSIVE MODE")
            hanging = asyncio.create_task(store.commit([arrival(2)]))
            while not rows(conninfo, WAITING):
                await asyncio.sleep(0.01)
            first.fail_over()
            holder.rollback()
        await store.commit([arrival(3)])
        # Questions follow, or they would be answered from what the first host still has.
        assert await host_of(engine) == ways[1]["host"]
        hanging.cancel()
        await asyncio.wait([hanging])
        await engine.dispose()
        await store.close()


async def host_of(engine: AsyncEngine) -> str:
    async with asking(engine) as connection:
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert isinstance(driver, PatientConnection)
        return driver.way.address


async def test_a_database_that_is_away_refuses() -> None:
    store = Ingest(
        "postgresql://receiver@127.0.0.1:1/receiver",
        statement_timeout_seconds=1,
        prepare_threshold=None,
    )
    with pytest.raises(CommitRefused) as refused:
        await store.commit([arrival(1)])
    assert refused.value.fault == "unreachable"


async def test_a_read_only_database_refuses_and_heals(ingest: Ingest, conninfo: str) -> None:
    await ingest.commit([arrival(1)])
    with read_only(conninfo):
        for _ in range(2):
            # The session that was cut is unknown, the next one is read-only.
            with pytest.raises((CommitRefused, CommitUnknown)) as failed:
                await ingest.commit([arrival(2)])
    assert failed.type is CommitRefused
    await ingest.commit([arrival(2)])
    assert len(rows(conninfo, EVENT)) == 2


@pytest.mark.parametrize("text", ['["\0"]', '["\ud800"]'])
async def test_what_the_driver_cannot_send_is_rejected_and_nothing_is_stored(
    ingest: Ingest, conninfo: str, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(ingest_module, "rows_of", lambda _batch: text)
        patched.setattr(two_statements, "fold", lambda batch: [{**fold(batch)[0], "type": text}])
        with pytest.raises(ContentRejected):
            await ingest.commit([arrival(1)])
    assert rows(conninfo, EVENT) == []
    await ingest.commit([arrival(1)])
    assert len(rows(conninfo, EVENT)) == 1


async def test_the_same_events_in_opposite_order_neither_deadlock_nor_double(
    conninfo: str, form: Form
) -> None:
    stores = [
        Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None, form=form)
        for _ in range(4)
    ]
    forwards = [arrival(number, phone_number=f"+9999999{number:04}") for number in range(50)]
    orders = [forwards, forwards[::-1], forwards[25:] + forwards[:25], forwards[::-1]]

    async def deliver(store: Ingest, numbers: list[Any]) -> None:
        for _ in range(5):
            await store.commit(
                [
                    arrival(index, phone_number=str(item.event.device.phone_number))
                    for item in numbers
                    for index in [int(str(item.event.event_id).removeprefix("event-"))]
                ]
            )

    await asyncio.gather(*(deliver(*pair) for pair in zip(stores, orders, strict=True)))
    for store in stores:
        await store.close()
    assert len(rows(conninfo, EVENT)) == 50
    assert {row["deliveries"] for row in rows(conninfo, DELIVERIES)} == {20}


async def test_stored_at_is_the_databases_clock_and_decides_the_partition(
    ingest: Ingest, conninfo: str
) -> None:
    await ingest.commit([arrival(1)])
    [found] = rows(
        conninfo,
        "SELECT tableoid::regclass::text ~ ('^event_' || to_char(stored_at, 'YYYY_MM')) AS right,"
        " stored_at > now() - interval '1 hour' AS recent FROM event",
    )
    assert found == {"right": True, "recent": True}
    assert arrival(1).event.occurred_at > MORNING


async def test_a_redelivery_is_one_whichever_form_stored_it_first(conninfo: str) -> None:
    stores = [
        Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None, form=form)
        for form in (*FORMS, *FORMS)
    ]
    timeless = arrival(2, findings=("time-missing",))
    for store in stores:
        later = timeless.event.occurred_at + timedelta(hours=1)
        again = timeless.event._replace(occurred_at=later)
        await store.commit([arrival(1), timeless._replace(event=again, arrival_id=uuid4().hex)])
        await store.close()
    assert len(rows(conninfo, EVENT)) == 2
    assert {row["deliveries"] for row in rows(conninfo, DELIVERIES)} == {len(stores)}
