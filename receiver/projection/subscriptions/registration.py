"""What was told of a subscription when it was made: a fact beside those that its events say."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from receiver.events.axes import NAMES
from receiver.events.registry import list_synonyms
from receiver.projection.ledger import Subscription


class Registration(NamedTuple):
    """What a provider answered when the subscription was made, as far as answers need it.

    Attributes:
        registered_at: when it was first told, aware UTC.
        starts_at: when the subscription begins; None: not told.
        expires_at: when it ends at the latest; None: not told.
        max_events: after how many events it ends; None: not told.
        types: the event types, as told.
        device_id: the device that it is about; None: not told.
        phone_number, network_access_identifier: of that device, as told.
    """

    registered_at: datetime
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    max_events: int | None = None
    types: tuple[str, ...] = ()
    device_id: UUID | None = None
    phone_number: str | None = None
    network_access_identifier: str | None = None


def read_registered(registration: Registration) -> Subscription:
    """Returns what a registration says in the words of the ledger.

    Coverage counts the registered names as if they were told: from the registered start on, or
    from the registration where none was told.
    """
    return Subscription(
        names=frozenset(_list_names(registration.types)),
        first_at=registration.starts_at or registration.registered_at,
    )


def _list_names(types: Iterable[str]) -> Iterable[str]:
    for type_ in types:
        # The drafts write the same names in capitals.
        name = type_.rpartition(".")[2].lower().replace("_", "-")
        yield from (same for same in list_synonyms(name) if same in NAMES)
