"""A status is what the events say, whatever happens to the service and its database meanwhile."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest

from receiver.client import Client, Subscription
from receiver.postgres.binaries import installed_binaries
from tests.support.own_postgres import OwnPostgres, own_postgres
from tests.support.posting import posting
from tests.support.service import (
    PHONE_NUMBER,
    Installation,
    notification,
    open_folder,
    until,
)

# Of each service that is killed, and of the one after them: a database changes its feed.
FEEDS = ("snapshot", "overlap", "snapshot")


def subscriptions(client: Client) -> list[Subscription]:
    """The ledger, without what time alone changes."""
    never = datetime.min.replace(tzinfo=UTC)
    return [replace(one, as_of=never, forecast=None) for one in client.iterate_subscriptions()]


def lag_seconds(client: Client) -> float:
    [line] = [
        one
        for one in client.get_metrics().splitlines()
        if one.startswith("receiver_projection_lag_")
    ]
    return float(line.split()[1])


def follow(client: Client, last_event_id: str, wanted: set[str]) -> set[str]:
    """Returns the ids that a stream tells from a last event on, once all wanted ones are told."""
    told: set[str] = set()
    with closing(client.follow(last_event_id=last_event_id)) as events:
        while not wanted <= told:
            told.add(next(events).id)
    return told


def test_kills_of_the_service_leave_every_acknowledged_event_in_the_status(
    installation: Installation,
) -> None:
    sink, reader = installation.token("sink"), installation.token("reader")
    acknowledged: set[str] = set()
    *killed, last = FEEDS
    for feed in killed:
        with installation.serve(RECEIVER_FEED=feed) as service:
            with posting(service, sink) as posted:
                service.process.kill()
                service.wait()
            acknowledged |= posted.acknowledged
    with installation.serve(RECEIVER_FEED=last) as service, service.ask_as(reader) as client:
        history = list(client.iterate_history(phone_number=PHONE_NUMBER, limit=1000))
        assert acknowledged <= {event.event_id for event in history}
        # Of all of these, the one that counts last is the one that the status names.
        newest = max(history, key=lambda event: event.occurred_at)
        found = client.retrieve_status(phone_number=PHONE_NUMBER)
        [named] = [event for event in history if event.id == found.roaming.event_id]
        assert named.occurred_at == newest.occurred_at == found.last_event_at
        assert until(lambda: lag_seconds(client) == 0)
        assert client.retrieve_status(phone_number=PHONE_NUMBER).roaming == found.roaming


@pytest.fixture
def servers() -> Iterator[tuple[OwnPostgres, OwnPostgres, Installation]]:
    """Two clusters, and an installation that no database belongs to yet."""
    with (
        open_folder() as folder,
        own_postgres(folder / "old") as old,
        own_postgres(folder / "new") as new,
    ):
        yield old, new, Installation(folder, "service")


def dump(old: OwnPostgres) -> bytes:
    """Returns a database as SQL, as an administrator takes it."""
    command = ["--dbname", old.conninfo, "--clean", "--if-exists"]
    programs = installed_binaries().bin_dir
    return subprocess.run([programs / "pg_dump", *command], capture_output=True, check=True).stdout


def restore(dumped: bytes, new: OwnPostgres) -> None:
    """Puts it into another cluster."""
    programs = installed_binaries().bin_dir
    with psycopg.connect(new.conninfo, autocommit=True) as connection:
        # Roles belong to the cluster; the dump grants to this one.
        connection.execute("CREATE ROLE receiver_reporting")
    subprocess.run(
        [programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "--dbname", new.conninfo],
        input=dumped,
        capture_output=True,
        check=True,
    )


def test_a_restored_dump_answers_as_before_and_goes_on(
    servers: tuple[OwnPostgres, OwnPostgres, Installation],
) -> None:
    old, new, bare = servers
    before = replace(bare, settings={"DATABASE_URL": old.conninfo})
    assert before.run_here("migrate").returncode == 0
    sink, reader, registrar = (
        before.create(role, role) for role in ("sink", "reader", "registrar")
    )
    with before.serve() as service, service.ask_as(reader) as client:
        for number in range(20):
            event = notification(f"old-{number}", f"+9999999041{number % 3}")
            assert service.post(event, sink) == 204
        client.with_options(token=registrar).register_subscription(
            credential="sink",
            subscription={"id": "s-quiet", "expiresAt": "2099-01-01T00:00:00Z"},
            device={"phoneNumber": "+99999990412"},
        )
        assert until(lambda: lag_seconds(client) == 0)
        ledger = subscriptions(client)
        expected = client.retrieve_status(phone_number="+99999990411")
        [latest] = client.list_events(limit=1).items
        with posting(service, sink, "s-posted") as posted:
            known = set(posted.acknowledged)
            dumped = dump(old)
        events = {event.event_id: event.id for event in client.iterate_events(order="asc")}
    restore(dumped, new)

    after = replace(bare, settings={"DATABASE_URL": new.conninfo})
    with after.serve() as service, service.ask_as(reader) as client:
        assert until(lambda: lag_seconds(client) == 0)
        found = client.retrieve_status(phone_number="+99999990411")
        assert replace(found, as_of=expected.as_of) == expected
        # What was told to us came along: no rebuild makes it.
        assert "s-quiet" in {one.subscription_id for one in ledger}
        assert [one for one in subscriptions(client) if one.subscription_id != "s-posted"] == ledger
        # Taken under load, the dump has all that was acknowledged before, each once with its id.
        kept = list(client.iterate_events(order="asc"))
        assert known <= {event.event_id for event in kept} <= events.keys()
        assert [event.id for event in kept] == [events[event.event_id] for event in kept]
        assert len({event.event_id for event in kept}) == len(kept)
        # What is sent once more is known.
        again = notification(kept[0].event_id, str(kept[0].device.phone_number))
        assert service.post(again, sink) == 204
        assert len(list(client.iterate_events())) == len(kept)
        # A stream goes on where it was in the other cluster.
        told = follow(client, latest.id, {event.id for event in kept})
        assert told == {event.id for event in kept}
        event = notification("new", "+99999990411") | {"time": "2026-11-01T00:00:00Z"}
        assert service.post(event, sink) == 204
        for _ in range(2):
            found = client.retrieve_status(phone_number="+99999990411")
            assert found.last_event_at == datetime(2026, 11, 1, tzinfo=UTC)
            assert until(lambda: lag_seconds(client) == 0)
