"""What a commit and a question cost on the wire, counted from libpq's own trace."""

from pathlib import Path

import psycopg
import pytest
from psycopg import AsyncConnection

from receiver.store.connections.database import connect_async
from receiver.store.connections.engine import question_engine, reading
from receiver.store.events import ingest
from receiver.store.events.history import History
from receiver.store.events.ingest import Ingest
from receiver.store.events.selection import Selection
from tests.support.arrivals import arrival
from tests.support.store.history import store
from tests.support.traced import sent, start_trace

WARM_UP = 3


@pytest.mark.parametrize("size", [1, 100])
async def test_a_batch_is_one_statement_in_one_round_trip(
    conninfo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    trace = tmp_path / "trace"
    with trace.open("w") as written:

        async def traced(*arguments: object, **options: object) -> AsyncConnection:
            connection = await connect_async(*arguments, **options)  # type: ignore[arg-type]
            start_trace(connection, written.fileno())
            return connection

        monkeypatch.setattr(ingest, "connect_async", traced)
        store = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=1)
        for number in range(WARM_UP):
            await store.commit([arrival(number)])
        before = len(sent(trace))
        await store.commit([arrival(100 + number) for number in range(size)])
        assert sent(trace)[before:] == ["Bind", "Describe", "Execute", "Sync"]
        await store.close()
    with psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (WARM_UP + size,)


async def test_an_event_and_a_page_are_one_round_trip_each(conninfo: str, tmp_path: Path) -> None:
    await store(conninfo, [arrival(number) for number in range(3)])
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
    )
    history, trace = History(engine), tmp_path / "trace"
    with trace.open("w") as written:
        async with reading(engine) as connection:
            start_trace(connection, written.fileno())
        page, _ = await history.page(
            Selection(), order="desc", after=None, limit=50, limit_bytes=10**6
        )
        assert (len(page), sent(trace).count("Sync")) == (3, 1)
        assert await history.event(page[0].key) is not None
        assert sent(trace).count("Sync") == 2
        assert await history.event(page[0].key._replace(seq=2**40)) is None
        # Nor does a transaction begin or end in a message of another kind.
        assert "Query" not in sent(trace)
        async with reading(engine) as connection:
            connection.pgconn.untrace()
    await engine.dispose()
