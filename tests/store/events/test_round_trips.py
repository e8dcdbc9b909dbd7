"""What a commit costs on the wire, counted from libpq's own trace."""

from pathlib import Path

import psycopg
import pytest
from psycopg import AsyncConnection

from receiver.store.connections.database import connect_async
from receiver.store.events import ingest
from receiver.store.events.ingest import Ingest
from tests.support.arrivals import arrival
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
