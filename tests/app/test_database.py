"""Which database a command gets: the configured server as it is, or the embedded one, migrated."""

from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from receiver.app.database import (
    FINISH,
    Database,
    find_data_dir,
    find_reports,
    open_database,
    require_migrated,
)
from receiver.errors import ConfigurationError
from receiver.postgres import default_data_dir
from receiver.settings.settings import Settings
from receiver.store.connections.database import connect
from receiver.store.connections.reporting import ROLE
from receiver.store.schema.partitions import later, partition_name, read_coverage
from receiver.store.schema.revisions import OLDEST_SERVED, pending_migrations
from tests.support.processes import open_folder

IS_PARTITION = "SELECT to_regclass(%s) IS NOT NULL"


def configured(**settings: object) -> Settings:
    return Settings.model_validate(
        {"DATABASE_URL": None, "DATABASE_DIRECT_URL": None, "data_dir": None} | settings
    )


def test_the_configured_server_is_used_past_its_pooler_where_one_is_named() -> None:
    # The server is not asked: these addresses lead nowhere.
    pooler, direct = "postgresql://pooler.invalid/d", "postgresql://server.invalid/d"
    with open_database(configured(DATABASE_URL=SecretStr(pooler))) as database:
        assert database == Database(pooler, pooler)
    both = configured(DATABASE_URL=SecretStr(pooler), DATABASE_DIRECT_URL=SecretStr(direct))
    with open_database(both) as database:
        assert database == Database(pooler, direct)


def test_a_server_with_pending_migrations_is_refused_by_name(
    conninfo: str, empty_conninfo: str
) -> None:
    require_migrated(Database(conninfo, conninfo))
    pending = pending_migrations(empty_conninfo)
    with pytest.raises(ConfigurationError, match="run `receiver migrate` first") as refused:
        require_migrated(Database(empty_conninfo, empty_conninfo))
    assert pending
    assert all(name in str(refused.value) for name in pending)


def test_a_server_that_a_newer_release_migrated_is_served_with_a_warning(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with capture_logs() as logged:
        require_migrated(Database(conninfo, conninfo))
    [line] = logged
    assert (line["log_level"], line["revision"]) == ("warning", "9999")


def test_a_server_that_lacks_the_last_migrations_only_is_served_with_a_warning(
    conninfo: str,
) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [OLDEST_SERVED])
    with capture_logs() as logged:
        require_migrated(Database(conninfo, conninfo))
    [line] = logged
    assert (line["log_level"], line["what_to_do"]) == ("warning", FINISH)
    assert line["pending"] == pending_migrations(conninfo) != []


def test_migrations_are_looked_for_past_the_pooler(conninfo: str, empty_conninfo: str) -> None:
    require_migrated(Database(empty_conninfo, conninfo))


def test_the_data_directory_is_the_configured_one_or_the_users(tmp_path: Path) -> None:
    assert find_data_dir(configured(data_dir=tmp_path)) == tmp_path
    assert find_data_dir(configured()) == default_data_dir()


def test_an_embedded_postgres_is_migrated_at_first_and_keeps_its_partitions_ahead() -> None:
    with open_folder() as folder:
        settings = configured(data_dir=folder / "data")
        with open_database(settings, must_own=True) as database:
            assert database.embedded is not None
            assert database.embedded.owned
            assert pending_migrations(database.conninfo) == []
            with connect(database.conninfo) as connection:
                month = read_coverage(connection).month
                last = partition_name(later(month, 3))
                connection.execute(f"DROP TABLE {last}")
                connection.commit()
        with open_database(settings) as database, connect(database.conninfo) as connection:
            assert connection.execute(IS_PARTITION, [last]).fetchall() == [(True,)]


def test_reports_log_in_to_the_embedded_postgres_as_a_role_that_is_nobody_else() -> None:
    with open_folder() as folder:
        settings = configured(data_dir=folder / "data")
        for _ in range(2):
            with open_database(settings) as database, connect(find_reports(database)) as connection:
                assert connection.execute("SELECT session_user").fetchone() == (ROLE,)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute("SET ROLE receiver")


def test_reports_go_past_a_pooler_as_the_login_of_the_server(conninfo: str) -> None:
    pooler = "postgresql://pooler.invalid/d"
    with connect(find_reports(Database(pooler, conninfo))) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (ROLE,)
        assert connection.execute("SELECT session_user").fetchone() != (ROLE,)


def test_where_data_must_exist_nothing_begins_anew_unless_it_is_asked_to() -> None:
    with open_folder() as folder:
        settings = configured(data_dir=folder / "not-mounted", data_must_exist=True)
        with (
            pytest.raises(ConfigurationError, match="mount its disk, or make a new one"),
            open_database(settings),
        ):
            pass
        assert not (folder / "not-mounted").exists()
        with open_database(settings, may_begin=True) as database:
            assert pending_migrations(database.conninfo) == []
        with open_database(settings, must_own=True) as database:
            assert pending_migrations(database.conninfo) == []
