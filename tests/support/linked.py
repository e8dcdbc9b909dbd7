"""Links by looking at every event, for comparison with those that are read from rows."""

from collections.abc import Sequence
from uuid import UUID

from tests.support.facts import Told


def replay_links(events: Sequence[Told]) -> dict[UUID, UUID]:
    """Returns the devices that stand for another one, with that one, by looking at every event."""
    stronger: dict[UUID, set[UUID]] = {}
    for weak in events:
        for strong in events:
            meets_by_subscription = (
                weak.device.phone_number is None
                and weak.device.network_access_identifier is None
                and weak.subscription_id is not None
                and weak.subscription_id == strong.subscription_id
                and strong.device != weak.device
            )
            nai = weak.device.network_access_identifier
            meets_by_nai = (
                weak.device.phone_number is None
                and nai is not None
                and nai == strong.device.network_access_identifier
                and strong.device.phone_number is not None
            )
            if meets_by_subscription or meets_by_nai:
                stronger.setdefault(weak.device_id, set()).add(strong.device_id)
    return {weak: next(iter(those)) for weak, those in stronger.items() if len(those) == 1}


def linked(device_id: UUID, events: Sequence[Told]) -> set[UUID]:
    """Returns the devices that stand for this one."""
    return {weak for weak, strong in replay_links(events).items() if strong == device_id}
