"""Keeps what is refused of a request, before its sender is told."""

from collections.abc import Mapping, Sequence

import structlog

from receiver.api.sink.posted import Posted
from receiver.errors import ReceiverError
from receiver.metrics.metrics import Metrics
from receiver.store.quarantine.quarantine import Quarantine, Refusal

# Characters of a reason in the log; a batch has a reason for each refused member.
REASON_LENGTH = 512

SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})


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
            error: what the sender is told.

        Raises:
            Unavailable: they could not be written, or there is no room for them.
        """
        name = posted.sender.name
        if refusals:
            await self._quarantine.keep(
                refusals,
                credential=name,
                received_at=posted.received_at,
                headers=without_secrets(posted.text_headers),
            )
            self._metrics.count_quarantined(name, len(refusals))
        reason = str(error)[:REASON_LENGTH]
        self._log.warning("notification refused", credential=name, reason=reason)


def without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """Returns the headers that may be kept with a refused body."""
    return {name: value for name, value in headers.items() if name not in SECRET_HEADERS}
