"""The notifications that are sent: every one another event, of another device."""

import json
from dataclasses import dataclass
from secrets import token_hex
from typing import NamedTuple

from benchmark.load import contents
from benchmark.load.contents import NUMBER, Content

STRUCTURED = "application/cloudevents+json"
LEGACY = "application/json"

# Two for the thread that sends, eight for its count.
DIGITS = 10


class Template(NamedTuple):
    """A notification with `NUMBER` in place of what differs from one to the next."""

    media_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Series:
    """Notifications whose ids begin with a tag of their own, by which they are counted later.

    Attributes:
        tag: eight hexadecimal digits.
        repeat_every: 5: every fifth is one that was sent before, as a redelivery; 0: none is.
    """

    tag: str
    content: Content = Content.GOOD
    repeat_every: int = 0

    @property
    def templates(self) -> list[Template]:
        """What is sent in turn: the number of a notification decides which."""
        return [
            Template(LEGACY if "event" in made else STRUCTURED, json.dumps(made))
            for made in contents.make(self.content, f"{self.tag}-{NUMBER}")
        ]

    def event_id(self, number: int) -> str:
        """Returns the `id` of one of them."""
        return f"{self.tag}-{number:0{DIGITS}}"

    def body(self, number: int) -> bytes:
        """Returns the bytes of one of them."""
        templates = self.templates
        text = templates[number % len(templates)].text
        return text.replace(NUMBER, f"{number:0{DIGITS}}").encode()


def new_series(content: Content = Content.GOOD, repeat_every: int = 0) -> Series:
    """Returns a series that was never sent before."""
    return Series(token_hex(4), content, repeat_every)
