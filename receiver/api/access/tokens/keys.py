"""The keys of an authorization server: fetched when a caller asks, kept through an outage."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import structlog

from receiver.api.access.tokens.fetching import TIMEOUT_SECONDS, fetch, make_client
from receiver.api.access.tokens.key_set import KeySet
from receiver.errors import KeysAway
from receiver.single_flight import SharedRefresh

# Least seconds between two fetches: strangers who send tokens of made-up keys must not make this
# service a load on the authorization server, and a sender waits for a new key no longer than this.
FETCH_INTERVAL_SECONDS = 1.0

# A fetch has a limit of its own; this one is for what may hang beside it, such as its connections,
# and for a caller that waits behind another fetch.
FETCH_LIMIT_SECONDS = 2 * TIMEOUT_SECONDS

OUT_OF_REACH = "The keys of access tokens are out of reach"


class Keys:
    """The keys of one authorization server.

    Args:
        url: of the key set.
        note_fetch: takes the time of the opening, and of every fetch that succeeds.

    Attributes:
        known: the keys as last fetched; the same object as long as the keys do not change.
    """

    def __init__(self, url: str, *, note_fetch: Callable[[datetime], None]) -> None:
        self.known: KeySet = frozenset()
        self._url = url
        self._note_fetch = note_fetch
        self._client: httpx.AsyncClient | None = None
        self._shared_refresh = SharedRefresh(
            self._fetch,
            interval_seconds=FETCH_INTERVAL_SECONDS,
            limit_seconds=FETCH_LIMIT_SECONDS,
            name="keys",
        )
        self._log = structlog.get_logger(__name__)

    async def refresh(self) -> None:
        """Fetches the keys, in a fetch that begins after this call and that all callers share.

        Raises:
            KeysAway: the keys cannot be fetched; the known ones stay.
        """
        try:
            async with asyncio.timeout(FETCH_LIMIT_SECONDS):
                await self._shared_refresh()
        except TimeoutError:
            raise KeysAway(OUT_OF_REACH) from None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Lets the keys be fetched, for the length of the block."""
        self._note_fetch(datetime.now(UTC))
        async with make_client(self._url) as self._client:
            try:
                yield
            finally:
                await self._shared_refresh.close()

    async def _fetch(self) -> None:
        if self._client is None:
            raise RuntimeError("the keys are fetched only while they are open")
        try:
            found = await fetch(self._client, self._url)
        except KeysAway as error:
            self._log.warning("keys of access tokens not fetched", reason=str(error))
            # The reason is for the operator's log, not for the sender of a token.
            raise KeysAway(OUT_OF_REACH) from None
        self._note_fetch(datetime.now(UTC))
        if found != self.known:
            self._log.info("keys of access tokens changed", keys=len({key.kid for key in found}))
            self.known = found
