"""A disk that fills up, is full from the start, or has room again: 503 and never a loss."""

from contextlib import suppress
from pathlib import Path
from shutil import disk_usage

import pytest

from receiver.errors import CommitRefused
from receiver.spool.draining import Drained
from tests.support.arrivals import arrival
from tests.support.small_disk import small_disk
from tests.support.spooling import Database, Way, away, records_in, spool_in

SIZE_KIB = 64


async def take_until_full(way: Way) -> list[str]:
    """Returns the ids of what was acknowledged until the first refusal."""
    acknowledged: list[str] = []
    while True:
        batch = [arrival(len(acknowledged) + one) for one in range(3)]
        try:
            await way.store(batch)
        except CommitRefused:
            return acknowledged
        acknowledged += [one.arrival_id for one in batch]


def fill(ballast: Path) -> None:
    """Writes until there is no room for another byte."""
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(64))


@pytest.mark.parametrize("is_foreseen", [True, False])
async def test_a_disk_that_becomes_full_refuses_and_has_what_was_acknowledged(
    is_foreseen: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_foreseen:
        # Others fill it between the look and the write.
        roomy = disk_usage(tmp_path)
        monkeypatch.setattr("receiver.spool.spool.disk_usage", lambda _folder: roomy)
    database = Database()
    with small_disk(tmp_path / "disk", SIZE_KIB) as disk:
        way = Way(spool_in(disk), database)
        database.fault = away()
        acknowledged = await take_until_full(way)
        assert len(acknowledged) > 10
        assert [record.arrival_id for record in records_in(disk)] == acknowledged
        # Full as it is, it is drained; then it takes again.
        assert (await way.drain.run()).stored == 0
        database.fault = None
        assert await way.drain.run() == Drained(stored=len(acknowledged))
        database.fault = away()
        assert len(await take_until_full(way)) == len(acknowledged)
        await way.spool.aclose()


async def test_a_full_disk_that_is_drained_in_part_loses_nothing(tmp_path: Path) -> None:
    database = Database()
    with small_disk(tmp_path / "disk", SIZE_KIB) as disk:
        way = Way(spool_in(disk), database, batch_limit=5)
        database.fault = away()
        acknowledged = await take_until_full(way)
        database.fault = None

        def go_away(_batch: object) -> None:
            if len(database.stored) >= 15:
                raise away()

        database.refuse = go_away
        # There is no room for the file that has the others.
        await way.drain.run()
        database.refuse = lambda _batch: None
        await way.drain.run()
        assert set(database.stored) == set(acknowledged)
        assert records_in(disk) == []
        await way.spool.aclose()


async def test_a_disk_that_is_full_from_the_start_refuses_until_it_has_room(
    tmp_path: Path,
) -> None:
    database = Database()
    with small_disk(tmp_path / "disk", SIZE_KIB) as disk:
        ballast = disk / "ballast"
        fill(ballast)
        way = Way(spool_in(disk), database)
        database.fault = away()
        assert await take_until_full(way) == []
        assert not way.overflow.takes
        database.fault = None
        await way.store([arrival(1)])
        database.fault = away()
        ballast.unlink()
        assert len(await take_until_full(way)) > 10
        await way.spool.aclose()
