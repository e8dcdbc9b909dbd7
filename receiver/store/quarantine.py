"""What an authenticated sender sent and we refused: kept with its bytes, for another look."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.database import asking
from receiver.store.tables import quarantine


class Quarantine:
    """Writes refused notifications durably, before their sender is answered."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def keep(
        self,
        *,
        received_at: datetime,
        credential: str,
        reason: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> None:
        """Keeps one refused body.

        Args:
            headers: by lower-case name; the caller leaves out what carries a secret.

        Raises:
            Unavailable: it could not be written.
        """
        row = {
            "received_at": received_at,
            "credential": credential,
            "reason": reason,
            "media_type": headers.get("content-type"),
            "headers": dict(headers),
            "body": body,
        }
        async with asking(self._engine) as connection:
            await connection.execute(insert(quarantine).values(row))
