"""The parameters of questions for pages, by name: questions of one shape share their statement.

A shape has the places of the values, and none of them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from receiver.events.event import Device
from receiver.store.events.columns import IDENTIFIERS
from receiver.store.events.selection import Position, Selection

# The values in a shape; a question gives its own for each of them.
_NO_ID = UUID(int=0)
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
NOWHERE = Position(_NO_TIME, _NO_TIME, 0)

_TEXTS = ("types", "kinds", "names", "sources", "credentials", "findings")
_TIMES = ("occurred_from", "occurred_to", "received_from", "received_to")


def name_subscription(place: int) -> str:
    """Returns the parameter of one of the subscriptions that are paths."""
    return f"subscription_{place}"


def list_subscriptions(selection: Selection) -> list[str]:
    """Returns the subscriptions of a selection, each once."""
    return list(dict.fromkeys(selection.subscription_ids))


def shape_of(selection: Selection) -> Selection:
    """Returns what decides the text of a question: the selection with a place for each value."""
    subscriptions = tuple(str(place) for place in range(len(list_subscriptions(selection))))
    reported = selection.reported
    places: dict[str, Any] = {
        "device_id": None if selection.device_id is None else _NO_ID,
        "reported": None if reported is None else _shape_of_device(reported),
        "linked": (_NO_ID,) if selection.linked else (),
        "subscription_ids": subscriptions[:1] if selection.is_of_a_device else subscriptions,
        **{name: ("",) if getattr(selection, name) else () for name in _TEXTS},
        **{name: None if getattr(selection, name) is None else _NO_TIME for name in _TIMES},
        "is_apart": selection.is_apart,
    }
    return Selection(**places)


def values_of(selection: Selection) -> Mapping[str, Any]:
    """Returns the values of a selection's parameters by their names, and None for others."""
    reported = selection.reported or Device()
    subscriptions = list_subscriptions(selection)
    return {
        "device_id": selection.device_id,
        "linked": list(selection.linked),
        "subscription_ids": subscriptions,
        **{name_subscription(place): each for place, each in enumerate(subscriptions)},
        **{name: getattr(reported, name) for name in IDENTIFIERS},
        **{name: list(getattr(selection, name)) for name in _TEXTS},
        **{name: getattr(selection, name) for name in _TIMES},
    }


def _shape_of_device(device: Device) -> Device:
    """Returns which identifiers a device has; the values have no meaning."""
    return Device(*(None if value is None else "" for value in device))  # type: ignore[arg-type]
