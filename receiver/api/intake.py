"""From members to durable arrivals: understood, given their device, and stored or refused."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from receiver.api.content import Member
from receiver.errors import ContentRejected, NotificationRefused, PermissionDenied
from receiver.events import device, registry
from receiver.events.event import Arrival
from receiver.store.credentials import Credential

Refused = NotificationRefused | PermissionDenied
Submit = Callable[[Arrival], Awaitable[None]]


class Intake:
    """What stands between the door and the store.

    Args:
        submit: returns once the arrival is durable.
        namespace: the installation's, from which device ids are made.
    """

    def __init__(self, submit: Submit, namespace: Callable[[], UUID]) -> None:
        self._submit = submit
        self._namespace = namespace

    async def store(
        self, members: Sequence[Member], credential: Credential, received_at: datetime
    ) -> list[Refused | None]:
        """Stores every member that can be understood, each whatever becomes of the others.

        Returns:
            For each member its refusal, or None once it is durable.

        Raises:
            Unavailable: one of them is not known to be stored, and not known to be bad.
        """
        outcomes = await asyncio.gather(
            *(self._store(member, credential, received_at) for member in members),
            return_exceptions=True,
        )
        refusals: list[Refused | None] = []
        for outcome in outcomes:
            if isinstance(outcome, Refused) or outcome is None:
                refusals.append(outcome)
            else:
                raise outcome
        return refusals

    async def _store(self, member: Member, credential: Credential, received_at: datetime) -> None:
        event = registry.understand(member.read(), received_at)
        if not credential.may_send(event.type, event.source):
            raise PermissionDenied("The credential may not send this type from this source")
        device_id = device.identify(
            self._namespace(),
            event.device,
            credential=credential.name,
            subscription_id=event.subscription_id,
            source=event.source,
        )
        try:
            await self._submit(Arrival(uuid4(), device_id, credential.name, received_at, event))
        except ContentRejected:
            raise NotificationRefused("holds something the database cannot store") from None
