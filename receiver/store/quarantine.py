"""What an authenticated sender sent and we refused: kept with its bytes, for another look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.database import asking
from receiver.store.tables import quarantine


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused body, or the refused member of a batch.

    Attributes:
        reason: what the sender was told.
        body: the bytes, as received.
    """

    reason: str
    body: bytes


class Quarantine:
    """Writes refused notifications durably, before their sender is answered."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def keep(
        self,
        refusals: Sequence[Refusal],
        *,
        credential: str,
        received_at: datetime,
        headers: Mapping[str, str],
    ) -> None:
        """Keeps what was refused of one request.

        Args:
            headers: by lower-case name; the caller leaves out what carries a secret.

        Raises:
            Unavailable: it could not be written.
        """
        rows = [
            {
                "received_at": received_at,
                "credential": credential,
                "reason": refusal.reason,
                "media_type": headers.get("content-type"),
                "headers": dict(headers),
                "body": refusal.body,
            }
            for refusal in refusals
        ]
        async with asking(self._engine) as connection:
            await connection.execute(insert(quarantine), rows)
