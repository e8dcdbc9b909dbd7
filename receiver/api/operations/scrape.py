"""`/metrics`: the counts of the process, and a reading of the database that is hardly old."""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from receiver.api.answers.counting import counted_as
from receiver.api.answers.errors import documented
from receiver.api.operations.health import Health
from receiver.errors import Unavailable
from receiver.metrics.metrics import Metrics, Reading
from receiver.single_flight import SharedRefresh
from receiver.spool.folder import Contents
from receiver.store.credentials.credentials import Credential
from receiver.store.credentials.expiry import find_last_tokens

# How long one reading serves all scrapes: shorter than the usual intervals of Prometheus (15 s to
# 1 min), so each interval sees a new reading, and many scrapers ask the database like one.
FRESH_SECONDS = 5.0

# How long a scrape waits for a reading: as long as one figure may take the database, and far below
# the 10 s after which Prometheus by default counts a scrape as failed.
PATIENCE_SECONDS = 2.0

# How long a reading goes on: its questions have limits of their own, which add up to less.
READING_LIMIT_SECONDS = 10.0


class Scrape:
    """Answers with what it has: a database that is away or slow holds no scrape up.

    Args:
        credentials: returns the known ones, without asking the database.
        clock: aware UTC.
        subscriptions: returns how many need a look, without asking the database.
        spool: returns what lies in it, as last measured; None: there is none.
        fresh_seconds: how long one reading serves all scrapes.
        patience_seconds: how long a scrape waits for a reading, which goes on without it.
    """

    def __init__(
        self,
        metrics: Metrics,
        health: Health,
        *,
        credentials: Callable[[], Sequence[Credential]],
        clock: Callable[[], datetime],
        subscriptions: Callable[[], Mapping[str, int]] = dict,
        spool: Callable[[], Contents | None] = lambda: None,
        fresh_seconds: float = FRESH_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._metrics = metrics
        self._health = health
        self._credentials = credentials
        self._clock = clock
        self._subscriptions = subscriptions
        self._spool = spool
        self._fresh_seconds = fresh_seconds
        self._patience_seconds = patience_seconds
        self._reading = Reading()
        self._read_at = -math.inf
        self._refresh = SharedRefresh(
            self._read,
            interval_seconds=0,
            limit_seconds=READING_LIMIT_SECONDS,
            name="reading for metrics",
        )

    async def answer(self) -> bytes:
        """Returns the answer to a scrape."""
        is_late = not await self._refresh_in_time()
        now = self._clock()
        reading = replace(
            self._reading,
            credential_left_seconds=self._measure_validity(now),
            subscriptions=self._subscriptions(),
        )
        if (contents := self._spool()) is not None:
            began_at = contents.oldest_at or now
            reading = replace(
                reading,
                spool_bytes=contents.size_bytes,
                spool_oldest_seconds=max(0.0, (now - began_at).total_seconds()),
            )
        if is_late:
            reading = replace(reading, is_ready=False, is_database_up=False)
        # In a thread, because several workers' counts are read from files.
        return await asyncio.to_thread(self._metrics.exposition, reading)

    async def close(self) -> None:
        """Cancels the reading that is under way."""
        await self._refresh.close()

    def _measure_validity(self, now: datetime) -> dict[tuple[str, str], float]:
        """Returns for each credential that is not revoked how long its last token is valid."""
        return {
            (last.name, str(last.role)): math.inf
            if last.expires_at is None
            else (last.expires_at - now).total_seconds()
            for last in find_last_tokens(self._credentials())
        }

    async def _refresh_in_time(self) -> bool:
        """Returns whether the reading is fresh before the patience ends."""
        if asyncio.get_running_loop().time() - self._read_at < self._fresh_seconds:
            return True
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._refresh.join()
        except TimeoutError:
            return False
        return True

    async def _read(self) -> None:
        reading = replace(self._reading, is_database_up=False, is_ready=False)
        try:
            figures = await self._health.read_figures()
        except Unavailable:
            if self._spool() is not None:
                # It may take what the database does not.
                is_ready = not await self._health.unready_reasons()
                reading = replace(reading, is_ready=is_ready)
            self._reading = reading
        else:
            reading = replace(
                reading,
                is_database_up=True,
                is_ready=not await self._health.unready_reasons(),
                quarantine_rows=figures.quarantine_rows,
                partitions_ahead=figures.partitions_ahead,
            )
            if (progress := figures.progress) is not None:
                reading = replace(
                    reading,
                    projection_lag_seconds=progress.lag_seconds,
                    projection_derivation=progress.derivation,
                    projection_rebuilt_ratio=progress.rebuilt_share,
                )
            self._reading = reading
        self._read_at = asyncio.get_running_loop().time()


def scrape_router(scrape: Scrape) -> APIRouter:
    """Makes the route `/metrics`, without authentication."""
    router = APIRouter(tags=["operations"], route_class=counted_as("operations"))

    @router.get(
        "/metrics",
        operation_id="getMetrics",
        summary="What is counted, for Prometheus",
        response_class=PlainTextResponse,
        response_description="Every metric, in the text format of Prometheus.",
        responses=documented(),
    )
    async def metrics() -> Response:
        """What the process counted, and what it read in the database a few seconds ago."""
        return Response(await scrape.answer(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return router
