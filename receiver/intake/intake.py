"""From members to durable arrivals: understood, given their device, and stored or refused."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
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
from receiver.events import registry
from receiver.events.devices.identity import identify
from receiver.events.event import Arrival, Event
from receiver.events.forms.envelope import Envelope
from receiver.ids import new_id
from receiver.intake.modes import Member
from receiver.intake.writer import Writer
from receiver.store.credentials.credentials import MaySend

# Notifications that take each step together. Larger groups fall out of the CPU caches: measured
# with `python -m benchmark.steps`, 32 cost half as much each as one alone, 500 no less.
GROUP_SIZE = 32

Refused = NotificationRefused | PermissionDenied
Submitted = asyncio.Future[None] | Refused


class Sender(NamedTuple):
    """The credential that sends, as far as intake knows it.

    Attributes:
        name: of the credential.
        may_send: whether it may send an event of a type and a source; None: it may send all.
    """

    name: str
    may_send: MaySend | None = None


class Delivery(NamedTuple):
    """One notification and its sender.

    Attributes:
        arrival_id: of this delivery; 32 hexadecimal digits.
    """

    member: Member
    sender: Sender
    received_at: datetime
    arrival_id: str


class Intake:
    """Understands notifications and submits them to the writer.

    Args:
        namespace: the installation's, from which device ids are made.
    """

    def __init__(self, writer: Writer, namespace: Callable[[], UUID]) -> None:
        self._writer = writer
        self._namespace = namespace
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Lets one batch at a time be read; its commit begins before the next batch is read."""
        async with self._turn:
            yield
            await asyncio.sleep(0)

    def submit(self, deliveries: Sequence[Delivery]) -> list[Submitted]:
        """Understands notifications and submits those that can be understood.

        Returns:
            For each its refusal, or a future that is done once it is durable, or fails with
            ContentRejected or Unavailable.
        """
        submit = self._writer.submit
        return [
            submit(arrival) if isinstance(arrival, Arrival) else arrival
            for arrival in self.arrivals(deliveries)
        ]

    async def settle(self, submitted: Sequence[Submitted]) -> list[Refused | None]:
        """Waits for every submission, whatever becomes of the others.

        Returns:
            For each its refusal, or None once it is durable.

        Raises:
            Unavailable: one of them is not known to be stored, and not known to be bad.
        """
        outcomes: list[Refused | None] = []
        unavailable: Unavailable | None = None
        for answer in submitted:
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

    async def store(
        self,
        members: Sequence[Member],
        sender: Sender,
        received_at: datetime,
        *,
        arrival_id: str | None = None,
    ) -> list[Refused | None]:
        """Stores the members of one request as `submit` and `settle` do.

        Args:
            arrival_id: of members that arrived before and are stored again; None: they arrive now.

        Raises:
            Unavailable: as `settle`; QueueFull: there is no room for all of them.
        """
        async with self.turn():
            self.require_room(len(members))
            submitted = self.submit(
                [
                    Delivery(member, sender, received_at, arrival_id or new_id())
                    for member in members
                ]
            )
        return await self.settle(submitted)

    def has_room(self, number: int) -> bool:
        """Whether so many notifications would be taken in now."""
        return self._writer.has_room(number)

    def require_room(self, number: int) -> None:
        """Refuses a batch whole, or under load each would be stored in part, none acknowledged.

        Raises:
            QueueFull: so many would not all be taken in now.
        """
        if not self._writer.has_room(number):
            raise QueueFull("too many notifications are waiting to be stored")

    def arrivals(self, deliveries: Sequence[Delivery]) -> list[Arrival | Refused]:
        """Understands every notification, each whatever becomes of the others.

        A group takes one step together before it takes the next: the step's code and values stay
        in the CPU caches, and a notification costs half of what it costs alone.

        Returns:
            For each its arrival, or why it is refused.
        """
        arrivals: list[Arrival | Refused] = []
        arrive = partial(_arrival, self._namespace())
        for first in range(0, len(deliveries), GROUP_SIZE):
            some = deliveries[first : first + GROUP_SIZE]
            envelopes = [_read(delivery.member) for delivery in some]
            events = list(map(_understood, envelopes, some))
            arrivals += map(arrive, events, some)
        return arrivals


def _read(member: Member) -> Envelope | Refused:
    try:
        return member.read()
    except NotificationRefused as refused:
        return refused.strip_frames()


def _understood(envelope: Envelope | Refused, delivery: Delivery) -> Event | Refused:
    if not isinstance(envelope, Envelope):
        return envelope
    try:
        return registry.understand(envelope, delivery.received_at)
    except NotificationRefused as refused:
        return refused.strip_frames()


def _arrival(namespace: UUID, event: Event | Refused, delivery: Delivery) -> Arrival | Refused:
    if not isinstance(event, Event):
        return event
    _, (name, may_send), received_at, arrival_id = delivery
    if may_send is not None and not may_send(event.type, event.source):
        return PermissionDenied("The credential may not send this type from this source")
    device_id = identify(
        namespace,
        event.device,
        credential=name,
        subscription_id=event.subscription_id,
        source=event.source,
    )
    return Arrival(arrival_id, device_id, name, received_at, event)


def named_refusal(outcomes: Sequence[Refused | None], *, is_batch: bool) -> Refused | None:
    """One refusal for all members; of a batch it names which, and each one's reason.

    Args:
        outcomes: as `Intake.settle` returns them.
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
