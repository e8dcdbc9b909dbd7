"""The keys as last fetched: kept through an outage, fetched anew at intervals and when asked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import structlog

from receiver.api.access.tokens.fetching import client_for, fetch
from receiver.api.access.tokens.key_set import KeySet
from receiver.errors import KeysAway
from receiver.single_flight import SharedRefresh

# However many unknown keys are named, the authorization server is asked no more than this often.
FETCH_INTERVAL_SECONDS = 1.0
RETRY_SECONDS = 10.0


class Keys:
    """The authorization server's keys.

    Args:
        url: of its key set.
        refresh_seconds: how often it is fetched while nobody asks for it.
        fetched: told the time of every fetch that succeeded, and of the beginning.

    Attributes:
        known: as last fetched; the same object for as long as they do not change.
    """

    def __init__(
        self, url: str, *, refresh_seconds: float, fetched: Callable[[datetime], None]
    ) -> None:
        self.known: KeySet = frozenset()
        self._url = url
        self._refresh_seconds = refresh_seconds
        self._fetched = fetched
        self._client: httpx.AsyncClient | None = None
        self._look = SharedRefresh(
            self._fetch, interval_seconds=FETCH_INTERVAL_SECONDS, name="keys"
        )
        self._log = structlog.get_logger(__name__)

    async def refresh(self) -> None:
        """Fetches them, in a look that begins after this call and is shared by all who wait.

        Raises:
            KeysAway: they cannot be fetched; those that are known go on.
        """
        await self._look()

    @asynccontextmanager
    async def kept_fresh(self) -> AsyncIterator[None]:
        """Fetches them at once and at intervals, for the length of the block."""
        self._fetched(datetime.now(UTC))
        async with client_for(self._url) as self._client:
            keeping = asyncio.create_task(self._keep_fresh(), name="keys, kept fresh")
            try:
                yield
            finally:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
                await self._look.close()

    async def _keep_fresh(self) -> None:
        while True:
            pause = self._refresh_seconds
            try:
                await self.refresh()
            except KeysAway:
                pause = min(pause, RETRY_SECONDS)
            await asyncio.sleep(pause)

    async def _fetch(self) -> None:
        if self._client is None:
            raise RuntimeError("the keys are fetched only while they are kept fresh")
        try:
            found = await fetch(self._client, self._url)
        except KeysAway as error:
            self._log.warning("keys of access tokens not fetched", reason=str(error))
            # Why is for the operator, not for whoever sent a token.
            raise KeysAway("The keys of access tokens are out of reach") from None
        self._fetched(datetime.now(UTC))
        if found != self.known:
            self._log.info("keys of access tokens changed", keys=len({key.kid for key in found}))
            self.known = found
