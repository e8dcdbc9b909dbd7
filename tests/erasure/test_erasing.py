"""An erasure reaches tables, quarantine and spool, and says what came of it."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from structlog.testing import capture_logs

from receiver.erasure.erasing import Eraser
from receiver.errors import DatabaseAway, Unavailable
from receiver.events.event import Device
from receiver.store.erasure.counts import Removed
from receiver.store.erasure.subjects import Asked
from tests.support.arrivals import NAMESPACE
from tests.support.erasing import derive, identified, make_eraser, read_halves
from tests.support.spooling import spool_in
from tests.support.store.database import column
from tests.support.store.history import store

NUMBER = "+99999991000"
KEEP = """
INSERT INTO quarantine (received_at, credential, reason, headers, body)
VALUES (now(), 'operator', 'why', '{}', %s)
"""
EVENTS = "SELECT count(*) FROM event"


def event(number: int, phone_number: str = NUMBER) -> Any:
    return identified(NAMESPACE, number, device=Device(phone_number))


DEVICE = UUID(event(0).device_id)


def quarantine(conninfo: str, phone_number: str) -> None:
    body = json.dumps({"data": {"device": {"phoneNumber": phone_number}}}).encode()
    with psycopg.connect(conninfo) as connection:
        connection.execute(KEEP, [body])


@pytest.fixture
async def filled(conninfo: str) -> str:
    """A database with two events of the device, a refused body of it, and the same of another."""
    await derive(conninfo)
    await store(conninfo, [event(0), event(1), event(2, "+99999992000")])
    quarantine(conninfo, NUMBER)
    quarantine(conninfo, "+99999992000")
    return conninfo


async def forget(eraser: Eraser) -> Removed:
    return (await eraser.forget(Asked(DEVICE), None)).removed


async def test_a_rehearsal_counts_what_an_erasure_removes(filled: str, tmp_path: Path) -> None:
    spool = spool_in(tmp_path / "spool", namespace=NAMESPACE)
    await spool.append([event(3), event(4, "+99999992000")])
    await spool.seal()
    await derive(filled)
    eraser = make_eraser(filled, spool=spool)
    rehearsed = await eraser.rehearse(Asked(DEVICE))
    assert rehearsed.erasure_id is None
    assert column(filled, EVENTS) == ["3"]
    erased = await eraser.forget(Asked(DEVICE), "an-admin")
    assert erased.removed == rehearsed.removed
    assert erased.removed._replace(answers=0) == Removed(
        devices=1, events=2, identities=2, quarantined=1, spooled=1
    )
    assert (erased.spool_files, erased.statistics) == (0, ())
    assert column(filled, EVENTS) == column(filled, "SELECT count(*) FROM quarantine") == ["1"]
    assert (await eraser.forget(Asked(DEVICE), None)).removed == Removed(devices=1)
    await spool.aclose()


async def test_a_refused_body_that_is_parsed_again_meanwhile_leaves_no_event(filled: str) -> None:
    with psycopg.connect(filled) as reprocessing:
        reprocessing.execute("SELECT FROM quarantine FOR UPDATE")
        forgetting = asyncio.create_task(forget(make_eraser(filled)))
        await asyncio.sleep(0.2)
        assert not forgetting.done()
        await store(filled, [event(5)])
    assert (await forgetting).events == 3
    assert column(filled, EVENTS) == ["1"]


async def test_an_erasure_that_is_out_of_time_says_so_and_how_far_it_came(filled: str) -> None:
    with psycopg.connect(filled) as redelivery:
        redelivery.execute("SELECT FROM event_identity FOR UPDATE")
        eraser = make_eraser(filled, limit_seconds=0.5)
        with capture_logs() as logs, pytest.raises(Unavailable, match="not all is removed in time"):
            await forget(eraser)
        assert read_halves(filled) == []
    [line] = logs
    assert (line["outcome"], line["quarantined"], line["events"]) == ("unavailable", 1, 0)
    assert (await forget(make_eraser(filled))).events == 2


async def test_a_database_that_is_away_is_said_so(filled: str) -> None:
    eraser = make_eraser("postgresql://receiver@127.0.0.1:1/receiver")
    with pytest.raises(DatabaseAway, match="the same again goes on"):
        await forget(eraser)


async def test_a_device_that_is_not_known_is_no_error(filled: str) -> None:
    unknown = Asked(UUID(int=7))
    assert (await make_eraser(filled).forget(unknown, "an-admin")).removed == Removed(devices=1)
    assert column(filled, EVENTS) == ["3"]
