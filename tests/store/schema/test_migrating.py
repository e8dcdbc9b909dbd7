"""Migrations are applied once, in their order, whoever runs them and however many at once."""

import asyncio
import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import psycopg
import pytest
from alembic import command

from receiver.errors import ConfigurationError, Unavailable
from receiver.events.event import Status
from receiver.postgres import embedded_postgres
from receiver.store.connections.engine import migration_engine
from receiver.store.credentials.credentials import Role, create_credential
from receiver.store.events.ingest import Ingest
from receiver.store.projector.feeds import OVERLAPPING
from receiver.store.projector.projecting import Projection
from receiver.store.schema import migrating
from receiver.store.schema.migrating import migrate, take_back
from receiver.store.schema.revisions import (
    OLDEST_SERVED,
    is_for_last,
    known_revisions,
    pending_migrations,
    revision_head,
)
from tests.support.arrivals import arrival
from tests.support.folders import make_folder
from tests.support.pooler import transaction_pooler
from tests.support.processes import until
from tests.support.store.database import PARTITIONS, alembic_configuration, column, rows


def test_the_tables_equal_the_migrations(conninfo: str) -> None:
    with migration_engine(conninfo).connect() as connection:
        command.check(alembic_configuration(connection))


def test_up_down_and_up_again(empty_conninfo: str) -> None:
    migrate(empty_conninfo)
    with migration_engine(empty_conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "base")
    left = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert column(empty_conninfo, f"{left} AND relname NOT LIKE 'alembic%'") == []
    assert pending_migrations(empty_conninfo)[-1] == revision_head()
    migrate(empty_conninfo)
    assert pending_migrations(empty_conninfo) == []


