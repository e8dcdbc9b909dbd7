"""One look tells whether the events of a database are distributed."""

import psycopg

from receiver.store.connections.database import connect_async
from receiver.store.distribution.detecting import (
    has_extension,
    is_distributed,
    is_distributed_async,
)
from tests.support.cluster import Cluster


async def test_the_look_tells_whether_events_are_distributed(
    conninfo: str, cluster: Cluster
) -> None:
    with psycopg.connect(conninfo) as connection:
        assert has_extension(connection) == cluster.is_distributed
        assert is_distributed(connection) == cluster.is_distributed
    service = await connect_async(conninfo, statement_timeout_seconds=10, prepare_threshold=1)
    assert await is_distributed_async(service) == cluster.is_distributed
    await service.close()


def test_a_database_without_tables_is_not_distributed(empty_conninfo: str) -> None:
    with psycopg.connect(empty_conninfo) as connection:
        assert not is_distributed(connection)
