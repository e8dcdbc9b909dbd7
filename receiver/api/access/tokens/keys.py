"""The keys as last fetched: kept through an outage, fetched anew whenever somebody asks."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import structlog

from receiver.api.access.tokens.fetching import fetch, make_client
from receiver.api.access.tokens.key_set import KeySet
from receiver.errors import KeysAway
from receiver.single_flight import SharedRefresh

# However many unknown keys are named, the authorization server is asked no more than this often.
FETCH_INTERVAL_SECONDS = 1.0


class Keys:
    """The authorization server's keys.

    Args:
        url: of its key set.
        fetched: told the time of every fetch that succeeded, and of the beginning.

    Attributes:
        known: as last fetched; the same object for as long as they do not change.
    """

    def __init__(self, url: str, *, fetched: Callable[[datetime], None]) -> None:
        self.known: KeySet = frozenset()
        self._url = url
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
    async def open(self) -> AsyncIterator[None]:
        """Lets them be fetched, for the length of the block."""
        self._fetched(datetime.now(UTC))
        async with make_client(self._url) as self._client:
            try:
                yield
            finally:
                await self._look.close()

    async def _fetch(self) -> None:
        if self._client is None:
            raise RuntimeError("the keys are fetched only while they are open")
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
