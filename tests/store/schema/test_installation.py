"""An installation has one namespace, secret and for ever."""

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.connections.engine import question_engine
from receiver.store.schema.installation import read_namespace
from receiver.store.schema.migrating import migrate
from tests.support.store.database import column

NAMESPACE = "SELECT namespace FROM installation"


async def test_the_namespace_is_the_same_at_every_start(engine: AsyncEngine, conninfo: str) -> None:
    first = await read_namespace(engine)
    migrate(conninfo)
    assert await read_namespace(engine) == first
    assert [str(first)] == column(conninfo, NAMESPACE)


def test_two_installations_have_two_namespaces(conninfo: str, empty_conninfo: str) -> None:
    migrate(empty_conninfo)
    assert column(conninfo, NAMESPACE) != column(empty_conninfo, NAMESPACE)


@pytest.mark.parametrize("singleton", [True, False])
def test_there_is_no_second_row(conninfo: str, singleton: bool) -> None:
    with (
        psycopg.connect(conninfo) as connection,
        pytest.raises(psycopg.errors.IntegrityError),
    ):
        connection.execute("INSERT INTO installation (singleton) VALUES (%s)", [singleton])


async def test_an_empty_database_has_no_namespace(empty_conninfo: str) -> None:
    engine = question_engine(
        empty_conninfo, pool_size=1, statement_timeout_seconds=5, prepare_threshold=None
    )
    with pytest.raises(Unavailable, match="42P01"):
        await read_namespace(engine)
    await engine.dispose()
