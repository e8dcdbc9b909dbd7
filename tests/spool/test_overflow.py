"""The way around a database that is away: opened by a failure, closed by a commit."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from receiver.errors import (
    CommitRefused,
    CommitUnknown,
    ConfigurationError,
    ContentRejected,
    ReceiverError,
    Unavailable,
)
from receiver.ids import new_id
from receiver.settings.settings import Settings
from receiver.spool.overflow import open_overflow
from receiver.spool.spool import SpoolBounds
from receiver.store.quarantine.rows import NewRow
from tests.support.arrivals import arrival
from tests.support.spooling import MORNING, NAMESPACE, Database, Way, away, records_in, spool_in


@pytest.fixture
async def way(tmp_path: Path) -> AsyncIterator[Way]:
    way = Way(spool_in(tmp_path), Database())
    yield way
    await way.spool.aclose()


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[Way]:
    """A spool without room."""
    way = Way(spool_in(tmp_path, SpoolBounds(limit_bytes=10, reserve_bytes=0)), Database())
    yield way
    await way.spool.aclose()


def row() -> NewRow:
    return NewRow(MORNING, "operator", "not valid JSON", None, {}, b"{", False, new_id())


async def test_what_the_database_takes_touches_no_file(way: Way, tmp_path: Path) -> None:
    batch = [arrival(1)]
    await way.store(batch)
    assert list(way.database.stored.values()) == batch
    assert list(tmp_path.iterdir()) == []
    assert way.outcomes == {}


@pytest.mark.parametrize(
    "fault",
    [
        away(),
        CommitUnknown("lost"),
        CommitRefused("again", "conflict"),
        Unavailable("took too long"),
    ],
)
async def test_what_it_does_not_take_goes_into_the_spool(
    way: Way, tmp_path: Path, fault: ReceiverError
) -> None:
    way.database.fault = fault
    batch = [arrival(1), arrival(2)]
    await way.store(batch)
    assert records_in(tmp_path) == batch
    assert way.outcomes == {"spooled": 2}
    assert way.overflow.opened.is_set()


async def test_while_it_is_open_the_database_is_not_tried(way: Way, tmp_path: Path) -> None:
    way.database.fault = away()
    await way.store([arrival(1)])
    way.database.fault = None
    await way.store([arrival(2)])
    assert way.database.batches == [1]
    way.overflow.close()
    await way.store([arrival(3)])
    assert len(way.database.stored) == 1
    assert len(records_in(tmp_path)) == 2


@pytest.mark.parametrize("fault", [ContentRejected("SQLSTATE 22P05"), RuntimeError("unforeseen")])
async def test_what_is_the_batchs_own_fault_is_not_spooled(
    way: Way, tmp_path: Path, fault: Exception
) -> None:
    way.database.fault = fault
    with pytest.raises(type(fault)):
        await way.store([arrival(1)])
    assert list(tmp_path.iterdir()) == []


async def test_without_room_the_answer_is_that_of_the_commit(full: Way, tmp_path: Path) -> None:
    full.database.fault = away()
    with pytest.raises(CommitRefused):
        await full.store([arrival(1)])
    assert not full.overflow.takes
    assert full.outcomes == {"failed": 1}
    full.database.fault = None
    await full.store([arrival(2)])
    assert len(full.database.stored) == 1


async def test_a_spool_that_fills_up_lets_the_database_be_tried_again(way: Way) -> None:
    way.database.fault = away()
    await way.store([arrival(1)])
    way.spool._bounds = SpoolBounds(limit_bytes=10, reserve_bytes=0)
    with pytest.raises(CommitRefused):
        await way.store([arrival(2)])
    assert way.outcomes == {"spooled": 1, "failed": 1}
    way.database.fault = None
    await way.store([arrival(3)])
    assert not way.overflow.is_open
    assert len(way.database.stored) == 1


async def test_what_the_spool_cannot_write_is_the_batchs_own_fault_too(way: Way) -> None:
    way.database.fault = away()
    with pytest.raises(ContentRejected):
        await way.store([arrival(1, event_id="\ud800")])


async def test_refused_bodies_are_kept_as_well(way: Way, full: Way, tmp_path: Path) -> None:
    kept = row()
    await way.overflow.keep([kept])
    assert records_in(tmp_path) == [kept]
    assert way.overflow.opened.is_set()
    with pytest.raises(Unavailable):
        await full.overflow.keep([row()])


async def test_an_outage_is_two_lines_of_the_log_and_no_content(way: Way) -> None:
    way.database.fault = away()
    with capture_logs() as logs:
        for number in range(5):
            await way.store([arrival(number)])
        way.overflow.close()
        way.overflow.close()
    assert [line["event"] for line in logs] == [
        "notifications go into the spool",
        "the database commits again; what is in the spool is drained",
    ]
    assert not any(text in str(logs) for text in ("99999991000", "event-1", "operator.example"))


async def test_a_spool_that_takes_nothing_is_one_line(full: Way) -> None:
    full.database.fault = away()
    with capture_logs() as logs:
        for number in range(3):
            with pytest.raises(CommitRefused):
                await full.store([arrival(number)])
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("the spool takes nothing", "error")
    ]


async def test_readiness_is_excused_while_the_spool_takes_what_the_database_does_not(
    way: Way,
) -> None:
    reasons = ["the database cannot be reached"]
    excuse = way.overflow.excuse
    told = [*reasons, "notifications are kept in the spool meanwhile"]
    assert excuse(reasons, is_away=True) == ([], told)
    assert excuse(reasons, is_away=False) == (reasons, [])
    assert excuse([], is_away=False) == ([], [])
    way.database.fault = away()
    await way.store([arrival(1)])
    await way.spool.measure()
    waiting = ["notifications wait in the spool; no answer knows them yet"]
    assert excuse([], is_away=False) == ([], waiting)


async def test_readiness_is_not_excused_by_a_spool_that_is_full(full: Way) -> None:
    reasons = ["the database cannot be reached"]
    await full.spool.measure()
    assert full.overflow.excuse(reasons, is_away=True) == (reasons, [])


def test_the_settings_say_whether_there_is_a_spool(tmp_path: Path) -> None:
    def open_for(settings: Settings) -> object:
        return open_overflow(settings, namespace=lambda: NAMESPACE, clock=lambda: datetime.now(UTC))

    assert open_for(Settings.model_validate({})) is None
    folder = tmp_path / "spool"
    assert open_for(Settings.model_validate({"spool_dir": folder})) is not None
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    with pytest.raises(ConfigurationError):
        open_for(Settings.model_validate({"spool_dir": folder}))
