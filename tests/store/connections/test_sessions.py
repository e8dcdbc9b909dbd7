"""No setting of database, role, shell or connection string changes an answer."""

import os
import resource
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import orjson
import psycopg
import pytest
from psycopg import AsyncConnection, sql
from psycopg.conninfo import make_conninfo

from receiver.events.event import Device
from receiver.store.connections import sessions
from receiver.store.connections.database import connect, connect_async, is_pooled
from receiver.store.connections.engine import migration_engine, question_engine
from receiver.store.events.history import History
from receiver.store.events.ingest import Ingest
from receiver.store.events.selection import Selection
from tests.support.arrivals import arrival
from tests.support.pooler import transaction_pooler

SETTINGS = {
    "DateStyle": "German",
    "TimeZone": "America/New_York",
    "client_encoding": "LATIN1",
    "standard_conforming_strings": "off",
    "bytea_output": "escape",
    "IntervalStyle": "sql_standard",
    "extra_float_digits": "-15",
    "search_path": "elsewhere",
    "default_transaction_isolation": "serializable",
    "client_min_messages": "error",
    "lc_messages": "C",
    "array_nulls": "off",
    "transform_null_equals": "on",
    "quote_all_identifiers": "on",
}
AWAY_FROM_ASCII = "zażółć@gęślą.example"
LOOK = "SELECT digest, occurred_at, payload::text, '\\' FROM event"


def by_database(conninfo: str) -> str:
    _alter(conninfo, "DATABASE {database}")
    return conninfo


def by_role(conninfo: str) -> str:
    _alter(conninfo, "ROLE CURRENT_USER IN DATABASE {database}")
    return conninfo


def by_connection(conninfo: str) -> str:
    unsaid = {name: value for name, value in SETTINGS.items() if name != "search_path"}
    return make_conninfo(conninfo, options=" ".join(f"-c {n}={v}" for n, v in unsaid.items()))


def by_shell(conninfo: str) -> str:
    """Called under `unsettled_shell` alone, which ends what is set here."""
    os.environ.update(
        PGDATESTYLE="German",
        PGTZ="America/New_York",
        PGCLIENTENCODING="LATIN1",
        PGGEQO="off",
        PGAPPNAME="somebody else",
        PGOPTIONS=" ".join(f"-c {name}={value}" for name, value in SETTINGS.items()),
    )
    return conninfo


@pytest.fixture
def unsettled_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends what a test puts into the environment."""
    for name in (*sessions.SHELL_VARIABLES, "PGCLIENTENCODING", "PGAPPNAME"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def _alter(conninfo: str, whose: str, settings: Mapping[str, str] = SETTINGS) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        owner = sql.SQL(whose).format(database=sql.Identifier(connection.info.dbname))
        for name, value in settings.items():
            connection.execute(
                sql.SQL("ALTER {} SET {} = {}").format(
                    owner, sql.Identifier(name.lower()), sql.Literal(value)
                )
            )


async def read_back(conninfo: str) -> object:
    """Stores an event, and returns what each kind of connection reads of it."""
    sent = arrival(
        1,
        payload=f'{{"name": "{AWAY_FROM_ASCII}"}}',
        device=Device(network_access_identifier=AWAY_FROM_ASCII),
    )
    ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=1)
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=1
    )
    history = History(engine)
    try:
        await ingest.commit([sent])
        [stored], _ = await history.page(
            Selection(), order="desc", after=None, limit=1, limit_bytes=1
        )
        found = await history.event(stored.key)
    finally:
        await ingest.close()
        await engine.dispose()
    assert found is not None
    with connect(conninfo) as connection:
        by_command = connection.execute(LOOK).fetchall()
    with migration_engine(conninfo).connect() as migrating:
        by_migration = [tuple(row) for row in migrating.exec_driver_sql(LOOK).all()]
    assert by_command == by_migration
    [(digest, occurred_at, payload, backslash)] = by_command
    assert (sent.event.digest, sent.event.payload, "\\") == (digest, payload, backslash)
    assert [sent.event.payload, occurred_at] == [found[1], stored.occurred_at]
    return (
        str(stored.occurred_at),
        str(occurred_at),
        stored.received_at,
        stored.device.network_access_identifier,
        stored.status.country_name,
        stored.deliveries,
    )


EXPECTED = (
    "2026-03-01 08:00:01+00:00",
    "2026-03-01 08:00:01+00:00",
    datetime(2026, 3, 1, 9, 0, 1, tzinfo=UTC),
    AWAY_FROM_ASCII,
    ("FR", 'a "b" \\ c, d'),
    1,
)


@pytest.mark.parametrize("settle", [by_database, by_role, by_connection, by_shell])
@pytest.mark.usefixtures("unsettled_shell")
async def test_settings_change_no_answer(conninfo: str, settle: Callable[[str], str]) -> None:
    assert await read_back(settle(conninfo)) == EXPECTED


@pytest.mark.usefixtures("unsettled_shell")
def test_the_shell_decides_nothing_of_a_session(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as shell:
        for name in (*sessions.SHELL_VARIABLES, "PGCLIENTENCODING"):
            shell.setenv(name, "nonsense")
        with connect(conninfo) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_search_path_of_the_connection_string_is_the_users_wish(conninfo: str) -> None:
    chosen = make_conninfo(conninfo, options="-c search_path=tenant,public")
    with connect(chosen) as connection:
        assert connection.execute("SHOW search_path").fetchone() == ("tenant,public",)
    with connect(conninfo) as connection:
        assert connection.execute("SHOW search_path").fetchone() == ("public",)


def test_a_read_only_default_stays_as_its_administrator_set_it(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as administrator:
        name = sql.Identifier(administrator.info.dbname)
        administrator.execute(
            sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name)
        )
    with connect(conninfo) as connection:
        assert connection.execute("SHOW transaction_read_only").fetchone() == ("on",)


def test_a_direct_connection_is_not_taken_for_a_pooler(conninfo: str) -> None:
    with connect(conninfo) as connection:
        assert not is_pooled(connection)


async def test_a_session_keeps_its_time_limit_and_its_threshold(conninfo: str) -> None:
    connection = await connect_async(conninfo, statement_timeout_seconds=3, prepare_threshold=7)
    shown = await connection.execute("SHOW statement_timeout")
    assert (await shown.fetchone(), connection.prepare_threshold) == (("3s",), 7)
    await connection.close()


def page_faults(pid: int) -> int:
    """Returns how often a server process fetched a page of memory from the system."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        pytest.skip("the server's processes are not to be seen here")
    return int(words[7])


