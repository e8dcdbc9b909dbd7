"""From the embedded Postgres to another one under load, by the commands of `docs/upgrading.md`."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from receiver.client import Client, DeviceStatus, Event, FleetItem
from receiver.postgres.binaries import installed_binaries
from tests.support.documented import documented
from tests.support.own_postgres import OwnPostgres, own_postgres
from tests.support.posting import posting
from tests.support.service import PHONE_NUMBER, RECEIVER, Installation, copy, open_folder, until

BLOCKS = documented("docs/upgrading.md", "sh", "export PATH", "psql", "receiver psql")
STORIES = (
    *("--seed", "19", "--count", "300", "--until", "2026-01-20T00:00:00Z"),
    *("--forms", "all", "--batch", "5"),
)
COMMAND_SECONDS = 300
NEVER = datetime.min.replace(tzinfo=UTC)

# A spool is soon taken where the database is read-only.
SPOOLING = {"RECEIVER_SPOOL_AFTER_SECONDS": "1"}


def commands(heading: str) -> list[str]:
    """The blocks of commands below a heading of the page."""
    found = [block.text for block in BLOCKS if block.heading == heading]
    assert found
    return found


@pytest.fixture
def places(seed: Path) -> Iterator[tuple[Installation, OwnPostgres]]:
    """An embedded installation with a spool, and a server to move to."""
    with open_folder() as folder, own_postgres(folder / "new") as new:
        settings = {"RECEIVER_SPOOL_DIR": str(folder / "spool"), **SPOOLING}
        old = Installation(folder, settings=settings)
        copy(seed, old.data_dir)
        yield old, new


def type_in(installation: Installation, new: OwnPostgres, block: str) -> str:
    """Types commands into a shell that stops at the first failure; returns what they print."""
    # Where the page names the programs of a checkout's environment, this one's are.
    programs = f"{RECEIVER.parent}:{installed_binaries().bin_dir}"
    environment = installation.environment(NEW_URL=new.conninfo)
    environment["PATH"] = f"{programs}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", block],
        cwd=installation.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def answers(client: Client) -> dict[UUID, tuple[FleetItem, DeviceStatus]]:
    """What is told of every device and of the fleet, without what time alone changes."""
    return {
        item.device_id: (
            replace(item, as_of=NEVER),
            replace(client.get_status(item.device_id), as_of=NEVER),
        )
        for item in client.iterate_devices(limit=1000)
    }


def list_events(client: Client) -> list[Event]:
    """All events, by arrival."""
    return list(client.iterate_events(order="asc", limit=1000))


def test_a_move_under_load_loses_nothing_and_keeps_every_answer(
    places: tuple[Installation, OwnPostgres],
) -> None:
    old, new = places
    read_only, stay = commands("Move from the embedded Postgres to your own")
    [dump] = commands("Back up")
    [restore] = commands("Restore")
    restore, serve, _ = restore.partition('DATABASE_URL="$NEW_URL" receiver serve')
    assert serve
    with old.serve() as service, ExitStack() as stack:
        sink, reader = old.token("sink"), old.token("reader")
        client = stack.enter_context(service.ask_as(reader))
        old.run_here("simulate", "--to", service.address, "--token", sink, *STORIES)
        with posting(service, sink) as posted:
            type_in(old, new, read_only)
            before = len(posted.acknowledged)
            # Many more are taken once nothing is stored any more.
            assert until(lambda: len(posted.acknowledged) > before + 100)
            expected = answers(client)
            stored = list_events(client)
            type_in(old, new, dump)
            type_in(old, new, restore)
        assert set(posted.answers) == {204}
        assert not posted.acknowledged <= sent_ids(stored)
    moved = replace(old, settings={**old.settings, "DATABASE_URL": new.conninfo})
    with moved.serve() as service, service.ask_as(reader) as client:
        assert until(lambda: is_drained(moved), 120)
        assert client.get_readiness().status == "ready"
        kept = list_events(client)
        ids = [event.id for event in kept]
        assert len(set(ids)) == len(ids)
        assert {event.id for event in stored} <= set(ids)
        assert posted.acknowledged <= sent_ids(kept)
        assert len(kept) == len(stored) + len(posted.acknowledged - sent_ids(stored))
        # The device that was posted about has news; all others are as they were.
        posted_about = client.retrieve_status(phone_number=PHONE_NUMBER).device_id
        assert posted_about in expected
        for one in (expected, now := answers(client)):
            del one[posted_about]
        assert now == expected
    # Nobody stored in the new one: this is how the old one would have gone on.
    with old.serve() as service, service.ask_as(reader) as client:
        # It serves from here on; a start does not outlive the end of its connections.
        assert client.get_liveness().status == "alive"
        type_in(old, new, stay)
        with posting(service, sink) as posted:
            pass
        assert set(posted.answers) == {204}
        assert until(lambda: posted.acknowledged <= sent_ids(list_events(client)), 120)


def is_drained(installation: Installation) -> bool:
    """Whether nothing waits in the spool any more, by the sum of its records."""
    return installation.run_here("spool", "list").stdout.splitlines()[-1].split()[0] == "0"


def sent_ids(events: list[Event]) -> set[str]:
    """The senders' ids of events; those of the legacy form have none."""
    return {event.event_id for event in events if event.event_id is not None}
