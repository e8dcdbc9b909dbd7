"""A status is what the events say, whatever happens to the service and its database meanwhile."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from receiver.postgres.binaries import installed_binaries
from tests.support.own_postgres import OwnPostgres, own_postgres
from tests.support.posting import posting
from tests.support.service import (
    PHONE_NUMBER,
    Installation,
    Service,
    bearer,
    notification,
    open_folder,
    until,
)

# Of each service that is killed, and of the one after them: a database changes its feed.
FEEDS = ("snapshot", "overlap", "snapshot")


def status(service: Service, token: str, phone_number: str = PHONE_NUMBER) -> dict[str, Any]:
    answer = service.client.post(
        "/status/retrieve",
        json={"device": {"phoneNumber": phone_number}},
        headers=bearer(token),
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def subscriptions(service: Service, token: str) -> list[dict[str, Any]]:
    """The ledger, without what time alone changes."""
    items = service.client.get("/subscriptions", headers=bearer(token)).json()["items"]
    return [
        {name: said for name, said in one.items() if name not in ("asOf", "forecast")}
        for one in items
    ]


def lag_seconds(service: Service) -> float:
    text = service.client.get("/metrics").text
    [line] = [one for one in text.splitlines() if one.startswith("receiver_projection_lag_")]
    return float(line.split()[1])


def list_events(
    service: Service, token: str, *, order: str = "asc", limit: int = 1000
) -> list[dict[str, Any]]:
    """Returns the events by arrival, at most a page of them where `limit` is less than 1000."""
    items: list[dict[str, Any]] = []
    question: dict[str, Any] = {"order": order, "limit": limit}
    while True:
        page = service.client.get("/events", params=question, headers=bearer(token)).json()
        items += page["items"]
        if limit < 1000 or "nextCursor" not in page:
            return items
        question["cursor"] = page["nextCursor"]


def follow(service: Service, token: str, last_event_id: str, wanted: set[str]) -> set[str]:
    """Returns the ids that a stream tells from a last event on, once all wanted ones are told."""
    told: set[str] = set()
    headers = {**bearer(token), "Last-Event-ID": last_event_id}
    with service.client.stream("GET", "/events/stream", headers=headers) as answer:
        event_id = ""
        for line in answer.iter_lines():
            if line.startswith("id: "):
                event_id = line.removeprefix("id: ")
            elif line.startswith("data: "):
                told.add(event_id)
                if wanted <= told:
                    break
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
    with installation.serve(RECEIVER_FEED=last) as service:
        history = service.history(reader)
        assert acknowledged <= {event["eventId"] for event in history}
        # Of all of these, the one that counts last is the one that the status names.
        newest = max(history, key=lambda event: str(event["occurredAt"]))
        found = status(service, reader)
        named = next(event for event in history if event["id"] == found["roaming"]["eventId"])
        assert named["occurredAt"] == newest["occurredAt"] == found["lastEventAt"]
        assert until(lambda: lag_seconds(service) == 0)
        assert status(service, reader)["roaming"] == found["roaming"]


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
    assert before.run("migrate").returncode == 0
    sink, reader, registrar = (
        before.run("credential", "create", role, "--role", role).stdout.strip()
        for role in ("sink", "reader", "registrar")
    )
    registration = {
        "credential": "sink",
        "subscription": {"id": "s-quiet", "expiresAt": "2099-01-01T00:00:00Z"},
        "device": {"phoneNumber": "+99999990412"},
    }
    with before.serve() as service:
        for number in range(20):
            event = notification(f"old-{number}", f"+9999999041{number % 3}")
            assert service.post(event, sink).status_code == 204
        answer = service.client.post("/subscriptions", json=registration, headers=bearer(registrar))
        assert answer.status_code == 201
        assert until(lambda: lag_seconds(service) == 0)
        ledger = subscriptions(service, reader)
        expected = status(service, reader, "+99999990411")
        [latest] = list_events(service, reader, order="desc", limit=1)
        with posting(service, sink, "s-posted") as posted:
            known = set(posted.acknowledged)
            dumped = dump(old)
        events = {event["eventId"]: event for event in list_events(service, reader)}
    restore(dumped, new)

    after = replace(bare, settings={"DATABASE_URL": new.conninfo})
    with after.serve() as service:
        assert until(lambda: lag_seconds(service) == 0)
        found = status(service, reader, "+99999990411")
        assert {**found, "asOf": ""} == {**expected, "asOf": ""}
        # What was told to us came along: no rebuild makes it.
        assert "s-quiet" in {one["subscriptionId"] for one in ledger}
        found_ledger = subscriptions(service, reader)
        assert [one for one in found_ledger if one["subscriptionId"] != "s-posted"] == ledger
        # Taken under load, the dump has all that was acknowledged before, each once with its id.
        kept = list_events(service, reader)
        assert known <= {event["eventId"] for event in kept} <= events.keys()
        assert [event["id"] for event in kept] == [events[event["eventId"]]["id"] for event in kept]
        assert len({event["eventId"] for event in kept}) == len(kept)
        # What is sent once more is known.
        again = notification(kept[0]["eventId"], kept[0]["device"]["phoneNumber"])
        assert service.post(again, sink).status_code == 204
        assert len(list_events(service, reader)) == len(kept)
        # A stream goes on where it was in the other cluster.
        told = follow(service, reader, latest["id"], {event["id"] for event in kept})
        assert told == {event["id"] for event in kept}
        event = notification("new", "+99999990411") | {"time": "2026-11-01T00:00:00Z"}
        assert service.post(event, sink).status_code == 204
        for _ in range(2):
            found = status(service, reader, "+99999990411")
            assert found["lastEventAt"] == "2026-11-01T00:00:00.000000Z"
            assert until(lambda: lag_seconds(service) == 0)