async def faults_of_batches(connection: AsyncConnection, count: int) -> int:
    """Returns the page faults of large statements; the first ones, which grow it, do not count."""
    batch = orjson.dumps([["x" * 200] * 20 for _ in range(100)]).decode()
    faults = 0
    for statement in range(count + 3):
        if statement == 3:
            faults = page_faults(connection.info.backend_pid)
        await connection.execute(
            "SELECT count(value) FROM json_array_elements(%s::json) ORDER BY count(value)", [batch]
        )
    return page_faults(connection.info.backend_pid) - faults


async def test_a_session_keeps_the_memory_of_its_large_statements(conninfo: str) -> None:
    ours = await connect_async(conninfo, statement_timeout_seconds=30, prepare_threshold=5)
    async with ours:
        assert await faults_of_batches(ours, 20) < 20 * 10


def test_a_session_makes_the_value_of_that_memory_once(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        before = page_faults(connection.info.backend_pid)
        connection.execute(sessions.INTRODUCE, sessions.introduction(connection))
        faults = page_faults(connection.info.backend_pid) - before
    assert faults < 1.5 * sessions.KEPT_BYTES / resource.getpagesize()


@pytest.fixture
def pooled(conninfo: str) -> Iterator[str]:
    """The database of the test, through a pooler in transaction mode."""
    with transaction_pooler(conninfo) as through:
        yield through


async def test_settings_change_no_answer_behind_a_pooler(conninfo: str, pooled: str) -> None:
    unsaid = ("search_path", "client_min_messages")
    settings = {name: value for name, value in SETTINGS.items() if name not in unsaid}
    _alter(conninfo, "DATABASE {database}", settings)
    assert await read_back(pooled) == EXPECTED


async def test_a_pooler_is_noticed_and_gets_no_prepared_statement(pooled: str) -> None:
    with connect(pooled) as connection:
        assert is_pooled(connection)
    opened = [
        await connect_async(pooled, statement_timeout_seconds=5, prepare_threshold=0)
        for _ in range(4)
    ]
    for _ in range(5):
        for one in opened:
            found = await one.execute("SELECT count(*) FROM pg_prepared_statements")
            assert await found.fetchone() == (0,)
    for one in opened:
        await one.close()


async def test_no_search_path_reaches_the_other_sessions_of_a_pool(pooled: str) -> None:
    ours = await connect_async(pooled, statement_timeout_seconds=5, prepare_threshold=None)
    with psycopg.connect(pooled) as other:
        assert other.execute("SHOW search_path").fetchone() == ('"$user", public',)
    await ours.close()
