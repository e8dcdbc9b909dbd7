"""A transaction asks for a durable commit where none is set, for itself and nobody else."""

from collections.abc import Iterator

import psycopg
import pytest

from receiver.store.connections.durability import DURABLE

SET = "SELECT set_config('synchronous_commit', %s, false)"
ASK = f"SELECT 1 WHERE {DURABLE}"
SHOW = "SHOW synchronous_commit"


@pytest.fixture
def connection(postgres: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(
    ("chosen", "used"),
    [
        ("off", "on"),
        ("local", "local"),
        ("remote_write", "remote_write"),
        ("on", "on"),
        ("remote_apply", "remote_apply"),
    ],
)
def test_only_off_is_raised_and_only_until_the_end_of_the_transaction(
    connection: psycopg.Connection, chosen: str, used: str
) -> None:
    connection.execute(SET, [chosen])
    with connection.transaction():
        assert connection.execute(ASK).fetchall() == [(1,)]
        assert connection.execute(SHOW).fetchone() == (used,)
    assert connection.execute(SHOW).fetchone() == (chosen,)


def test_a_prepared_statement_asks_each_time_it_runs(connection: psycopg.Connection) -> None:
    connection.execute(SET, ["on"])
    # Postgres settles on a generic plan after five executions.
    for _ in range(10):
        connection.execute(ASK, prepare=True)
    connection.execute(SET, ["off"])
    with connection.transaction():
        connection.execute(ASK, prepare=True)
        assert connection.execute(SHOW).fetchone() == ("on",)


@pytest.mark.parametrize(("chosen", "used"), [("error", "warning"), ("debug1", "debug1")])
def test_the_warning_of_an_unconfirmed_commit_is_heard(
    connection: psycopg.Connection, chosen: str, used: str
) -> None:
    connection.execute("SELECT set_config('client_min_messages', %s, false)", [chosen])
    heard: list[str | None] = []
    connection.add_notice_handler(lambda diagnostic: heard.append(diagnostic.sqlstate))
    with connection.transaction():
        connection.execute(ASK)
        assert connection.execute("SHOW client_min_messages").fetchone() == (used,)
        connection.execute("DO $$ BEGIN RAISE WARNING 'not confirmed'; END $$")
    assert "01000" in heard
