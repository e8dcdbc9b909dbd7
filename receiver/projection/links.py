"""Links: what only a subscription or a network access identifier identifies stands for one device.

One hop, from the weaker to the stronger, and only while one stronger device alone was ever reported
with it: more of them, and it stands for none.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

# What identifies a device, as `events.devices.identity` decides.
BY_SUBSCRIPTION, BY_IDENTIFIER, BY_PHONE_NUMBER = 1, 2, 3


class Via(StrEnum):
    """What two devices have in common."""

    SUBSCRIPTION = "subscription"
    IDENTIFIER = "network-access-identifier"


# Of which strength is the device that has nothing else.
WEAKER = {Via.SUBSCRIPTION: BY_SUBSCRIPTION, Via.IDENTIFIER: BY_IDENTIFIER}


class Evidence(NamedTuple):
    """That an event of a device named a subscription or an identifier.

    Attributes:
        credential: of the subscription; empty for an identifier, which is nobody's own.
        value: the subscription id, or the identifier.
        strength: of the device.
    """

    via: Via
    credential: str
    value: str
    device_id: UUID
    strength: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What two devices share."""
        return self.via, self.credential, self.value

    @property
    def is_weaker(self) -> bool:
        """Whether nothing else identifies the device."""
        return self.strength == WEAKER[self.via]


def find_links(evidence: Iterable[Evidence]) -> dict[UUID, UUID]:
    """Returns the devices that stand for another one, each with the device it stands for.

    Args:
        evidence: of each key in it, of all devices that share the key.
    """
    weaker: dict[tuple[str, str, str], set[UUID]] = {}
    stronger: dict[tuple[str, str, str], set[UUID]] = {}
    for one in evidence:
        if one.strength >= WEAKER[one.via]:
            side = weaker if one.is_weaker else stronger
            side.setdefault(one.key, set()).add(one.device_id)
    links = {}
    for key, devices in stronger.items():
        if len(devices) == 1:
            [strong] = devices
            links.update(dict.fromkeys(weaker.get(key, ()), strong))
    return links


def find_own_keys(
    devices: Collection[UUID], evidence: Iterable[Evidence]
) -> set[tuple[str, str, str]]:
    """Returns the keys that only some devices were reported with, beside what stands for them.

    Args:
        evidence: of each key in it, of all devices that share the key, or of three others.
    """
    own: dict[tuple[str, str, str], bool] = {}
    for one in evidence:
        if one.strength >= WEAKER[one.via]:
            is_own = one.is_weaker or one.device_id in devices
            own[one.key] = own.get(one.key, True) and is_own
    return {key for key, is_own in own.items() if is_own}


def list_linked(device_id: UUID, links: Mapping[UUID, UUID]) -> list[UUID]:
    """Returns the devices that stand for a device."""
    return sorted(weak for weak, strong in links.items() if strong == device_id)


def find_row(device_id: UUID, links: Mapping[UUID, UUID]) -> UUID:
    """Returns the device in whose row of the fleet a device is.

    It is the one that it stands for; but a link has one hop, so a device that stands for one that
    stands for yet another has a row of its own.
    """
    strong = links.get(device_id, device_id)
    return device_id if strong in links else strong
