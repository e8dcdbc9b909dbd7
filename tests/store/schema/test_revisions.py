"""The revisions that a database lacks are named; a server that is not for us is refused."""

import os
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg.conninfo import make_conninfo

import receiver
from receiver.errors import ConfigurationError
from receiver.store.connections.database import connect
from receiver.store.connections.engine import migration_engine
from receiver.store.schema import revisions
from receiver.store.schema.migrating import migrate
from receiver.store.schema.revisions import (
    OLDEST_SERVED,
    is_for_last,
    known_revisions,
    migrations_folder,
    pending_migrations,
    require_supported,
    revision_head,
    unserved_revisions,
)
from tests.support.paths import ROOT
from tests.support.store.database import alembic_configuration


def test_the_names_of_the_migrations_tell_their_order(conninfo: str) -> None:
    with migration_engine(conninfo).connect() as connection:
        scripts = ScriptDirectory.from_config(alembic_configuration(connection)).walk_revisions()
        assert [script.revision for script in scripts] == [*reversed(known_revisions())]


def test_a_database_of_a_newer_release_is_refused(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    with pytest.raises(ConfigurationError, match="newer release"):
        pending_migrations(conninfo)


def test_an_empty_database_lacks_every_revision(empty_conninfo: str) -> None:
    assert pending_migrations(empty_conninfo) == [*known_revisions()]


def test_a_database_of_an_older_release_lacks_the_later_ones(conninfo: str) -> None:
    first, *later = known_revisions()
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [first])
    assert pending_migrations(conninfo) == later
    assert later[-1] == revision_head()


def test_each_revision_is_one_to_apply_first_the_oldest_served_or_one_for_last() -> None:
    served = [known for known in known_revisions() if known not in unserved_revisions()]
    assert served[0] == OLDEST_SERVED
    assert [known for known in known_revisions() if is_for_last(known)] == served[1:]


def test_a_server_that_is_too_old_is_refused(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(conninfo) as connection:
        require_supported(connection)
        monkeypatch.setattr(revisions, "OLDEST_VERSION", connection.info.server_version + 1)
        with pytest.raises(ConfigurationError, match="Postgres 15 or newer is needed"):
            require_supported(connection)
    with pytest.raises(ConfigurationError, match="Postgres 15 or newer is needed"):
        pending_migrations(conninfo)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "EUC_JP"])
def test_a_database_that_cannot_hold_every_text_is_refused(postgres: str, encoding: str) -> None:
    name = f"encoded_{encoding.lower()}_{os.getpid()}"
    made = f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' LOCALE_PROVIDER libc"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"{made} TEMPLATE template0")
    try:
        for refusing in (pending_migrations, migrate):
            with pytest.raises(ConfigurationError, match=f"is {encoding}, .*UTF8") as refused:
                refusing(make_conninfo(postgres, dbname=name))
            assert "\n" not in str(refused.value)
    finally:
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_migrations_lie_in_the_package_or_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert migrations_folder() == ROOT / "migrations"
    monkeypatch.setattr(receiver, "__file__", str(tmp_path / "receiver" / "__init__.py"))
    shipped = tmp_path / "receiver" / "migrations"
    shipped.mkdir(parents=True)
    assert migrations_folder() == shipped
