"""The notifications that are sent: every one another event, of another device or of a fleet's."""

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import NamedTuple

from benchmark.load import contents
from benchmark.load.contents import DEVICE, DEVICE_DIGITS, NUMBER, TIME, TIME_FORM, Content

STRUCTURED = "application/cloudevents+json"
LEGACY = "application/json"

# Two for the thread that sends, eight for its count.
DIGITS = 10


class Template(NamedTuple):
    """A notification with `NUMBER`, `DEVICE` and `TIME` in place of what differs."""

    media_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Series:
    """Notifications whose ids begin with a tag of their own, by which they are counted later.

    Attributes:
        tag: eight hexadecimal digits.
        repeat_every: 5: every fifth is one that was sent before, as a redelivery; 0: none is.
        devices: that a fleet has; the events are of these, and happen now. 0: of none.
    """

    tag: str
    content: Content = Content.GOOD
    repeat_every: int = 0
    devices: int = 0

    @property
    def templates(self) -> list[Template]:
        """What is sent in turn: the number of a notification decides which."""
        event_id = f"{self.tag}-{NUMBER}"
        made = (
            [contents.make_of_fleet(event_id)]
            if self.devices
            else contents.make(self.content, event_id)
        )
        return [Template(LEGACY if "event" in one else STRUCTURED, json.dumps(one)) for one in made]

    def event_id(self, number: int) -> str:
        """Returns the `id` of one of them."""
        return f"{self.tag}-{number:0{DIGITS}}"

    def body(self, number: int) -> bytes:
        """Returns the bytes of one of them."""
        templates = self.templates
        text = templates[number % len(templates)].text.replace(NUMBER, f"{number:0{DIGITS}}")
        if self.devices:
            device = int(self.devices * random.random() ** 2)  # noqa: S311 - no secret
            text = text.replace(DEVICE, f"{device:0{DEVICE_DIGITS}}")
            text = text.replace(TIME, datetime.now(UTC).strftime(TIME_FORM))
        return text.encode()


def new_series(content: Content = Content.GOOD, repeat_every: int = 0) -> Series:
    """Returns a series that was never sent before."""
    return Series(token_hex(4), content, repeat_every)


def new_fleet_series(devices: int) -> Series:
    """Returns a series of a fleet's events that was never sent before; see `Series`."""
    return Series(token_hex(4), devices=devices)
