"""Each file is told with who has it; looking changes nothing."""

from pathlib import Path

from receiver.spool.inspection import FileState, inspect
from tests.support.arrivals import arrival
from tests.support.spooling import MORNING, Database, Way, spool_in


async def test_a_file_is_open_while_a_process_has_it_and_closed_afterwards(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    await spool.append([arrival(1), arrival(2)])
    [file] = inspect(tmp_path)
    assert (file.records, file.state, file.begun_at) == (2, FileState.OPEN, MORNING)
    assert file.size_bytes == (tmp_path / file.name).stat().st_size
    await spool.aclose()
    [file] = inspect(tmp_path)
    assert file.state is FileState.CLOSED
    way = Way(spool_in(tmp_path), Database())
    assert (await way.drain.run()).stored == 2
    assert inspect(tmp_path) == []
    await way.spool.aclose()


async def test_what_nobody_drains_is_told_as_such(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    for number in range(2):
        await spool.append([arrival(number)])
        await spool.seal()
    await spool.aclose()
    [first, second] = sorted(tmp_path.iterdir())
    first.rename(first.with_suffix(".damaged"))
    second.write_bytes(b"DSRSPL99" + second.read_bytes()[8:])
    (tmp_path / "3-c.unfinished").touch()
    assert {(file.state, file.records) for file in inspect(tmp_path)} == {
        (FileState.DAMAGED, 1),
        (FileState.UNREADABLE, 0),
    }
