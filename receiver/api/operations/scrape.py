"""`/metrics`: what was counted, and a reading of the database that is a few seconds old at most."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from receiver.api.access.guard import Clock
from receiver.api.answers.counting import counted_as
from receiver.errors import Unavailable
from receiver.metrics.metrics import Metrics, Reading
from receiver.store.credentials.credentials import Credential
from receiver.store.health.figures import Figures


class Scrape:
    """Answers with what it has: a database that is away or slow holds no scrape up.

    Args:
        read: asks the database.
        unready_reasons: sentences; none when ready.
        credentials: the known ones, without asking.
        clock: aware UTC.
        fresh_seconds: how long a look serves all who scrape.
        patience_seconds: how long a scrape waits for a look; the look itself goes on.
    """

    def __init__(
        self,
        metrics: Metrics,
        *,
        read: Callable[[], Awaitable[Figures]],
        unready_reasons: Callable[[], Awaitable[Sequence[str]]],
        credentials: Callable[[], Sequence[Credential]],
        clock: Clock,
        fresh_seconds: float = 5.0,
        patience_seconds: float = 2.0,
    ) -> None:
        self._metrics = metrics
        self._read = read
        self._unready_reasons = unready_reasons
        self._credentials = credentials
        self._clock = clock
        self._fresh_seconds = fresh_seconds
        self._patience_seconds = patience_seconds
        self._reading = Reading()
        self._read_at = -math.inf
        self._looking: asyncio.Task[None] | None = None

    async def text(self) -> bytes:
        """The answer to a scrape."""
        is_late = not await self._looked()
        now = self._clock()
        reading = replace(self._reading, credential_left_seconds=self._seconds_left(now))
        if is_late:
            reading = replace(reading, is_ready=False, is_database_up=False)
        # In a thread, because several workers' counts are read from files.
        return await asyncio.to_thread(self._metrics.exposition, reading)

    def _seconds_left(self, now: datetime) -> dict[tuple[str, str], float]:
        """Of each credential that was not revoked, the seconds of its longest-lived token."""
        left: dict[tuple[str, str], float] = {}
        for known in self._credentials():
            if known.revoked_at is None:
                end = known.expires_at
                seconds = math.inf if end is None else (end - now).total_seconds()
                name = (known.name, str(known.role))
                left[name] = max(seconds, left.get(name, -math.inf))
        return left

    async def close(self) -> None:
        """Ends a look that is under way."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})

    async def _looked(self) -> bool:
        """Whether there is a fresh reading; all who scrape at once share one look."""
        if self._looking is None or self._looking.done():
            if asyncio.get_running_loop().time() - self._read_at < self._fresh_seconds:
                return True
            self._looking = asyncio.create_task(self._look(), name="reading for metrics")
        # Waited for, not awaited: whoever hangs up must not cancel it for the others.
        done, _ = await asyncio.wait({self._looking}, timeout=self._patience_seconds)
        for look in done:
            look.result()
        return bool(done)

    async def _look(self) -> None:
        reading = replace(self._reading, is_database_up=False, is_ready=False)
        try:
            figures = await self._read()
        except Unavailable:
            self._reading = reading
        else:
            self._reading = replace(
                reading,
                is_database_up=True,
                is_ready=not await self._unready_reasons(),
                quarantine_rows=figures.quarantine_rows,
                partitions_ahead=figures.partitions_ahead,
            )
        self._read_at = asyncio.get_running_loop().time()


def scrape_router(scrape: Scrape) -> APIRouter:
    """`/metrics`, without authentication."""
    router = APIRouter(tags=["operations"], route_class=counted_as("operations"))

    @router.get(
        "/metrics",
        summary="What is counted, for Prometheus",
        response_class=PlainTextResponse,
    )
    async def metrics() -> Response:
        return Response(await scrape.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return router
