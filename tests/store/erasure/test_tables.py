"""The table of erasures has no place for an identifier."""

from alembic import command
from sqlalchemy import BigInteger

from receiver.store.connections.engine import migration_engine
from receiver.store.erasure.tables import erasure
from receiver.store.schema.migrating import migrate
from tests.support.ageing import execute
from tests.support.store.database import alembic_configuration, column


def test_every_column_has_a_comment() -> None:
    assert erasure.comment
    assert all(column.comment for column in erasure.columns)


def test_a_row_has_times_a_credential_and_numbers_alone() -> None:
    others = {column.name for column in erasure.columns if not isinstance(column.type, BigInteger)}
    assert others == {"id", "began_at", "ended_at", "credential"}


def test_the_table_comes_and_goes_with_its_rows(conninfo: str) -> None:
    record = "INSERT INTO erasure (credential, devices) VALUES ('an-admin', 2)"
    for _ in range(2):
        execute(conninfo, record)
        with migration_engine(conninfo).connect() as connection:
            command.downgrade(alembic_configuration(connection), "0018")
        assert column(conninfo, "SELECT to_regclass('erasure')") == ["None"]
        assert migrate(conninfo)[0] == "0019"
        assert column(conninfo, "SELECT count(*) FROM erasure") == ["0"]
