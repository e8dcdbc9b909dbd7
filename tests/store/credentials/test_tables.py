"""What the tables of credentials promise, whoever writes to them."""

import psycopg
import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, UniqueViolation

from receiver.store.credentials.credentials import Role, create_credential, list_credentials
from receiver.store.credentials.tables import credential, credential_token

DIGEST = b"\1" * 32


def test_every_declared_column_has_a_comment() -> None:
    for table in (credential, credential_token):
        assert table.comment
        assert [column.name for column in table.columns if not column.comment] == []


@pytest.mark.parametrize("role", Role)
def test_every_role_of_the_code_is_one_of_the_table(conninfo: str, role: Role) -> None:
    create_credential(conninfo, "operator", role, DIGEST, None)
    [listed] = list_credentials(conninfo)
    assert role is listed.role


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("INSERT INTO credential (name, role) VALUES ('other', 'owner')", CheckViolation),
        ("INSERT INTO credential (name, role) VALUES ('operator', 'sink')", UniqueViolation),
        ("INSERT INTO credential_token VALUES ('\\x02', 'nobody')", ForeignKeyViolation),
        (
            "INSERT INTO credential_token SELECT token_digest, name FROM credential_token",
            UniqueViolation,
        ),
        ("DELETE FROM credential", ForeignKeyViolation),
    ],
)
def test_the_tables_refuse_what_no_command_would_write(
    conninfo: str, command: str, error: type[psycopg.Error]
) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    with psycopg.connect(conninfo) as connection, pytest.raises(error):
        connection.execute(command)


def test_the_database_holds_no_token(conninfo: str) -> None:
    columns = {column.name for table in (credential, credential_token) for column in table.columns}
    assert "token" not in columns
    assert {"token_digest"} == {name for name in columns if "token" in name}
