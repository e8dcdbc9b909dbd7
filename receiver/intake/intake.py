"""From members to durable arrivals: understood, given their device, and stored or refused."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from receiver.errors import (
    ContentRejected,
    NotificationRefused,
    PermissionDenied,
    QueueFull,
    Unavailable,
)
from receiver.events import device, registry
from receiver.events.envelope import Envelope
from receiver.events.event import Arrival, Event
from receiver.ids import new_id
from receiver.intake.modes import Member

# How many take each step together; what more of them hold would not stay in the caches either.
TOGETHER = 32

Refused = NotificationRefused | PermissionDenied
Submit = Callable[[Arrival], asyncio.Future[None]]
MaySend = Callable[[str, str | None], bool]


def _anything(_type: str, _source: str | None) -> bool:
    return True


class Delivery(NamedTuple):
    """A notification at the door, and whose it is.

    Attributes:
        credential: the name of the one that sends it.
        may_send: whether an event of a type and a source is the credential's to send.
        arrival_id: of this delivery; 32 hexadecimal digits.
    """

    member: Member
    credential: str
    may_send: MaySend
    received_at: datetime
    arrival_id: str


class Intake:
    """What stands between the door and the store.

    Attributes:
        submit: gives an answer that is there once the arrival is durable.
        has_room: whether so many arrivals would be taken in now.

    Args:
        namespace: the installation's, from which device ids are made.
    """

    def __init__(
        self, submit: Submit, namespace: Callable[[], UUID], has_room: Callable[[int], bool]
    ) -> None:
        self.submit = submit
        self.has_room = has_room
        self._namespace = namespace
        self._turn = asyncio.Lock()

    async def store(
        self,
        members: Sequence[Member],
        credential: str,
        received_at: datetime,
        *,
        may_send: MaySend = _anything,
        arrival_id: str | None = None,
    ) -> list[Refused | None]:
        """Stores every member that can be understood, each whatever becomes of the others.

        Args:
            arrival_id: of what arrived before and is stored again; None: each arrives now.

        Returns:
            For each member its refusal, or None once it is durable.

        Raises:
            Unavailable: one of them is not known to be stored, and not known to be bad.
        """
        deliveries = [
            Delivery(member, credential, may_send, received_at, arrival_id or new_id())
            for member in members
        ]
        async with self._turn:
            self.require_room(len(members))
            answers = [
                self.submit(arrival) if isinstance(arrival, Arrival) else arrival
                for arrival in self.arrivals(deliveries)
            ]
            # Their commit begins before the members of the next batch are read.
            await asyncio.sleep(0)
        outcomes: list[Refused | None] = []
        unavailable: Unavailable | None = None
        # Each is waited for, whatever became of those before it.
        for answer in answers:
            if not isinstance(answer, asyncio.Future):
                outcomes.append(answer)
                continue
            try:
                await answer
                outcomes.append(None)
            except ContentRejected:
                outcomes.append(NotificationRefused("holds something the database cannot store"))
            except Unavailable as error:
                unavailable = error
        if unavailable is not None:
            raise unavailable
        return outcomes

    def require_room(self, number: int) -> None:
        """Refuses a batch whole, or under load each would be stored in part, none acknowledged.

        Raises:
            QueueFull: so many would not all be taken in now.
        """
        if not self.has_room(number):
            raise QueueFull("too many notifications are waiting to be stored")

    def arrivals(self, deliveries: Sequence[Delivery]) -> list[Arrival | Refused]:
        """Understands every notification, each whatever becomes of the others.

        All of them take one step before any of them takes the next: the code and the values of one
        step stay in the processor's caches, and a notification takes half of the time it would take
        alone.

        Returns:
            For each its arrival, or why it is refused.
        """
        arrivals: list[Arrival | Refused] = []
        arrive = partial(_arrival, self._namespace())
        for first in range(0, len(deliveries), TOGETHER):
            some = deliveries[first : first + TOGETHER]
            envelopes = [_read(delivery.member) for delivery in some]
            events = list(map(_understood, envelopes, some))
            arrivals += map(arrive, events, some)
        return arrivals


def _read(member: Member) -> Envelope | Refused:
    try:
        return member.read()
    except NotificationRefused as refused:
        return refused.alone()


def _understood(envelope: Envelope | Refused, delivery: Delivery) -> Event | Refused:
    if not isinstance(envelope, Envelope):
        return envelope
    try:
        return registry.understand(envelope, delivery.received_at)
    except NotificationRefused as refused:
        return refused.alone()


def _arrival(namespace: UUID, event: Event | Refused, delivery: Delivery) -> Arrival | Refused:
    if not isinstance(event, Event):
        return event
    _, credential, may_send, received_at, arrival_id = delivery
    if not may_send(event.type, event.source):
        return PermissionDenied("The credential may not send this type from this source")
    device_id = device.identify(
        namespace,
        event.device,
        credential=credential,
        subscription_id=event.subscription_id,
        source=event.source,
    )
    return Arrival(arrival_id, device_id, credential, received_at, event)


def named_refusal(outcomes: Sequence[Refused | None], *, is_batch: bool) -> Refused | None:
    """One refusal for all members; of a batch it names which, and each one's reason.

    Args:
        outcomes: what `Intake.store` returned.
    """
    refused = [(index, error) for index, error in enumerate(outcomes) if error is not None]
    if not refused or not is_batch:
        return refused[0][1] if refused else None
    indices = ", ".join(_ranges([index for index, _ in refused]))
    reasons = "; ".join(f"[{index}] {error}" for index, error in refused)
    return NotificationRefused(f"members {indices} of the batch were refused: {reasons}")


def _ranges(indices: list[int]) -> list[str]:
    """Ascending indices, neighbours drawn together: `0-3`, `7`."""
    runs: list[tuple[int, int]] = []
    for index in indices:
        first, last = runs[-1] if runs else (index, index - 2)
        if index == last + 1:
            runs[-1] = (first, index)
        else:
            runs.append((index, index))
    return [str(first) if first == last else f"{first}-{last}" for first, last in runs]
