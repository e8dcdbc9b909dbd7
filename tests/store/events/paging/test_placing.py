"""A selection knows where its events are by the connection that reads them."""

from receiver.store.connections.engine import question_engine, selecting
from receiver.store.events.paging.placing import place
from receiver.store.events.selection import Selection
from tests.support.cluster import Cluster


async def test_events_are_where_the_connection_says(conninfo: str, cluster: Cluster) -> None:
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
    )
    async with selecting(engine) as connection:
        assert (await place(connection, Selection())).is_apart is cluster.is_distributed
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        driver.may_be_distributed = True
        assert (await place(connection, Selection())).is_apart
    await engine.dispose()
