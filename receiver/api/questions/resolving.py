"""The device that an identifier means."""

from collections.abc import Callable, Sequence
from uuid import UUID

from receiver.errors import IdentifierAmbiguous, IdentifierNotFound
from receiver.events.devices.identity import identify_reported
from receiver.events.event import Device
from receiver.store.events.history import History
from receiver.store.events.selection import Selection
from receiver.store.subscriptions.registrations import Registrations

# Devices that are looked up for one identifier: its own and two others, because one other is the
# device that it means, and two are already ambiguous.
CANDIDATES = 3


class Resolver:
    """Finds the device that an identifier means.

    Args:
        namespace: the installation's, from which device ids are made.
    """

    def __init__(
        self, history: History, registrations: Registrations, namespace: Callable[[], UUID]
    ) -> None:
        self._history = history
        self._registrations = registrations
        self._namespace = namespace

    async def resolve(self, identifier: Device) -> UUID:
        """Returns the device of an identifier; of a phone number also where it has no event.

        Raises:
            IdentifierAmbiguous: it was reported with several devices and is none of them.
            IdentifierNotFound: no event ever carried it.
        """
        own = UUID(identify_reported(self._namespace(), identifier))
        if identifier.phone_number is not None:
            return own
        reporting = await self._history.devices_reporting(identifier, CANDIDATES)
        registered = await self._list_registered(identifier)
        others = {*reporting, *registered} - {own}
        if len(others) == 1:
            return others.pop()
        # Of more devices than are looked up, its own may be one that was not.
        selection = Selection(device_id=own, reported=identifier)
        if own in (*reporting, *registered) or await self._history.exists(selection):
            return own
        if others:
            raise IdentifierAmbiguous("This identifier was reported with several devices")
        raise IdentifierNotFound("No event ever carried this identifier")

    async def _list_registered(self, identifier: Device) -> Sequence[UUID]:
        nai = identifier.network_access_identifier
        if nai is None:
            return ()
        return await self._registrations.devices_registered(nai, CANDIDATES)
