"""What a family of events exports: how its members are read, and what its names share."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from receiver.events.event import Form, Kind, Status
from receiver.events.findings import Finding

# Characters of a text that becomes a column: the limit that CAMARA sets for a subscription id.
_WORD_LENGTH_LIMIT = 256

# The members that every event takes.
COMMON_MEMBERS = frozenset({"device", "subscriptionId"})


class Members(NamedTuple):
    """The members of one event's data; null counts as absent, and unknown members are ignored.

    An event is worth more than one of its members: a reader refuses none, but leaves out what
    nobody can use, with a finding.

    Attributes:
        sent: by name.
        form: the wrapping in which the event came.
        findings: the set to which a reader adds what it forgives.
        inside_device: the members of `device` that are no identifiers, by name.
    """

    sent: Mapping[str, object]
    form: Form
    findings: set[Finding]
    inside_device: Mapping[str, object] = {}

    def take(self, name: str, misplaced: Finding) -> object:
        """Takes a member, from inside `device` where it stands nowhere else.

        Args:
            misplaced: the finding where it stands inside `device`.
        """
        value = self.sent.get(name)
        if self.inside_device and (inside := self.inside_device.get(name)) is not None:
            self.findings.add(misplaced)
            return inside if value is None else value
        return value

    def take_word(self, name: str, malformed: Finding) -> str | None:
        """Takes a member as a word; None where it is absent."""
        return self.check_word(self.sent.get(name), malformed)

    def check_word(self, value: object, malformed: Finding) -> str | None:
        """Returns a value that is a word, and None for every other.

        Args:
            malformed: the finding where it is not text or has more than 256 characters.
        """
        if value is None:
            return None
        if isinstance(value, str) and len(value) <= _WORD_LENGTH_LIMIT:
            return value
        self.findings.add(malformed)
        return None


class Meaning(NamedTuple):
    """The meaning of an event name.

    Attributes:
        members: what the event takes of its data, `COMMON_MEMBERS` among it; what else it holds is
            judged by `strays`.
        read_status: returns what the event itself says; adds a finding for what it fails to say
            and for what makes no sense, and raises nothing.
        members_inside_device: what it takes from inside `device` too, where senders misplace it.
    """

    kind: Kind
    members: frozenset[str]
    read_status: Callable[[Members], Status]
    members_inside_device: frozenset[str] = frozenset()


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
