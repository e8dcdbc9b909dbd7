"""Links by looking at every event, for comparison with those that are read from rows."""

from collections.abc import Sequence
from uuid import UUID

from tests.support.facts import Told
from tests.support.registered import NOTHING, Registered


def replay_links(events: Sequence[Told], registered: Registered = NOTHING) -> dict[UUID, UUID]:
    """Returns the devices that stand for another one, with that one, by looking at every event.

    Args:
        registered: a registered device meets those of its subscription as a reported one does.
    """
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
        is_named = weak.device.phone_number or weak.device.network_access_identifier
        told = registered.get(weak.subscription_id or "")
        if not is_named and told is not None and told.device_id is not None:
            stronger.setdefault(weak.device_id, set()).add(told.device_id)
    return {weak: next(iter(those)) for weak, those in stronger.items() if len(those) == 1}


def linked(device_id: UUID, events: Sequence[Told], registered: Registered = NOTHING) -> set[UUID]:
    """Returns the devices that stand for this one."""
    links = replay_links(events, registered)
    return {weak for weak, strong in links.items() if strong == device_id}
