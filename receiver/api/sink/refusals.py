"""Keeps what is refused of a request, before its sender is answered."""

from collections.abc import Sequence

import structlog

from receiver.api.sink.posted import Posted
from receiver.errors import ReceiverError
from receiver.intake.modes import choose_headers
from receiver.metrics.metrics import Metrics
from receiver.store.quarantine.quarantine import Quarantine
from receiver.store.quarantine.rows import REASON_LENGTH, Refusal


class Refusals:
    """Puts refused bytes into quarantine, counts them, and logs the refusal."""

    def __init__(self, quarantine: Quarantine, metrics: Metrics) -> None:
        self._quarantine = quarantine
        self._metrics = metrics
        self._log = structlog.get_logger(__name__)

    async def keep(self, posted: Posted, refusals: Sequence[Refusal], error: ReceiverError) -> None:
        """Returns once the refused bytes are durable.

        Args:
            refusals: none where the sender may not send what it sent: another try would let it in.
            error: the answer to the sender.

        Raises:
            Unavailable: they could not be written, or there is no room for them.
        """
        if refusals:
            await self.store(posted, refusals)
        reason = str(error)[:REASON_LENGTH]
        self._log.warning("notification refused", credential=posted.sender.name, reason=reason)

    async def store(self, posted: Posted, refusals: Sequence[Refusal]) -> None:
        """Keeps refused bytes as `keep` does, and logs nothing.

        Raises:
            Unavailable: as `keep`.
        """
        await self._quarantine.keep(
            refusals,
            credential=posted.sender.name,
            received_at=posted.received_at,
            headers=choose_headers(posted.text_headers, posted.mode),
        )
        self._metrics.count_quarantined(posted.sender.name, len(refusals))
