"""What the table of the quarantine promises, to this release and to rows of older ones."""

import psycopg
import pytest
from alembic import command

from receiver.store.connections.engine import migration_engine
from receiver.store.quarantine.entries import RefusalState
from receiver.store.quarantine.tables import quarantine
from tests.support.store.database import alembic_configuration, column
from tests.support.store.quarantine import fill_quarantine


def test_every_declared_column_has_a_comment() -> None:
    assert quarantine.comment
    assert [column.name for column in quarantine.columns if not column.comment] == []


@pytest.mark.parametrize("state", RefusalState)
def test_every_state_of_the_code_is_one_of_the_table(conninfo: str, state: RefusalState) -> None:
    fill_quarantine(conninfo, 1, state)
    assert column(conninfo, "SELECT state FROM quarantine") == [state]


def test_a_state_that_the_code_does_not_know_is_refused(conninfo: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        fill_quarantine(conninfo, 1, "lost")


def test_each_entry_is_stored_as_an_arrival_of_its_own(conninfo: str) -> None:
    fill_quarantine(conninfo, 1, "refused", 50)
    assert column(conninfo, "SELECT count(DISTINCT arrival_id) FROM quarantine") == ["50"]


def test_what_an_older_release_kept_of_a_batch_is_known_to_be_a_member(conninfo: str) -> None:
    with migration_engine(conninfo).connect() as connection:
        configuration = alembic_configuration(connection)
        command.downgrade(configuration, "0002")
        with psycopg.connect(conninfo) as older:
            for media_type, reason in (
                ("Application/CloudEvents-Batch+JSON; charset=utf-8", "data.roaming: missing"),
                ("application/cloudevents-batch+json", "must be a JSON array"),
                ("application/json", "must be a JSON object"),
                (None, "Content-Type must be JSON"),
            ):
                older.execute(
                    "INSERT INTO quarantine (received_at, credential, reason, media_type, headers,"
                    " body) VALUES (now(), 'operator', %s, %s, '{}', '')",
                    (reason, media_type),
                )
        command.upgrade(configuration, "head")
    with psycopg.connect(conninfo) as connection_now:
        found = connection_now.execute("SELECT is_member FROM quarantine ORDER BY id").fetchall()
    assert [is_member for (is_member,) in found] == [True, False, False, False]
