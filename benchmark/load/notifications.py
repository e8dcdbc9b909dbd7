"""The notifications that are sent: every one another event, of another device."""

import json
from dataclasses import dataclass
from enum import StrEnum
from secrets import token_hex
from typing import Any

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

# Ten digits: two for the thread that sends, eight for its count.
NUMBER = "@NUMBER@"
DIGITS = 10


class Content(StrEnum):
    """What the notifications of a series hold.

    Attributes:
        GOOD: an event without a fault.
        FAULTY: an event with what senders get wrong, so that there are two findings.
        UNKNOWN_TYPE: an event of a type that the product does not know, and stores whole.
        NO_EVENT: well-formed JSON that is no event; it is refused with 400 and quarantined.
    """

    GOOD = "good"
    FAULTY = "faulty"
    UNKNOWN_TYPE = "unknown-type"
    NO_EVENT = "no-event"


@dataclass(frozen=True, slots=True)
class Series:
    """Notifications whose ids begin with a tag of their own, by which they are counted later.

    Attributes:
        tag: eight hexadecimal digits.
    """

    tag: str
    content: Content = Content.GOOD

    @property
    def template(self) -> str:
        """The JSON of each, with `NUMBER` in place of what differs."""
        return json.dumps(_notification(self.tag, self.content))

    def event_id(self, number: int) -> str:
        """Returns the `id` of one of them."""
        return f"{self.tag}-{number:0{DIGITS}}"

    def body(self, number: int) -> bytes:
        """Returns the bytes of one of them."""
        return self.template.replace(NUMBER, f"{number:0{DIGITS}}").encode()


def new_series(content: Content = Content.GOOD) -> Series:
    """Returns a series that was never sent before."""
    return Series(token_hex(4), content)


def _notification(tag: str, content: Content) -> dict[str, Any]:
    event_id, event = f"{tag}-{NUMBER}", _roaming()
    match content:
        case Content.FAULTY:
            event["data"]["device"]["phoneNumber"] = f"99999{NUMBER}"
            event["data"]["countryName"] = "FR"
        case Content.UNKNOWN_TYPE:
            event["type"] = "org.example.device-battery-subscriptions.v0.battery-low"
        case Content.NO_EVENT:
            # About as long as an event, so that reading costs as much.
            return {"id": event_id, "message": event}
    return {"id": event_id, **event}


def _roaming() -> dict[str, Any]:
    """Returns a CloudEvent without an id: a phone of its own roams, by its own subscription."""
    return {
        "source": "https://operator.invalid/device-roaming-status-subscriptions/v0.7",
        "type": "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-status",
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "time": "2026-04-17T07:31:01.416474Z",
        "data": {
            "device": {"phoneNumber": f"+99999{NUMBER}"},
            "subscriptionId": f"sub-{NUMBER}",
            "roaming": True,
            "countryCode": 208,
            "countryName": ["FR"],
        },
    }