TABLES = ("event", "event_identity", "credential", "quarantine", "device_status")
CONTENT = "SELECT to_jsonb(kept)::text FROM {} AS kept ORDER BY 1"
KEPT = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT LIKE 'alembic%'
"""
EVENTS = "SELECT to_jsonb(event) - 'xact' FROM reporting.event ORDER BY event_id"
DEFINED = """
SELECT pg_get_viewdef('reporting.event'::regclass)
UNION ALL SELECT has_table_privilege('receiver_reporting', 'reporting.event', 'SELECT')::text
UNION ALL SELECT obj_description('reporting.event'::regclass)
UNION ALL (
    SELECT attname || ': ' || col_description(attrelid, attnum) FROM pg_attribute
    WHERE attrelid = 'reporting.event'::regclass AND attnum > 0 ORDER BY attnum
)
"""


async def test_descriptions_of_reasons_come_and_go_around_stored_events(
    conninfo: str, ingest: Ingest
) -> None:
    status = Status(termination_reason="a", initiation_reason="b", update_description="c")
    await ingest.commit([arrival(1, status=status), arrival(1), arrival(2)])
    stored, defined = column(conninfo, EVENTS), column(conninfo, DEFINED)
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "0005")
    before = column(conninfo, EVENTS)
    assert len(before) == len(stored) == 2
    assert not any("initiation_reason" in row or "_description" in row for row in before)
    assert column(conninfo, DEFINED)[1:] == [
        line
        for line in defined[1:]
        if not re.match("(initiation|update)_|[a-z]+_descr|stored_at", line)
    ]
    assert migrate(conninfo) == [name for name in known_revisions() if name > "0005"]
    assert column(conninfo, DEFINED) == defined
    assert column(conninfo, EVENTS) == [row.replace("'c'", "None") for row in stored]


def use_all(report: psycopg.Connection) -> None:
    """Reads every table that there is, and stays in the transaction."""
    for table in TABLES:
        if report.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,):
            report.execute(f"SELECT FROM {table} LIMIT 1".encode())


# The revisions before those that change what events are stored in.
TRIES = 200
CHANGING = ["0001", "0004", "0005", "0012", "0014", "0015", "0020"]


@pytest.mark.parametrize("before", CHANGING)
async def test_a_report_that_is_open_stops_no_intake_while_a_migration_waits_for_it(
    conninfo: str, ingest: Ingest, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    monkeypatch.setattr(migrating, "LOCK_REST_SECONDS", 0.1)
    await ingest.commit([arrival()])
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), before)
    told: list[str] = []
    with psycopg.connect(conninfo) as report, ThreadPoolExecutor(1) as pool:
        use_all(report)
        migrating_ = pool.submit(migrate, conninfo, tell=told.append)
        with psycopg.connect(conninfo, autocommit=True) as sender:
            # Longer than a wait for the lock, shorter than a sender waits.
            sender.execute("SET lock_timeout = '4s'")
            # Until it is told of, but the building of an index waits without being in the way.
            for _ in range(TRIES):
                sender.execute("INSERT INTO event SELECT * FROM event WHERE false")
                await asyncio.sleep(0.01)
                if told:
                    break
        report.rollback()
        assert migrating_.result(60) == [name for name in known_revisions() if name > before]
    assert set(told) <= {migrating.BLOCKED}
    assert column(conninfo, "SELECT count(*) FROM event") == ["1"]


async def test_a_migration_that_waits_too_long_for_a_report_says_so(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_REST_SECONDS", 0.1)
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "0005")
    with psycopg.connect(conninfo) as report:
        use_all(report)
        with pytest.raises(Unavailable, match="was in use all the time"):
            migrate(conninfo, lock_timeout_seconds=1)
    assert pending_migrations(conninfo)[0] == "0006"
    migrate(conninfo)


def test_a_migration_that_worked_for_long_has_the_whole_time_to_wait_for_a_lock(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_REST_SECONDS", 0)
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "0015")
    run, tries = migrating._run, []

    def work_for_long(
        conninfo: str, direction: Literal["upgrade", "downgrade"], target: str
    ) -> bool:
        """Fills for longer than the limit at first, and gets no lock at its end."""
        tries.append(target)
        return len(tries) > 1 and run(conninfo, direction, target)

    monkeypatch.setattr(migrating, "_run", work_for_long)
    assert migrate(conninfo, lock_timeout_seconds=0)[0] == "0016"
    assert len(tries) == 2


def test_an_empty_database_has_no_older_replicas_that_would_be_spared(empty_conninfo: str) -> None:
    assert migrate(empty_conninfo, spares_older=True) == [*known_revisions()]


async def test_the_last_migrations_are_taken_back_without_a_row_that_changes(
    conninfo: str, ingest: Ingest
) -> None:
    await ingest.commit([arrival(1), arrival(1), arrival(2)])
    with psycopg.connect(conninfo) as connection:
        tables = [str(name) for (name,) in connection.execute(KEPT).fetchall()]
    contents = {name: CONTENT.format(name) for name in tables}
    before = {table: column(conninfo, question) for table, question in contents.items()}
    assert len(before["event_identity"]) == 2
    last = [name for name in known_revisions() if is_for_last(name)]
    assert take_back(conninfo) == [*reversed(last)]
    assert pending_migrations(conninfo) == last
    assert {table: column(conninfo, question) for table, question in contents.items()} == before
    assert take_back(conninfo) == []
    assert migrate(conninfo, spares_older=True) == []
    assert migrate(conninfo) == last
    assert {table: column(conninfo, question) for table, question in contents.items()} == before


def test_nothing_is_taken_back_of_a_database_that_lacks_more(conninfo: str) -> None:
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "0020")
    assert take_back(conninfo) == []
    assert pending_migrations(conninfo)[0] == OLDEST_SERVED


def test_a_newer_release_takes_back_what_is_its_own(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    with pytest.raises(ConfigurationError, match="run that release"):
        take_back(conninfo)


def test_a_distributed_database_is_not_taken_back(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "is_distributed", lambda _connection: True)
    with pytest.raises(ConfigurationError, match="distributed"):
        take_back(conninfo)
    assert pending_migrations(conninfo) == []


async def test_a_report_that_is_open_stops_no_intake_while_migrations_are_taken_back(
    conninfo: str, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_REST_SECONDS", 0.1)
    await ingest.commit([arrival()])
    told: list[str] = []
    with psycopg.connect(conninfo) as report, ThreadPoolExecutor(1) as pool:
        report.execute("SELECT FROM reporting.event")
        taking = pool.submit(take_back, conninfo, tell=told.append)
        while not told:
            await ingest.commit([arrival()])
            await asyncio.sleep(0.01)
        report.rollback()
        assert taking.result(60)[0] == revision_head()
    assert column(conninfo, "SELECT count(*) FROM event") == ["1"]


def test_pending_migrations_are_named_and_applied_in_their_order(empty_conninfo: str) -> None:
    pending = pending_migrations(empty_conninfo)
    assert pending[0] == "0001"
    assert migrate(empty_conninfo) == pending
    assert migrate(empty_conninfo) == []


def test_replicas_migrate_at_once_and_one_of_them_does_it(empty_conninfo: str) -> None:
    applied: list[list[str]] = []
    replicas = [
        threading.Thread(target=lambda: applied.append(migrate(empty_conninfo))) for _ in range(3)
    ]
    for replica in replicas:
        replica.start()
    for replica in replicas:
        replica.join()
    assert [len(revisions) > 0 for revisions in sorted(applied)] == [False, False, True]


def test_an_unreachable_database_is_said_so_without_its_password() -> None:
    with pytest.raises(Unavailable, match="cannot be reached") as refused:
        migrate("postgresql://receiver:s3cret-word@127.0.0.1:1/receiver")
    assert "s3cret-word" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_login_that_may_not_create_roles_migrates_and_says_what_an_administrator_runs(
    capfd: pytest.CaptureFixture[str],
) -> None:
    home = make_folder("dsr-")
    try:
        with embedded_postgres(home / "data") as fresh:
            with psycopg.connect(fresh.conninfo, autocommit=True) as connection:
                connection.execute("CREATE ROLE modest LOGIN")
                connection.execute("CREATE DATABASE modest OWNER modest")
            server = fresh.conninfo.replace("//receiver@/receiver", "//{}@/modest")
            migrate(server.format("modest"))
            printed = capfd.readouterr().err
            commands = printed[printed.index("CREATE ROLE") :]
            with psycopg.connect(server.format("receiver"), autocommit=True) as connection:
                connection.execute(commands)
                connection.execute("SET ROLE receiver_reporting")
                assert connection.execute("SELECT * FROM reporting.event").fetchall() == []
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute("SELECT * FROM event")
    finally:
        shutil.rmtree(home)


def test_a_replica_that_waits_says_so_once(conninfo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "TELL_SECONDS", 0)
    monkeypatch.setattr(migrating, "LOCK_POLL_SECONDS", 0.01)
    told: list[str] = []
    with psycopg.connect(conninfo) as other:
        other.execute(migrating.TRY_LOCK)
        with pytest.raises(ConfigurationError, match="migrating for too long"):
            migrate(conninfo, lock_timeout_seconds=0.5, tell=told.append)
    assert told == [migrating.WAITING]


def test_migrating_through_a_pooler_names_the_way_past_it_and_leaves_no_lock(
    empty_conninfo: str,
) -> None:
    told: list[str] = []
    with transaction_pooler(empty_conninfo) as pooled:
        assert migrate(pooled, tell=told.append)[0] == "0001"
        assert migrate(pooled, tell=told.append) == []
        held = "SELECT objid FROM pg_locks WHERE locktype = 'advisory'"
        assert column(empty_conninfo, held) == []
        assert migrate(empty_conninfo, lock_timeout_seconds=0) == []
    assert told == [migrating.POOLED] * 2
    assert "DATABASE_DIRECT_URL" in migrating.POOLED


def test_a_failed_migration_is_one_line_with_its_sqlstate(empty_conninfo: str) -> None:
    with psycopg.connect(empty_conninfo) as connection:
        connection.execute("CREATE TABLE quarantine ()")
    with pytest.raises(Unavailable, match=r"^a migration failed \(SQLSTATE 42P07\)$"):
        migrate(empty_conninfo)


def test_a_replica_that_waits_too_long_for_another_is_refused(conninfo: str) -> None:
    with psycopg.connect(conninfo) as other:
        assert other.execute(migrating.TRY_LOCK).fetchone() == ("0", True)
        with pytest.raises(ConfigurationError, match="migrating for too long"):
            migrate(conninfo, lock_timeout_seconds=0)


# Indexes that are built beside the work: the revision before, the end of the name of each part, and
# what it covers.
AHEAD = "(device_id, received_at) WHERE occurred_at - received_at > interval '5 minutes'"
RECEIVED = "USING brin (received_at, ((received_at AT TIME ZONE 'UTC')::date))"
ADDRESS = (
    "(ipv4_public_address, occurred_at, stored_at, seq, ipv4_public_port, ipv4_private_address)"
    " WHERE ipv4_public_address IS NOT NULL"
)
DISPLACED = (
    "(stored_at, seq) WHERE stored_at - received_at < interval '-1 minute'"
    " OR stored_at - received_at > interval '1 hour'"
)
INDEXES = [
    pytest.param("event_feed", "0007", "xact", "(xact)", id="feed"),
    pytest.param("event_ahead", "0008", "ahead", AHEAD, id="ahead"),
    pytest.param("event_received", "0010", "received", RECEIVED, id="received"),
    pytest.param("event_ipv4_port_history", "0015", "ipv4_port_history", ADDRESS, id="address"),
    pytest.param("event_displaced", "0015", "displaced", DISPLACED, id="displaced"),
]


@pytest.mark.parametrize(("index", "before", "suffix", "covered"), INDEXES)
def test_an_index_of_events_is_finished_where_it_was_cut_off(
    conninfo: str, index: str, before: str, suffix: str, covered: str
) -> None:
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), before)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        first, second, *_ = column(conninfo, PARTITIONS)
        # One partition was attached, and the index of another was left half-made.
        connection.execute(f"CREATE INDEX {index} ON ONLY event {covered}")
        connection.execute(f"CREATE INDEX {first}_{suffix}_idx ON {first} {covered}")
        connection.execute(f"ALTER INDEX {index} ATTACH PARTITION {first}_{suffix}_idx")
        connection.execute(f"CREATE INDEX {second}_{suffix}_idx ON {second} (seq)")
    assert migrate(conninfo) == [name for name in known_revisions() if name > before]
    valid = f"SELECT indisvalid FROM pg_index WHERE indexrelid = '{index}'::regclass"  # noqa: S608 - of this test
    assert column(conninfo, valid) == ["True"]
    with migration_engine(conninfo).connect() as connection:
        command.check(alembic_configuration(connection))


@pytest.mark.parametrize("before", ["0001", "0004", "0007", "0010", "0015", "0020"])
def test_an_index_of_events_stops_no_insert(conninfo: str, before: str) -> None:
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), before)
    with psycopg.connect(conninfo) as report:
        # Its snapshot keeps the building of an index waiting.
        report.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        report.execute("SELECT count(*) FROM event")
        with ThreadPoolExecutor(1) as pool:
            migrating_ = pool.submit(migrate, conninfo)
            with psycopg.connect(conninfo, autocommit=True) as connection:
                waits = (
                    "SELECT count(*) FROM pg_stat_progress_create_index WHERE phase LIKE 'wait%'"
                )
                assert until(lambda: connection.execute(waits).fetchone() != (0,))
                connection.execute("SET lock_timeout = '2s'")
                connection.execute("INSERT INTO event SELECT * FROM event WHERE false")
            report.rollback()
            assert migrating_.result(60) == [name for name in known_revisions() if name > before]


REGISTERS = """
INSERT INTO device_status SELECT gen_random_uuid(), 'country', 'FR', code, '{FR,MC}',
    now(), 1, '', now(), code, '-infinity', 0, '', now()
