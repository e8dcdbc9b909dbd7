"""The device that an identifier means."""

from collections.abc import Callable
from uuid import UUID

from receiver.errors import IdentifierAmbiguous, IdentifierNotFound
from receiver.events.devices.identity import identify_reported
from receiver.events.event import Device
from receiver.store.events.history import History
from receiver.store.events.selection import Selection

# Devices that are looked up for one identifier: its own and two others, because one other is the
# device that it means, and two are already ambiguous.
CANDIDATES = 3


class Resolver:
    """Finds the device that an identifier means.

    Args:
        namespace: the installation's, from which device ids are made.
    """

    def __init__(self, history: History, namespace: Callable[[], UUID]) -> None:
        self._history = history
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
        others = [device_id for device_id in reporting if device_id != own]
        if len(others) == 1:
            return others[0]
        # Of more devices than are looked up, its own may be one that was not.
        selection = Selection(device_id=own, reported=identifier)
        if own in reporting or await self._history.exists(selection):
            return own
        if others:
            raise IdentifierAmbiguous("This identifier was reported with several devices")
        raise IdentifierNotFound("No event ever carried this identifier")
