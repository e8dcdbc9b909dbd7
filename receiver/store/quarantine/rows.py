"""New rows of the quarantine: what of a request each of them holds, and how large it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from psycopg.types.json import Jsonb

from receiver.ids import new_id
from receiver.store.quarantine.bounds import ROW_BYTES

# Characters of a reason that are stored, and logged.
REASON_LENGTH = 512


@dataclass(frozen=True, slots=True)
class Refusal:
    """A body, or a member of a batch, with the reason for which it is refused.

    Attributes:
        reason: as in the answer to the sender.
        body: the bytes, as received.
        is_member: whether the body is one member of a batch, and not all of it.
    """

    reason: str
    body: bytes
    is_member: bool = False


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row before it is inserted; its fields are the parameters of the INSERT.

    Attributes:
        arrival_id: the arrival as which it is stored once it is understood; 32 hexadecimal digits.
    """

    received_at: datetime
    credential: str
    reason: str
    media_type: str | None
    headers: Mapping[str, str]
    body: bytes
    is_member: bool
    arrival_id: str

    @property
    def size_bytes(self) -> int:
        """The size in the database, without compression."""
        head = [text for header in self.headers.items() for text in header]
        texts = "".join([self.credential, self.reason, self.media_type or "", *head])
        return ROW_BYTES + len(texts.encode()) + len(self.body)

    def parameters(self) -> dict[str, object]:
        """Returns what the INSERT takes, by name."""
        return {
            "received_at": self.received_at,
            "credential": self.credential,
            "reason": self.reason,
            "media_type": self.media_type,
            "headers": Jsonb(dict(self.headers)),
            "body": self.body,
            "is_member": self.is_member,
            "arrival_id": self.arrival_id,
        }


def rows_of(
    refusals: Sequence[Refusal],
    *,
    credential: str,
    received_at: datetime,
    headers: Mapping[str, str],
) -> list[NewRow]:
    """Returns the rows of one request.

    The first row has the headers, the others only the media type: a batch of a thousand members
    must not store its headers a thousand times.
    """
    media_type = headers.get("content-type")
    bare_type = media_type and media_type.partition(";")[0].strip()
    return [
        NewRow(
            received_at=received_at,
            credential=credential,
            reason=refusal.reason[:REASON_LENGTH],
            media_type=bare_type if number else media_type,
            headers={} if number else headers,
            body=refusal.body,
            is_member=refusal.is_member,
            arrival_id=new_id(),
        )
        for number, refusal in enumerate(refusals)
    ]


class RowSpool(Protocol):
    """Keeps rows elsewhere while the database is away.

    Attributes:
        is_open: whether the database is known to be away, and need not be asked.
    """

    is_open: bool

    async def keep(self, rows: Sequence[NewRow]) -> None:
        """Makes rows durable, or raises Unavailable."""
