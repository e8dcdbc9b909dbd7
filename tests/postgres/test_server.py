"""The server starts after any accident, is private, and ends when told."""

import os
import signal
import stat
import subprocess
import threading
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from receiver.errors import ConfigurationError
from receiver.postgres import embedded_postgres, server
from receiver.postgres.postmaster import read_postmaster
from tests.support.embedded import Greeting, Launch, ProcessesOf, ProcessOfPid
from tests.support.processes import until

# Never waits, so that the backend does not learn that its server is gone. A minute is the end of a
# test that failed.
BUSY = """DO $$
DECLARE until timestamptz := clock_timestamp() + interval '1 minute';
BEGIN
    WHILE pg_stat_file('rest', true) IS NULL AND clock_timestamp() < until LOOP END LOOP;
END $$"""
AT_WORK = "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'"


def postmaster_pid(data_dir: Path) -> int:
    postmaster = read_postmaster(data_dir / "postgres")
    assert postmaster is not None
    return postmaster.pid


def setting(conninfo: str, name: str) -> object:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    return row and row[0]


def test_nothing_but_a_private_socket_is_open(data_dir: Path, process_of_pid: ProcessOfPid) -> None:
    with embedded_postgres(data_dir) as postgres:
        assert setting(postgres.conninfo, "listen_addresses") == ""
        run = (data_dir / "run").stat()
        cluster = (data_dir / "postgres").stat()
        assert 0o700 == stat.S_IMODE(run.st_mode) == stat.S_IMODE(cluster.st_mode)
        assert run.st_uid == cluster.st_uid
        assert process_of_pid(postmaster_pid(data_dir)).net_connections("inet") == []


def test_nothing_committed_is_lost_with_the_power(data_dir: Path) -> None:
    with embedded_postgres(data_dir) as postgres:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert setting(postgres.conninfo, name) == "on"
        assert setting(postgres.conninfo, "timezone") == "UTC"
        with psycopg.connect(postgres.conninfo) as connection:
            row = connection.execute(
                "SELECT datname, datlocprovider, datlocale, datcollate FROM pg_database"
                " WHERE datname = current_database()"
            ).fetchone()
        assert row == ("receiver", "b", "C.UTF-8", "C")


