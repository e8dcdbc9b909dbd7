"""What a notification tells a reader who understands it; an expectation is made of nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Life(StrEnum):
    """What an event says of its own subscription."""

    STARTED = "started"
    ACTIVE = "active"
    INACTIVE = "inactive"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Told:
    """One event as its story knows it.

    Attributes:
        device: a phone number, `+` and digits; or the id of a subscription without a device.
        at: when it happened, as exactly as the notification says it.
        name: the event name that readers understand.
        state: what it says of the phone: `connectivity`, `networkType`, or `roaming` with
            `countryCode` and `countryName` where it names them.
        life: None: it tells of the phone.
    """

    device: str
    subscription_id: str
    at: datetime
    name: str
    state: Mapping[str, object]
    life: Life | None
