"""`receiver spool drain` stores what no service has, and says what became of it."""

import asyncio
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from receiver.spool.spool import Spool
from tests.support.arrivals import arrival
from tests.support.command_line import error_of, run
from tests.support.spooling import spool_in
from tests.support.store.database import column

UNHOLDABLE = "\x00"


@pytest.fixture
def spool(tmp_path: Path, conninfo: str, monkeypatch: pytest.MonkeyPatch) -> Spool:
    """That of the installation of the database."""
    monkeypatch.setenv("DATABASE_URL", conninfo)
    monkeypatch.setenv("RECEIVER_SPOOL_DIR", str(tmp_path / "spool"))
    [namespace] = column(conninfo, "SELECT namespace FROM installation")
    return spool_in(tmp_path / "spool", namespace=UUID(namespace))


async def fill(spool: Spool, *texts: str) -> None:
    """Leaves an arrival for each event id."""
    for number, text in enumerate(texts):
        await spool.append([arrival(number, event_id=text)])
    await spool.aclose()


def test_what_lies_there_is_stored_and_the_folder_is_empty_then(
    spool: Spool, conninfo: str
) -> None:
    asyncio.run(fill(spool, "a", "b"))
    ended = run("spool", "drain")
    assert (ended.status, ended.stdout.splitlines()) == (
        0,
        ["stored          2", "in quarantine   0", "left            0"],
    )
    assert sorted(column(conninfo, "SELECT event_id FROM event")) == ["a", "b"]
    assert list(spool.folder.iterdir()) == []
    assert run("spool", "drain").stdout.split()[1] == "0"


def test_what_postgres_refuses_is_in_quarantine_as_it_was_sent(spool: Spool, conninfo: str) -> None:
    asyncio.run(fill(spool, "a", UNHOLDABLE, "c"))
    ended = run("spool", "drain")
    assert ended.stdout.splitlines()[:2] == ["stored          2", "in quarantine   1"]
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute("SELECT body, credential, state FROM quarantine").fetchall()
    assert rows == [(arrival(1).event.payload.encode(), "operator", "refused")]
    assert "99999991000" not in ended.stderr


def test_what_a_running_service_has_is_left_to_it(spool: Spool, conninfo: str) -> None:
    async def drain_beside() -> None:
        await spool.append([arrival(1)])
        ended = await asyncio.to_thread(run, "spool", "drain")
        assert (ended.status, ended.stdout.split()[1]) == (0, "0")
        await spool.aclose()

    asyncio.run(drain_beside())
    assert run("spool", "drain").stdout.split()[1] == "1"


def test_a_database_that_is_away_is_one_line(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://receiver@/receiver?host={tmp_path}")
    assert "database" in error_of(run("spool", "drain"))
