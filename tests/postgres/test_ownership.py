"""One process owns the server of a data directory, the others borrow it, none leaves it behind."""

import fcntl
import json
import os
import signal
import stat
import time
from pathlib import Path

import psycopg
import pytest

from receiver.errors import ConfigurationError
from receiver.postgres import embedded_postgres
from tests.support.embedded import Greeting, Launch, ProcessesOf, Stranger


def answer(conninfo: str) -> object:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT 42").fetchone()
    return row and row[0]


def remember(conninfo: str, word: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("DROP TABLE IF EXISTS memory")
        connection.execute("CREATE TABLE memory AS SELECT %s AS word", [word])


def recall(conninfo: str) -> object:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT word FROM memory").fetchone()
    return row and row[0]


def test_the_owner_serves_and_ends_its_server(
    fresh_data_dir: Path, processes_of: ProcessesOf
) -> None:
    with embedded_postgres(fresh_data_dir) as postgres:
        assert postgres.owned
        assert answer(postgres.conninfo) == 42
        assert processes_of(fresh_data_dir / "postgres")
    assert processes_of(fresh_data_dir / "postgres") == []
    assert not (fresh_data_dir / "run").exists()
    assert not (fresh_data_dir / "postgres" / "postmaster.pid").exists()


def test_data_survive_a_restart(data_dir: Path) -> None:
    with embedded_postgres(data_dir) as postgres:
        remember(postgres.conninfo, "kept")
    with embedded_postgres(data_dir) as postgres:
        assert recall(postgres.conninfo) == "kept"


def test_the_server_ends_when_the_block_raises(data_dir: Path, processes_of: ProcessesOf) -> None:
    with pytest.raises(ZeroDivisionError), embedded_postgres(data_dir):
        raise ZeroDivisionError
    assert processes_of(data_dir / "postgres") == []


def test_a_second_process_borrows_and_stops_nothing(
    data_dir: Path, launch: Launch, greeting: Greeting
) -> None:
    with embedded_postgres(data_dir) as postgres:
        borrower = launch(data_dir)
        said = greeting(borrower)
        assert said == {"conninfo": postgres.conninfo, "owned": False}
        assert answer(said["conninfo"]) == 42
        borrower.communicate()
        assert borrower.returncode == 0
        assert answer(postgres.conninfo) == 42


def test_a_borrower_cannot_watch(data_dir: Path, launch: Launch, greeting: Greeting) -> None:
    greeting(launch(data_dir))
    with embedded_postgres(data_dir) as postgres:
        assert not postgres.owned
        with pytest.raises(RuntimeError):
            postgres.watch(lambda: None)


def test_who_must_own_is_refused_a_data_directory_in_use(
    data_dir: Path, launch: Launch, greeting: Greeting
) -> None:
    with embedded_postgres(data_dir):
        said = greeting(launch(data_dir, "must-own"))
    assert "another receiver already serves from this data directory" in said["error"]
    assert f"process {os.getpid()}" in said["error"]


def test_of_two_that_start_together_one_owns_and_both_work(
    fresh_data_dir: Path, launch: Launch, greeting: Greeting
) -> None:
    said = [greeting(process) for process in (launch(fresh_data_dir), launch(fresh_data_dir))]
    assert sorted(each["owned"] for each in said) == [False, True]
    assert [answer(each["conninfo"]) for each in said] == [42, 42]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_owner_takes_its_server_along(
    data_dir: Path,
    launch: Launch,
    greeting: Greeting,
    processes_of: ProcessesOf,
    await_end: ProcessesOf,
    number: signal.Signals,
) -> None:
    owner = launch(data_dir)
    remember(greeting(owner)["conninfo"], "kept")
    assert processes_of(data_dir / "postgres")
    owner.send_signal(number)
    owner.wait()
    assert await_end(data_dir / "postgres") == []
    with embedded_postgres(data_dir) as postgres:
        assert recall(postgres.conninfo) == "kept"


def test_a_new_owner_waits_for_the_server_of_a_killed_one(
    data_dir: Path, launch: Launch, greeting: Greeting, processes_of: ProcessesOf
) -> None:
    owner = launch(data_dir)
    remember(greeting(owner)["conninfo"], "kept")
    (postmaster,) = processes_of(data_dir / "postgres")[:1]
    held_up = postmaster.children()[0]
    held_up.suspend()
    owner.kill()
    owner.wait()
    with (
        pytest.raises(ConfigurationError, match=rf"\(process {postmaster.pid}\) still runs on"),
        embedded_postgres(data_dir, start_timeout_seconds=0.2),
    ):
        pass
    log = data_dir / "postgres.log"
    known = len(log.read_text())
    successor = launch(data_dir)
    time.sleep(0.7)
    assert postmaster.is_running()
    assert successor.poll() is None
    held_up.resume()
    said = greeting(successor)
    assert said["owned"]
    assert recall(said["conninfo"]) == "kept"
    assert "FATAL" not in log.read_text()[known:]  # it did not even try


def test_a_borrower_becomes_the_owner_when_the_owner_goes_away(
    data_dir: Path, launch: Launch, greeting: Greeting
) -> None:
    with (data_dir / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        heir = launch(data_dir)
        time.sleep(0.7)
        assert heir.poll() is None
    assert greeting(heir)["owned"]


def test_an_owner_that_never_serves_is_not_awaited_for_ever(data_dir: Path) -> None:
    with (data_dir / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with (
            pytest.raises(ConfigurationError, match="does not offer its Postgres in time"),
            embedded_postgres(data_dir, start_timeout_seconds=0.2),
        ):
            pass


def test_an_ordinary_user_owns_what_is_closed_to_others(
    folder: Path, launch: Launch, greeting: Greeting, stranger: Stranger
) -> None:
    os.chown(folder, stranger.uid, stranger.uid)
    data_dir = folder / "share" / "data"
    owner = launch(data_dir, uid=stranger.uid, path=stranger.path)
    said = greeting(owner)
    assert said["owned"]
    assert answer(said["conninfo"]) == 42
    places = (data_dir.parent, data_dir, data_dir / "postgres", data_dir / "run")
    assert [(0o700, stranger.uid)] * 4 == [
        (stat.S_IMODE(place.stat().st_mode), place.stat().st_uid) for place in places
    ]
    assert greeting(launch(data_dir)) == {**said, "owned": False}  # root borrows it
    owner.communicate()
    said = greeting(launch(data_dir))
    assert f"{data_dir / 'postgres'} belongs to nobody" in said["error"]


def test_another_user_is_told_whose_data_directory_it_is(
    data_dir: Path, launch: Launch, greeting: Greeting, stranger: Stranger
) -> None:
    with embedded_postgres(data_dir):
        said = greeting(launch(data_dir, uid=stranger.uid, path=stranger.path))
    assert f"the receiver of {data_dir} is run by user root" in said["error"]


def test_a_data_directory_that_cannot_be_made_is_named(
    folder: Path, launch: Launch, greeting: Greeting, stranger: Stranger
) -> None:
    data_dir = folder / "not" / "mine"
    said = greeting(launch(data_dir, uid=stranger.uid, path=stranger.path))
    assert f"the data directory {data_dir} cannot be used: Permission denied" in said["error"]
    assert list(folder.iterdir()) == []


def test_a_data_directory_behind_a_closed_door_is_named(
    folder: Path, launch: Launch, greeting: Greeting, stranger: Stranger
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    said = greeting(launch(closed / "data", uid=stranger.uid, path=stranger.path))
    assert f"the data directory {closed / 'data'} cannot be used" in said["error"]


def test_a_file_in_the_place_of_the_data_directory_is_named(fresh_data_dir: Path) -> None:
    fresh_data_dir.write_text(json.dumps("not a directory"))
    with (
        pytest.raises(ConfigurationError, match=str(fresh_data_dir)),
        embedded_postgres(fresh_data_dir),
    ):
        pass