def test_the_url_serves_psql_and_sqlalchemy_whatever_the_environment(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "9999")
    with embedded_postgres(data_dir) as postgres:
        command = [str(postgres.bin_dir / "psql"), postgres.conninfo, "-Atc", "SELECT 42"]
        assert subprocess.run(command, capture_output=True, check=True).stdout == b"42\n"
        engine = create_engine(postgres.conninfo.replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT 42")) == 42
        engine.dispose()


def test_a_failed_start_tells_why_and_leaves_nothing(
    spare_data_dir: Path, processes_of: ProcessesOf
) -> None:
    settings = spare_data_dir / "postgres" / "postgresql.auto.conf"
    settings.write_text("no such thing = at all\n")
    with (
        pytest.raises(ConfigurationError, match="syntax error in file"),
        embedded_postgres(spare_data_dir),
    ):
        pass
    assert processes_of(spare_data_dir) == []
    assert not (spare_data_dir / "run").exists()
    settings.write_text("")
    with embedded_postgres(spare_data_dir, must_own=True) as postgres:
        assert postgres.owned


def test_a_server_that_does_not_become_ready_is_given_up(
    spare_data_dir: Path, processes_of: ProcessesOf
) -> None:
    (spare_data_dir / "postgres" / "standby.signal").touch()
    (spare_data_dir / "postgres" / "postgresql.auto.conf").write_text("hot_standby = off\n")
    with (
        pytest.raises(ConfigurationError, match="did not accept connections in time"),
        embedded_postgres(spare_data_dir, start_timeout_seconds=0.5),
    ):
        pass
    assert processes_of(spare_data_dir) == []


@pytest.mark.parametrize("content", [None, "", "garbage\n"])
def test_a_stale_pid_file_does_not_prevent_a_start(data_dir: Path, content: str | None) -> None:
    pid_file = data_dir / "postgres" / "postmaster.pid"
    with embedded_postgres(data_dir):
        left = pid_file.read_text()
    owner = pid_file.parent.stat()
    # Postgres believes a pid file that names any living process of its own user.
    with subprocess.Popen(
        ["/bin/sleep", "60"], user=None if owner.st_uid == os.geteuid() else owner.st_uid
    ) as bystander:
        _, *rest = left.splitlines()
        pid_file.write_text("\n".join([str(bystander.pid), *rest]) if content is None else content)
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        pid_file.chmod(0o600)
        try:
            with embedded_postgres(data_dir) as postgres:
                assert postgres.owned
        finally:
            assert bystander.poll() is None
            bystander.kill()


def test_a_start_waits_for_backends_that_outlived_their_server(
    data_dir: Path, launch: Launch, greeting: Greeting
) -> None:
    owner = launch(data_dir)
    conninfo = greeting(owner)["conninfo"]
    outcome: list[psycopg.Error] = []

    def keep_busy() -> None:
        try:
            with psycopg.connect(conninfo) as connection:
                connection.execute(BUSY)
        except psycopg.Error as error:
            outcome.append(error)

    client = threading.Thread(target=keep_busy)
    client.start()
    with psycopg.connect(conninfo, autocommit=True) as looking:
        while looking.execute(AT_WORK).fetchone() is None:
            time.sleep(0.05)
    os.kill(postmaster_pid(data_dir), signal.SIGKILL)
    owner.kill()
    owner.wait()
    log = data_dir / "postgres.log"
    known = len(log.read_text())
    heir = launch(data_dir)
    assert until(lambda: server.STILL_IN_USE in log.read_text()[known:])
    rest = data_dir / "postgres" / "rest"
    rest.touch()
    assert greeting(heir)["owned"]
    client.join()
    rest.unlink()


def test_the_owner_learns_of_a_server_that_ends_by_itself(data_dir: Path) -> None:
    told = threading.Event()
    with embedded_postgres(data_dir) as postgres:
        postgres.watch(told.set)
        os.kill(postmaster_pid(data_dir), signal.SIGKILL)
        assert told.wait(10)


def test_a_stop_of_our_own_is_no_news(data_dir: Path) -> None:
    told = threading.Event()
    before = set(threading.enumerate())
    with embedded_postgres(data_dir) as postgres:
        postgres.watch(told.set)
        assert set(threading.enumerate()) > before
    assert not told.wait(0.2)
    assert before.issuperset(threading.enumerate())


def test_a_server_that_hangs_at_its_end_is_ended_harder(
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    process_of_pid: ProcessOfPid,
    processes_of: ProcessesOf,
) -> None:
    monkeypatch.setattr(server, "STOP_SECONDS", 0.3)
    with embedded_postgres(data_dir):
        hanging = process_of_pid(postmaster_pid(data_dir)).children()[0]
        hanging.suspend()
    assert not hanging.is_running()
    assert processes_of(data_dir) == []


def test_a_client_at_work_does_not_delay_the_end(data_dir: Path) -> None:
    with embedded_postgres(data_dir) as postgres:
        connection = psycopg.connect(postgres.conninfo)
        connection.execute("SELECT 1")
        begin = time.monotonic()
    assert time.monotonic() - begin < server.STOP_SECONDS
    connection.close()


def test_only_the_main_thread_may_own(data_dir: Path, processes_of: ProcessesOf) -> None:
    errors: list[RuntimeError] = []

    def own() -> None:
        try:
            with embedded_postgres(data_dir):
                pass
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=own)
    thread.start()
    thread.join()
    assert [*map(str, errors)] == ["the embedded Postgres is started from the main thread only"]
    assert processes_of(data_dir) == []


def test_ctrl_c_in_the_terminal_is_not_for_the_server(
    data_dir: Path, process_of_pid: ProcessOfPid
) -> None:
    with embedded_postgres(data_dir):
        pid = postmaster_pid(data_dir)
        assert os.getsid(pid) == pid == os.getpgid(pid)
        assert os.getpid() == process_of_pid(pid).ppid()
