"""What a family of events exports: how its members are read, and what its names share."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from receiver.errors import NotificationRefused
from receiver.events.event import Kind, Status
from receiver.events.findings import Finding

# Characters of a text that becomes a column: the limit that CAMARA sets for a subscription id.
_WORD_LENGTH_LIMIT = 256


class Members(NamedTuple):
    """The members of one event's data; null counts as absent, and unknown members are ignored.

    Attributes:
        sent: by name.
        place: the member that holds them: `data`, or its counterpart in the legacy form.
        findings: the set to which a reader adds what it forgives.
    """

    sent: dict[str, object]
    place: str
    findings: set[Finding]

    def take_word(self, name: str) -> str | None:
        """Takes a member as a word; None where it is absent.

        Raises:
            NotificationRefused: the member is not text, or has more than 256 characters.
        """
        value = self.sent.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.refuse("must be a string", name)
        if len(value) > _WORD_LENGTH_LIMIT:
            raise self.refuse("too long", name)
        return value

    def refuse(self, reason: str, name: str) -> NotificationRefused:
        """Returns the refusal of a member; it names the member, never its value."""
        return NotificationRefused(reason, f"{self.place}.{name}")


class Meaning(NamedTuple):
    """The meaning of an event name.

    Attributes:
        read_status: returns what the event itself says and adds a finding for what it fails to
            say; raises NotificationRefused for a member that makes no sense.
    """

    kind: Kind
    read_status: Callable[[Members], Status]


class Family(NamedTuple):
    """What the registry needs to know of one kind of event.

    Attributes:
        meanings: by event name, for every form.
        legacy_meanings: by the names that no CloudEvent has.
        synonyms: groups of event names with one meaning.
        apis_without_subscription_id: parts of `type` that name an API whose releases publish these
            events and do not require a subscription id.
    """

    meanings: Mapping[str, Meaning]
    legacy_meanings: Mapping[str, Meaning] = {}
    synonyms: tuple[tuple[str, ...], ...] = ()
    apis_without_subscription_id: frozenset[str] = frozenset()
