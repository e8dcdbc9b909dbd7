"""The credentials in memory: looked up by digest on the hot path, read again beside it."""

import asyncio
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import DatabaseAway
from receiver.single_flight import SharedRefresh
from receiver.store.connections.engine import asking
from receiver.store.credentials.clock import DatabaseClock
from receiver.store.credentials.credentials import ALL, Credential, credential_of
from receiver.store.credentials.expiry import find_expiring

# Unknown tokens cause at most four reads a second, and a new token works as soon.
LOOK_INTERVAL_SECONDS = 0.25

# A look at a silent server ends by itself before, and the next one has time to find the server that
# took over: three seconds until the old one is let go of, and two for each host that is tried.
LOOK_LIMIT_SECONDS = 10.0

# How long a caller waits for looks; a sender that waits longer has usually hung up.
PATIENCE_SECONDS = 10.0

NOTE_USE = """
UPDATE credential SET last_used_at = greatest(last_used_at, %(at)s) WHERE name = %(name)s
"""

# The clock, and what tells whether anything changed but the last uses: a digest of the rows, in one
# answer of one row. Measured with 1,000 tokens: 1.3 milliseconds of a process, and 12 to read them
# all; every process of every replica looks each two seconds.
LOOK = """
SELECT clock_timestamp(),
    (SELECT bit_xor(hash_record_extended(row, 0)) FROM (
        SELECT name, role, created_at, revoked_at, types, sources FROM credential
    ) AS row),
    (SELECT bit_xor(hash_record_extended(row, 0)) FROM (
        SELECT token_digest, name, created_at, expires_at FROM credential_token
    ) AS row)
"""


class CredentialBook:
    """The credentials as last read; callers with unknown tokens share one fresh read.

    Args:
        trust_seconds: age up to which the last read counts while the database cannot be asked.
        patience_seconds: how long a caller waits for a token that the last read does not tell of.

    Attributes:
        clock: of the database.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        trust_seconds: float,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.clock = DatabaseClock()
        self._engine = engine
        self._trust_seconds = trust_seconds
        self._patience_seconds = patience_seconds
        self._by_digest: Mapping[bytes, Credential] = {}
        # The digests of the rows as of the last read; before it there are none.
        self._read_as: Sequence[int | None] = ()
        self._read_at = float("-inf")
        self._look = SharedRefresh(
            self._read,
            interval_seconds=LOOK_INTERVAL_SECONDS,
            limit_seconds=LOOK_LIMIT_SECONDS,
            name="credentials",
        )
        self._used: dict[str, datetime] = {}
        self._log = structlog.get_logger(__name__)

    async def find(self, token_digest: bytes) -> Credential | None:
        """Returns the credential with this digest, revoked and expired ones included.

        Raises:
            Unavailable: the last read does not have it, and the database cannot be asked in time.
        """
        known = self.remembered(token_digest)
        if known is None:
            try:
                async with asyncio.timeout(self._patience_seconds):
                    await self.refresh()
            except TimeoutError:
                raise _too_slow() from None
            known = self.remembered(token_digest)
        return known

    def remembered(self, token_digest: bytes) -> Credential | None:
        """Returns the credential as `find` does, from the last read alone."""
        if asyncio.get_running_loop().time() - self._read_at > self._trust_seconds:
            return None
        found = self._by_digest.get(token_digest)
        if found is None or not hmac.compare_digest(found.token_digest, token_digest):
            return None
        return found

    def is_trusted(self) -> bool:
        """Whether the last read counts, as for `remembered`."""
        return asyncio.get_running_loop().time() - self._read_at <= self._trust_seconds

    def note_use(self, name: str, now: datetime) -> None:
        """Remembers that a credential was admitted, for the next `write_uses`."""
        self._used[name] = now

    @property
    def known(self) -> Sequence[Credential]:
        """All credentials as last read, once for each of their tokens."""
        return list(self._by_digest.values())

    async def refresh(self) -> None:
        """Reads all credentials if any has changed, in a look that begins after this call.

        Raises:
            Unavailable: the database cannot be asked; the last known state stays.
        """
        try:
            await self._look()
        except TimeoutError:
            raise _too_slow() from None

    async def close(self) -> None:
        """Ends the look that is under way."""
        await self._look.close()

    def warn_of_expiry(self) -> None:
        """Logs a line for each credential of which the last valid token expires soon."""
        for name, end in find_expiring(self.known, datetime.now(UTC)):
            self._log.warning("credential expires soon", credential=name, at=end.isoformat())

    async def write_uses(self) -> None:
        """Stores when credentials were last used; after a failure the next call stores it.

        Raises:
            Unavailable: the database cannot be asked.
        """
        used, self._used = self._used, {}
        if not used:
            return
        try:
            async with asking(self._engine) as connection:
                # One order everywhere, or two processes would deadlock.
                uses = [{"name": name, "at": at} for name, at in sorted(used.items())]
                await connection.exec_driver_sql(NOTE_USE, uses)
        except BaseException:
            # Also of a call that is cancelled: the one at the stop has its uses to write.
            self._used = {**used, **self._used}
            raise

    async def _read(self) -> None:
        began_at = asyncio.get_running_loop().time()
        async with asking(self._engine) as connection:
            looked = (await connection.exec_driver_sql(LOOK)).one()
            self.clock.note(looked[0], datetime.now(UTC))
            if self._read_as != looked[1:]:
                # What changes after the look is read with the next one, too.
                rows = (await connection.exec_driver_sql(ALL)).all()
                self._by_digest = {found.token_digest: found for found in map(credential_of, rows)}
                self._read_as = looked[1:]
        self._read_at = began_at


def _too_slow() -> DatabaseAway:
    return DatabaseAway("the credentials cannot be read in time")
