"""The spool of one process: durable or refused, within its bounds, in files of its own."""

import asyncio
import os
import threading
from pathlib import Path
from uuid import uuid4

import pytest

from receiver.errors import ContentRejected, Unavailable
from receiver.spool.spool import SpoolBounds
from tests.support.arrivals import arrival
from tests.support.spooling import MORNING, records_in, spool_in


async def test_what_is_appended_lies_in_one_file_until_it_is_sealed(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    batches = [[arrival(1), arrival(2)], [arrival(3)]]
    assert not await spool.seal()
    for batch in batches:
        await spool.append(batch)
    assert records_in(tmp_path) == [*batches[0], *batches[1]]
    assert await spool.list_segments() == []
    assert await spool.seal()
    assert len(await spool.list_segments()) == 1
    await spool.append(batches[0])
    assert len(list(tmp_path.iterdir())) == 2
    await spool.aclose()


async def test_nothing_is_acknowledged_before_it_is_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    for call in ("fdatasync", "fsync"):

        def note(descriptor: int, call: str = call) -> None:
            synced.append(call)

        monkeypatch.setattr(os, call, note)
    spool = spool_in(tmp_path)
    await spool.append([arrival(1), arrival(2)])
    # The folder for the name of the file, and once for all records of the batch.
    assert synced == ["fsync", "fdatasync"]
    await spool.append([arrival(3)])
    assert synced == ["fsync", "fdatasync", "fdatasync"]
    await spool.aclose()


async def test_what_is_appended_at_once_waits_for_its_turn_and_is_all_there(
    tmp_path: Path,
) -> None:
    spool = spool_in(tmp_path)
    batches = [[arrival(number)] for number in range(20)]
    await asyncio.gather(*map(spool.append, batches))
    assert records_in(tmp_path) == [record for batch in batches for record in batch]
    await spool.aclose()


async def test_a_large_file_is_given_away_and_another_one_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("receiver.spool.spool.SEGMENT_BYTES", 3000)
    spool = spool_in(tmp_path)
    for number in range(8):
        await spool.append([arrival(number)])
    assert len(await spool.list_segments()) > 1
    assert max(file.stat().st_size for file in tmp_path.iterdir()) < 5000
    assert len(records_in(tmp_path)) == 8
    await spool.aclose()


async def test_the_limit_counts_what_all_processes_have_spooled(tmp_path: Path) -> None:
    bounds = SpoolBounds(limit_bytes=3000, reserve_bytes=0)
    spools = [spool_in(tmp_path, bounds) for _ in range(2)]
    refused = 0
    for number in range(8):
        try:
            await spools[number % 2].append([arrival(number)])
        except Unavailable:
            refused += 1
    assert 0 < refused == 8 - len(records_in(tmp_path)) < 7
    for spool in spools:
        await spool.aclose()
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 3000


async def test_the_limit_is_counted_in_bytes_and_not_in_characters(tmp_path: Path) -> None:
    spool = spool_in(tmp_path, SpoolBounds(limit_bytes=6000, reserve_bytes=0))
    # Fewer characters than the limit, and more bytes.
    with pytest.raises(Unavailable, match="the spool is full"):
        await spool.append([arrival(1, payload="😀" * 2000)])
    await spool.append([arrival(1, payload="x" * 2000)])
    await spool.aclose()


async def test_the_reserve_of_the_disk_is_left_free(tmp_path: Path) -> None:
    spool = spool_in(tmp_path, SpoolBounds(limit_bytes=10**9, reserve_bytes=2**60))
    with pytest.raises(Unavailable, match="reserve"):
        await spool.append([arrival(1)])
    assert list(tmp_path.iterdir()) == []
    await spool.measure()
    assert not spool.has_room
    await spool.aclose()


async def test_what_is_measured_is_what_lies_there(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    assert spool.contents is None
    await spool.append([arrival(1)])
    await spool.measure()
    assert spool.contents is not None
    [file] = tmp_path.iterdir()
    assert spool.contents == (file.stat().st_size, MORNING, 1, 0)
    assert spool.has_room
    await spool.aclose()


async def test_after_a_failure_the_next_file_is_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = spool_in(tmp_path)
    await spool.append([arrival(1)])

    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", fail)
        with pytest.raises(Unavailable, match="Input/output error"):
            await spool.append([arrival(2)])
    await spool.append([arrival(3)])
    assert len(list(tmp_path.iterdir())) == 2
    assert len(records_in(tmp_path)) == 2
    await spool.aclose()


async def test_a_folder_that_is_gone_is_a_failure_and_no_end(tmp_path: Path) -> None:
    spool = spool_in(tmp_path / "spool")
    (tmp_path / "spool").rmdir()
    with pytest.raises(Unavailable, match="No such file"):
        await spool.append([arrival(1)])
    await spool.aclose()


async def test_what_cannot_be_written_refuses_the_batch_whole(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    with pytest.raises(ContentRejected):
        await spool.append([arrival(1), arrival(2, event_id="\ud800")])
    assert list(tmp_path.iterdir()) == []
    await spool.aclose()


async def test_a_disk_that_does_not_answer_refuses_at_once_until_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("receiver.spool.spool.APPEND_SECONDS", 0.01)
    go = threading.Event()
    spool = spool_in(tmp_path)

    def hang(_descriptor: int) -> None:
        go.wait()

    monkeypatch.setattr(os, "fdatasync", hang)
    with pytest.raises(Unavailable, match="does not answer in time"):
        await spool.append([arrival(1)])
    with pytest.raises(Unavailable, match=r"does not answer$"):
        await spool.append([arrival(2)])
    go.set()
    await spool.list_segments()
    await asyncio.sleep(0)
    await spool.append([arrival(3)])
    # What was under way is there as well, though it was refused.
    assert len(records_in(tmp_path)) == 2
    await spool.aclose()


async def test_the_mark_is_the_installations_and_does_not_tell_its_namespace(
    tmp_path: Path,
) -> None:
    namespaces = [uuid4(), uuid4()]
    marks = [spool_in(tmp_path, namespace=namespace).mark for namespace in namespaces]
    assert marks[0] != marks[1]
    assert marks[0] == spool_in(tmp_path, namespace=namespaces[0]).mark
    assert namespaces[0].bytes not in marks[0]
