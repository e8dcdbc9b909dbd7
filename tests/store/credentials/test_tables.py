"""What the tables of credentials promise, whoever writes to them."""

import psycopg
import pytest
from alembic import command
from psycopg.errors import CheckViolation, ForeignKeyViolation, UniqueViolation

from receiver.store.connections.engine import migration_engine
from receiver.store.credentials.credentials import Role, create_credential, list_credentials
from receiver.store.credentials.tables import console_link, credential, credential_token
from receiver.store.schema.migrating import migrate
from tests.support.ageing import execute
from tests.support.store.database import alembic_configuration, column

DIGEST = b"\1" * 32


def test_every_declared_column_has_a_comment() -> None:
    for table in (credential, credential_token, console_link):
        assert table.comment
        assert [column.name for column in table.columns if not column.comment] == []


@pytest.mark.parametrize("role", Role)
def test_every_role_of_the_code_is_one_of_the_table(conninfo: str, role: Role) -> None:
    create_credential(conninfo, "operator", role, DIGEST, None)
    [listed] = list_credentials(conninfo)
    assert role is listed.role


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("INSERT INTO credential (name, role) VALUES ('other', 'owner')", CheckViolation),
        ("INSERT INTO credential (name, role) VALUES ('operator', 'sink')", UniqueViolation),
        ("INSERT INTO credential_token VALUES ('\\x02', 'nobody')", ForeignKeyViolation),
        (
            "INSERT INTO credential_token SELECT token_digest, name FROM credential_token",
            UniqueViolation,
        ),
        ("DELETE FROM credential", ForeignKeyViolation),
        ("INSERT INTO console_link VALUES ('\\x02', 'nobody', now(), now())", ForeignKeyViolation),
    ],
)
def test_the_tables_refuse_what_no_command_would_write(
    conninfo: str, written: str, error: type[psycopg.Error]
) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    with psycopg.connect(conninfo) as connection, pytest.raises(error):
        connection.execute(written)


def test_the_database_holds_no_token_and_no_key(conninfo: str) -> None:
    tables = (credential, credential_token, console_link)
    columns = {column.name for table in tables for column in table.columns}
    assert not {"token", "key"} & columns
    assert {"token_digest", "key_digest"} == {
        name for name in columns if "token" in name or "key" in name
    }


LINK = """
INSERT INTO console_link (key_digest, credential, expires_at) VALUES ('\\x01', 'operator', now())
"""


def test_links_come_and_go_with_their_table_and_credentials_stay(conninfo: str) -> None:
    create_credential(conninfo, "operator", Role.READER, DIGEST, None)
    for _ in range(2):
        execute(conninfo, LINK)
        with migration_engine(conninfo).connect() as connection:
            command.downgrade(alembic_configuration(connection), "0019")
        assert column(conninfo, "SELECT to_regclass('console_link')") == ["None"]
        assert migrate(conninfo)[0] == "0020"
        assert column(conninfo, "SELECT count(*) FROM console_link") == ["0"]
    assert [one.name for one in list_credentials(conninfo)] == ["operator"]
