"""Keeps what is refused of a request, before its sender is answered."""

from collections.abc import Mapping, Sequence

import structlog

from receiver.api.sink.posted import Posted
from receiver.errors import ReceiverError
from receiver.intake.modes import Mode
from receiver.metrics.metrics import Metrics
from receiver.store.quarantine.quarantine import Quarantine
from receiver.store.quarantine.rows import REASON_LENGTH, Refusal

# What is needed to understand the bytes again, and to ask their sender. Any other header may carry
# a secret of the sender's.
KEPT_HEADERS = ("content-type", "content-encoding", "content-length", "user-agent", "x-correlator")

# Characters of one kept header: a media type and a correlator are shorter, the rest is for people.
HEADER_LENGTH = 256

# The attributes of binary mode, which are the notification and kept whole.
ATTRIBUTE_PREFIX = "ce-"


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


def choose_headers(headers: Mapping[str, str], mode: Mode | None) -> dict[str, str]:
    """Returns the headers that are kept with a refused body, or once for the members of a batch."""
    kept = {name: headers[name][:HEADER_LENGTH] for name in KEPT_HEADERS if name in headers}
    if mode is not Mode.BATCH:
        kept |= {
            name: value for name, value in headers.items() if name.startswith(ATTRIBUTE_PREFIX)
        }
    return kept
