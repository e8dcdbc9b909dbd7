"""Another look at what was refused: parsed with today's code, as it would be at the door."""

import traceback

import structlog

from receiver.errors import BodyTooLarge, MediaTypeUnsupported, NotificationRefused, ReceiverError
from receiver.intake import modes
from receiver.intake.intake import Intake, Sender, named_refusal
from receiver.log import audit
from receiver.store.credentials.credentials import MaySend
from receiver.store.quarantine.entries import QuarantineEntry, RefusedBody
from receiver.store.quarantine.keys import write_quarantine_id
from receiver.store.quarantine.quarantine import Quarantine

ACTION = "quarantine.reprocess"


class Reprocessing:
    """Stores quarantined notifications that are understood by now, each as its first arrival.

    Args:
        intake: the door's own.
        body_limit_bytes: of one body, once it is decompressed.
        members_limit: notifications in one CloudEvents batch.
    """

    def __init__(
        self, quarantine: Quarantine, intake: Intake, *, body_limit_bytes: int, members_limit: int
    ) -> None:
        self._quarantine = quarantine
        self._intake = intake
        self._body_limit_bytes = body_limit_bytes
        self._members_limit = members_limit
        self._log = structlog.get_logger(__name__)

    async def reprocess(self, key: int, credential: str | None) -> QuarantineEntry:
        """Looks at one again; what is stored counts as one delivery, however often this is done.

        Args:
            key: of the row.
            credential: the name of the admin's; None: somebody at the command line.

        Returns:
            What became of it; refused again, with today's reason.

        Raises:
            RefusalNotFound: there is none of that key.
            Unavailable: not known to be stored; another try is harmless.
        """
        outcome = "failed"
        try:
            reprocessed = await self._quarantine.reprocess(key, self._look_again)
            outcome = reprocessed.state
        except ReceiverError as error:
            outcome = type(error).__name__
            raise
        finally:
            quarantine_id = write_quarantine_id(key)
            audit(ACTION, credential=credential, outcome=outcome, quarantine=quarantine_id)
        return reprocessed

    async def _look_again(self, refused: RefusedBody, may_send: MaySend) -> str | None:
        try:
            refusal: ReceiverError | None = await self._refusal(refused, may_send)
        except (NotificationRefused, MediaTypeUnsupported, BodyTooLarge) as error:
            refusal = error
        except ReceiverError:
            raise
        except Exception as error:  # the admin is owed an answer, whatever these bytes hold
            frames = "".join(traceback.format_tb(error.__traceback__))
            self._log.error("unexpected error", error=type(error).__name__, frames=frames)
            return "an unexpected error; it was logged"
        return None if refusal is None else str(refusal)

    async def _refusal(self, refused: RefusedBody, may_send: MaySend) -> ReceiverError | None:
        if refused.is_member:
            content = modes.open_member(refused.headers, refused.body)
        else:
            content = modes.open_content(refused.headers, refused.body, self._body_limit_bytes)
        members = content.split(self._members_limit + 1)
        if len(members) > self._members_limit:
            return NotificationRefused(f"the batch has more than {self._members_limit} members")
        outcomes = await self._intake.store(
            members,
            Sender(refused.credential, may_send),
            refused.received_at,
            arrival_id=refused.arrival_id.hex,
        )
        return named_refusal(outcomes, is_batch=content.mode is modes.Mode.BATCH)
