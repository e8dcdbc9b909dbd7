"""Redeems the key of a link once, whichever replica is asked."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import asking
from receiver.store.credentials.credentials import Credential, credential_of
from receiver.store.credentials.links import key_digest

# The columns are those of `ALL`; tests/store/credentials/test_redeeming.py guards their order. The
# link goes whatever it is worth: of two that redeem it, one waits for the other and finds nothing.
REDEEM = """
WITH redeemed AS (
    DELETE FROM console_link WHERE key_digest = %(digest)s RETURNING credential, expires_at
)
SELECT name, role, token_digest, token.created_at, token.expires_at, revoked_at, types, sources,
    last_used_at
FROM redeemed
JOIN credential ON credential.name = redeemed.credential
JOIN credential_token AS token USING (name)
WHERE redeemed.expires_at > now()
    AND revoked_at IS NULL
    AND (token.expires_at IS NULL OR token.expires_at > now())
ORDER BY token.created_at DESC
LIMIT 1
"""


class Redeeming:
    """Redeems keys one after the other, so that strangers who guess hold one connection at most."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()

    async def redeem(self, key: str) -> Credential | None:
        """Returns the credential of a link with its newest valid token, and ends the link.

        Returns:
            None: there is no such link any more, or nobody whom it may sign in.

        Raises:
            Unavailable: the database cannot be asked.
        """
        async with self._turn, asking(self._engine) as connection:
            found = await connection.exec_driver_sql(REDEEM, {"digest": key_digest(key)})
            row = found.one_or_none()
        return None if row is None else credential_of(row)
