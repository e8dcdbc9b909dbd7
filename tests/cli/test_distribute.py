"""`receiver distribute`: prints as SQL what it would run, and refuses in one line."""

import psycopg
import pytest

from receiver.store.distribution.placement import DISTRIBUTED, placed
from tests.support.cluster import distributed
from tests.support.command_line import error_of, run


@pytest.fixture(autouse=True)
def overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_FEED", "overlap")


@pytest.mark.undistributed("it has the extension")
def test_what_would_be_run_is_printed_with_what_is_in_the_way(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    printed = run("distribute", "--print", "--shards", "8")
    assert (printed.status, printed.stderr) == (0, "")
    lines = [line for line in printed.stdout.splitlines() if not line.startswith("--")]
    tables, _, reports = "\n".join(lines).partition("\nBEGIN;\n")
    commands = tables.splitlines()
    assert len(commands) == len(DISTRIBUTED)
    assert all(command.startswith("SELECT create_distributed_table(") for command in commands)
    assert "shard_count => 8" in commands[0]
    # As psql reads it: the reports are whole statements.
    with psycopg.connect(conninfo) as connection:
        connection.execute(reports.partition("\nCOMMIT;")[0].encode())
        connection.rollback()
    assert "-- In the way: the extension citus is not in this database" in printed.stdout
    assert error_of(run("distribute", "--run")).startswith("the extension citus")


def test_a_feed_by_transactions_and_an_embedded_postgres_are_refused(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    assert "DATABASE_URL" in error_of(run("distribute", "--run"))
    monkeypatch.setenv("DATABASE_URL", conninfo)
    monkeypatch.setenv("RECEIVER_FEED", "snapshot")
    assert "RECEIVER_FEED=overlap" in error_of(run("distribute", "--run"))


@pytest.mark.parametrize("words", [(), ("--print", "--run")])
def test_one_of_both_ways_is_asked_for(words: tuple[str, ...]) -> None:
    ended = run("distribute", *words)
    assert (ended.status, "--print and --run" in ended.stderr) == (2, True)


@distributed
def test_a_database_is_distributed_and_what_is_left_to_do_is_said(
    monkeypatch: pytest.MonkeyPatch, joined_conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", joined_conninfo)
    first = run("distribute", "--run", "--shards", "4")
    assert first.status == 0
    assert "what writes there waits for about" in first.stderr
    assert "Restart every service" in first.stderr
    with psycopg.connect(joined_conninfo, autocommit=True) as connection:
        assert placed(connection) == {*DISTRIBUTED}
        connection.execute(first.stdout.encode())
    again = run("distribute", "--run", "--shards", "4")
    assert (again.status, again.stdout) == (0, first.stdout)
    assert again.stderr.startswith("All tables are distributed")
