"""What is known of some subscriptions: derived rows, registrations and the events behind both."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from receiver.projection import ledger
from receiver.projection.fact import Fact
from receiver.projection.ledger import Key, Subscription
from receiver.projection.links import BY_SUBSCRIPTION
from receiver.projection.subscriptions.registration import Registration, read_registered
from receiver.store.derived.rows import read_rows, read_subscription
from receiver.store.status.registered import read_registrations
from receiver.store.subscriptions.questions import NEIGHBOURS, NEIGHBOURS_LIMIT, SUBSCRIPTIONS


class TailEvent(NamedTuple):
    """An event that is not derived yet, with its device and what identifies that."""

    device_id: UUID
    strength: int
    fact: Fact

    @property
    def key(self) -> Key:
        return self.fact.credential, self.fact.subscription_id or ""


class Known:
    """Subscriptions by their key; read in parts, as many as an answer needs.

    Attributes:
        told: what their events say; a subscription without an event is not in it.
        registrations: what was told of them.

    Args:
        tail: the events that are not derived yet.
    """

    def __init__(self, connection: AsyncConnection, tail: Iterable[TailEvent]) -> None:
        self.told: dict[Key, Subscription] = {}
        self.registrations: dict[Key, Registration] = {}
        self._connection = connection
        self._tail: dict[Key, list[TailEvent]] = {}
        for event in tail:
            self._tail.setdefault(event.key, []).append(event)
        self._devices: dict[Key, dict[UUID, bool]] = {}
        self._of_device: dict[UUID, set[Key]] = {}

    async def read(self, keys: Collection[Key]) -> None:
        """Reads what is known of subscriptions, unless it was read before."""
        fresh = [key for key in keys if key not in self._devices]
        if not fresh:
            return
        self._devices |= {key: {} for key in fresh}
        rows = await read_rows(
            self._connection,
            SUBSCRIPTIONS,
            credentials=[credential for credential, _ in fresh],
            subscription_ids=[subscription_id for _, subscription_id in fresh],
        )
        for device_id, strength, credential, subscription_id, *subscription in rows:
            key = credential, subscription_id
            self._add(key, read_subscription(subscription))
            self._devices[key][device_id] = strength > BY_SUBSCRIPTION
        for key in fresh:
            behind = self._tail.get(key, ())
            for said in ledger.fold(event.fact for event in behind).values():
                self._add(key, said)
            for event in behind:
                self._devices[key][event.device_id] = event.strength > BY_SUBSCRIPTION
        self.registrations |= await read_registrations(self._connection, fresh, ())
        for key in fresh:
            for device_id in {*self._devices[key], *self.find_devices(key)}:
                self._of_device.setdefault(device_id, set()).add(key)

    async def read_of(self, devices: Collection[UUID]) -> None:
        """Reads every subscription that is about one of some devices."""
        rows = await read_rows(
            self._connection, NEIGHBOURS, devices=list(devices), limit=NEIGHBOURS_LIMIT
        )
        keys = {(row.credential, row.subscription_id) for row in rows}
        keys |= {
            event.key
            for behind in self._tail.values()
            for event in behind
            if event.device_id in devices
        }
        keys |= set(await read_registrations(self._connection, (), devices))
        await self.read(keys)

    def find_devices(self, key: Key) -> Sequence[UUID]:
        """Returns the devices that a subscription is about.

        What only the subscription identifies is left out where there is more.
        """
        devices = self._devices[key]
        strong = {device_id for device_id, is_strong in devices.items() if is_strong}
        registration = self.registrations.get(key)
        if registration is not None and registration.device_id is not None:
            strong.add(registration.device_id)
        return sorted(strong or devices)

    def find_covering(self, key: Key) -> Subscription:
        """Returns what a subscription tells and was registered for."""
        said = self.told.get(key)
        registration = self.registrations.get(key)
        if registration is None:
            if said is None:
                raise LookupError("nothing is known of this subscription")
            return said
        registered = read_registered(registration)
        return registered if said is None else ledger.merge(said, registered)

    def find_covering_of(self, devices: Collection[UUID]) -> Mapping[Key, Subscription]:
        """Returns the subscriptions that were read and are about one of some devices."""
        keys: set[Key] = set().union(*(self._of_device.get(one, ()) for one in devices))
        return {key: self.find_covering(key) for key in keys}

    def _add(self, key: Key, said: Subscription) -> None:
        known = self.told.get(key)
        self.told[key] = said if known is None else ledger.merge(known, said)
