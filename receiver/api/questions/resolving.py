"""The device that an identifier means."""

from collections.abc import Callable, Sequence
from uuid import UUID

from receiver.errors import IdentifierAmbiguous, IdentifierNotFound
from receiver.events.devices.identity import identify_reported
from receiver.events.event import Device
from receiver.store.derived.identifiers import Identifiers
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
        self,
        history: History,
        identifiers: Identifiers,
        registrations: Registrations,
        namespace: Callable[[], UUID],
    ) -> None:
        self._history = history
        self._identifiers = identifiers
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
        # An address is what its latest events say; of a network access identifier all events count.
        reporting = {
            *await self._history.devices_reporting(identifier, CANDIDATES),
            *await self._list_told(identifier),
        }
        others = reporting - {own}
        if len(others) == 1:
            return others.pop()
        # Of more devices than are looked up, its own may be one that was not. Its own device is
        # made of the identifier, so that each of its events carries it.
        if own in reporting or await self._history.exists(Selection(device_id=own)):
            return own
        if others:
            raise IdentifierAmbiguous("This identifier was reported with several devices")
        raise IdentifierNotFound("No event ever carried this identifier")

    async def _list_told(self, identifier: Device) -> Sequence[UUID]:
        nai = identifier.network_access_identifier
        if nai is None:
            return ()
        reporting = await self._identifiers.list_reporting(nai, CANDIDATES)
        return [*reporting, *await self._registrations.devices_registered(nai, CANDIDATES)]