FROM generate_series(1, 9) AS code
"""
LEDGER = """
INSERT INTO subscription (device_id, credential, subscription_id, strength, names, first_at)
SELECT gen_random_uuid(), 'a', 's', strength, 0, now() FROM generate_series(1, 3) AS strength
"""


@pytest.mark.parametrize(
    ("revision", "before", "rows", "half_made"),
    [
        ("0012", "0008", REGISTERS, "device_status_countries ON device_status (seq)"),
        ("0024", "0023", LEDGER, "subscription_weaker ON subscription (first_at)"),
    ],
)
def test_an_index_of_what_is_derived_is_finished_where_it_was_cut_off(
    conninfo: str, revision: str, before: str, rows: str, half_made: str
) -> None:
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), before)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(rows.encode())
        connection.execute(f"CREATE INDEX {half_made}".encode())
    assert revision in migrate(conninfo)
    with migration_engine(conninfo).connect() as connection:
        command.check(alembic_configuration(connection))
    valid = "SELECT bool_and(indisvalid) FROM pg_index WHERE indrelid = %s::regclass"
    with psycopg.connect(conninfo) as connection:
        assert connection.execute(valid, [half_made.split()[-2]]).fetchall() == [(True,)]


REGISTER = """
INSERT INTO subscription_registration (credential, subscription_id, registered_at)
VALUES ('a', 's', now())
"""
CREDENTIALS = "SELECT name || ': ' || role FROM credential ORDER BY name"


def test_the_role_of_a_registrar_and_registrations_come_and_go_around_credentials(
    conninfo: str,
) -> None:
    for number, role in enumerate(Role):
        create_credential(conninfo, role, role, bytes([number]) * 32, None)
    with psycopg.connect(conninfo) as connection:
        connection.execute(REGISTER)
    with migration_engine(conninfo).connect() as connection_down:
        command.downgrade(alembic_configuration(connection_down), "0009")
    # What the older release knows of a registrar: it may ask.
    expected = [f"{role}: {role}" for role in sorted(Role)]
    before = [one.replace(": registrar", ": reader") for one in expected]
    assert column(conninfo, CREDENTIALS) == before
    assert migrate(conninfo)[0] == "0010"
    assert column(conninfo, CREDENTIALS) == before
    assert column(conninfo, "SELECT count(*) FROM subscription_registration") == ["0"]
    create_credential(conninfo, "another", Role.REGISTRAR, b"9" * 32, None)


async def test_a_position_that_is_a_time_becomes_one_that_an_older_release_derives_anew_from(
    conninfo: str,
) -> None:
    by_time = Projection(
        conninfo, statement_timeout_seconds=10, prepare_threshold=None, feed=OVERLAPPING
    )
    await by_time.derive_all()
    await by_time.close()
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "0012")
    found = rows(conninfo, "SELECT position IS NULL AS is_null, system_identifier FROM projection")
    assert found == [{"is_null": False, "system_identifier": 0}]
    assert "0014" in migrate(conninfo)
    by_snapshot = Projection(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    # The new epoch alone; the rebuild is the next step.
    assert await by_snapshot.derive()
    await by_snapshot.close()
    assert column(conninfo, "SELECT rebuilding IS NOT NULL FROM projection") == ["True"]
