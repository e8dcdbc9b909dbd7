"""The short handler with group commit: Starlette, orjson and asyncpg, as fast as they allow."""

import asyncio
import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

INSERT = """
INSERT INTO notification_once
    (event_id, source, type, time, phone_number, subscription_id, payload)
SELECT *
FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[],
    $7::jsonb[])
ON CONFLICT (source, event_id) DO NOTHING
"""
AUTHORIZATION = b"Bearer my-token"

Row = tuple[str, str, str, datetime, str | None, str | None, str]


class Group:
    """Commits in one statement what queues up while the statement before it runs."""

    def __init__(self, statement: "asyncpg.prepared_stmt.PreparedStatement") -> None:
        self._statement = statement
        self._waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def store(self, row: Row) -> None:
        """Stores a row; returns once it is committed."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((row, done))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit(), name="commit")
        await done

    async def _commit(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            fault: Exception | None = None
            try:
                await self._statement.fetch(*zip(*(row for row, _ in group), strict=True))
            except (asyncpg.PostgresError, OSError) as error:
                fault = error
            for _, done in group:
                if done.done():
                    continue
                if fault is None:
                    done.set_result(None)
                else:
                    done.set_exception(fault)
        self._committing = None


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Keeps one connection open, on which one commit follows the other."""
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    app.state.group = Group(await connection.prepare(INSERT))
    yield
    await connection.close()


async def receive_notification(request: Request) -> Response:
    """Stores a notification, once."""
    authorization = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(authorization, AUTHORIZATION):
        return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
    body = await request.body()
    try:
        row = _row(body)
    except (ValueError, KeyError, TypeError):
        return Response(status_code=400)
    await request.app.state.group.store(row)
    return Response(status_code=204)


def _row(body: bytes) -> Row:
    event = orjson.loads(body)
    data = event["data"]
    return (
        event["id"],
        event["source"],
        event["type"],
        datetime.fromisoformat(event["time"]),
        data["device"].get("phoneNumber"),
        data.get("subscriptionId"),
        body.decode(),
    )


app = Starlette(
    routes=[Route("/notifications", receive_notification, methods=["POST"])], lifespan=lifespan
)
