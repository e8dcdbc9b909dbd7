"""A device is taken out of the spool, and what was not reached is told."""

import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from receiver.events.event import Arrival
from receiver.spool.forgetting import Forgotten, count_named, forget
from receiver.spool.records import Record
from receiver.spool.spool import Spool
from tests.support.arrivals import arrival
from tests.support.spooling import records_in, spool_in

GONE = "+99999990002"


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = spool_in(tmp_path)
    yield spool
    await spool.aclose()


def names(record: Record) -> bool:
    return isinstance(record, Arrival) and record.event.device.phone_number == GONE


async def fill(spool: Spool, phone_numbers: list[str]) -> None:
    await spool.append([arrival(n, phone_number=one) for n, one in enumerate(phone_numbers)])


async def test_the_records_of_a_device_go_and_those_of_others_stay(
    spool: Spool, tmp_path: Path
) -> None:
    await fill(spool, [GONE, "+99999990003", GONE])
    await spool.seal()
    await fill(spool, [GONE])
    await spool.seal()
    await fill(spool, ["+99999990004"])
    assert await forget(spool, names) == Forgotten(records=3, files=0)
    assert not any(map(names, records_in(tmp_path)))
    assert len(records_in(tmp_path)) == 2
    assert len(list(tmp_path.iterdir())) == 2
    assert not any(GONE.encode() in file.read_bytes() for file in tmp_path.iterdir())
    assert await forget(spool, names) == Forgotten(records=0, files=0)


async def test_a_file_that_another_process_has_is_not_reached(spool: Spool, tmp_path: Path) -> None:
    other = spool_in(tmp_path)
    await fill(other, [GONE])
    assert await forget(spool, names) == Forgotten(records=0, files=1)
    await other.aclose()
    assert await forget(spool, names) == Forgotten(records=1, files=0)


async def test_damaged_files_are_not_reached(spool: Spool, tmp_path: Path) -> None:
    for _ in range(2):
        await fill(spool, [GONE])
        await spool.seal()
    [first, second] = sorted(tmp_path.iterdir())
    first.write_bytes(first.read_bytes() + b"damage of many bytes")
    second.rename(second.with_suffix(".damaged"))
    assert await forget(spool, names) == Forgotten(records=0, files=2)


async def test_a_disk_that_does_not_take_the_others_is_told(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(spool, [GONE, "+99999990003"])
    await spool.seal()

    def fail(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "fdatasync", fail)
        assert await forget(spool, names) == Forgotten(records=0, files=1)
    assert len(records_in(tmp_path)) == 2


async def test_what_would_be_taken_out_is_counted_and_stays(spool: Spool, tmp_path: Path) -> None:
    await fill(spool, [GONE, "+99999990003"])
    await spool.seal()
    other = spool_in(tmp_path)
    await fill(other, [GONE])
    (tmp_path / "20260301T080000.000000Z-0.spool").write_bytes(b"of a later release")
    assert await count_named(spool, names) == Forgotten(records=2, files=1)
    await other.aclose()
