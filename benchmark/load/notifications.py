"""The notifications that are sent: every one another event, of another device."""

import json
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

# Ten digits: two for the thread that sends, eight for its count.
NUMBER = "@NUMBER@"
DIGITS = 10


@dataclass(frozen=True, slots=True)
class Series:
    """Notifications whose ids begin with a tag of their own, by which they are counted later.

    Attributes:
        tag: eight hexadecimal digits.
        breaks_rules: whether each has what senders get wrong, so that there are findings.
    """

    tag: str
    breaks_rules: bool = False

    @property
    def template(self) -> str:
        """The JSON of each, with `NUMBER` in place of what differs."""
        said = _roaming(self.tag)
        if self.breaks_rules:
            said["data"]["device"]["phoneNumber"] = f"99999{NUMBER}"
            said["data"]["countryName"] = "FR"
        return json.dumps(said)

    def event_id(self, number: int) -> str:
        """The `id` of one of them."""
        return f"{self.tag}-{number:0{DIGITS}}"

    def body(self, number: int) -> bytes:
        """The bytes of one of them."""
        return self.template.replace(NUMBER, f"{number:0{DIGITS}}").encode()


def new_series(*, breaks_rules: bool = False) -> Series:
    """A series that nobody sent before."""
    return Series(token_hex(4), breaks_rules)


def _roaming(tag: str) -> dict[str, Any]:
    """Returns a CloudEvent about a phone that roams, with an id, a phone, a subscription."""
    return {
        "id": f"{tag}-{NUMBER}",
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
