"""How every family takes the members of an event: what is absent is forgiven, nonsense refused."""

from collections.abc import Callable
from typing import NamedTuple

from receiver.errors import NotificationRefused
from receiver.events.event import Kind, Status
from receiver.events.findings import Finding

# Of a text that becomes a column of its own.
_WORD_LENGTH_LIMIT = 256


class Sent(NamedTuple):
    """What was sent as one event's data; null is absent, and nobody minds unknown members.

    Attributes:
        members: by name, as sent.
        place: where they were sent: `data`, or where the legacy form has them.
        findings: to be added to.
    """

    members: dict[str, object]
    place: str
    findings: set[Finding]

    def word(self, name: str) -> str | None:
        """Take a member as a word.

        Raises:
            NotificationRefused: it is no text, or longer than 256 characters.
        """
        value = self.members.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.refusal("must be a string", name)
        if len(value) > _WORD_LENGTH_LIMIT:
            raise self.refusal("too long", name)
        return value

    def refusal(self, reason: str, name: str) -> NotificationRefused:
        """Make the refusal of a member; it names the member, never its value."""
        return NotificationRefused(reason, f"{self.place}.{name}")


class Payload(NamedTuple):
    """The meaning of an event name.

    Attributes:
        status: says what the event itself says, with a finding for what it fails to say; raises
            NotificationRefused where a member makes no sense.
    """

    kind: Kind
    status: Callable[[Sent], Status]
