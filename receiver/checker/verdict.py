"""The verdict on each notification in a file's bytes; opens no file and reads no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from receiver.api.answers.resource import Resource, Time
from receiver.api.questions.resources import DeviceResource, StatusResource
from receiver.errors import BodyTooLarge, NotificationRefused
from receiver.events import registry
from receiver.events.breaches import BREACHES
from receiver.events.devices.identity import identify
from receiver.events.event import Event, Form, Kind
from receiver.events.findings import Finding
from receiver.events.meanings import MEANINGS
from receiver.intake import modes

# The file name that stands for standard input.
STDIN = "-"

# Bytes of a file once it is decompressed: the largest body that a service can be set to take.
SIZE_MAX = 16 * 1024 * 1024

# Device ids are only compared with one another here, so any namespace serves.
NAMESPACE = UUID(int=0)

# The parts of `ipv4Address`, all unknown.
NO_IPV4_ADDRESS = {
    "ipv4_public_address": None,
    "ipv4_private_address": None,
    "ipv4_public_port": None,
}


class Severity(IntEnum):
    """How grave a verdict is; the gravest is the exit status."""

    CLEAN = 0
    WITH_FINDINGS = 1
    REFUSED = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one notification.

    Attributes:
        file: the name of the file, as the caller wrote it.
        index: the position in a batch; None: the notification is no member of a batch.
        outcome: the event, or why it is refused.
    """

    file: str
    index: int | None
    outcome: Event | NotificationRefused

    @property
    def severity(self) -> Severity:
        """How grave the verdict is."""
        if isinstance(self.outcome, NotificationRefused):
            return Severity.REFUSED
        return Severity.WITH_FINDINGS if self.outcome.findings else Severity.CLEAN


class CheckedEvent(Resource):
    """An event as readers would get it, without the members that arrival and storage add.

    Attributes:
        digest: the digest by which a duplicate is recognised, in hexadecimal digits.
        identified_by: the member from which the id of the device is made.
    """

    kind: Kind
    name: str
    type: str
    source: str | None
    event_id: str | None
    form: Form
    subscription_id: str | None
    occurred_at: Time | None
    device: DeviceResource
    status: StatusResource
    findings: list[str]
    digest: str
    identified_by: str

    @classmethod
    def of(cls, event: Event) -> "CheckedEvent":
        return cls(
            kind=event.kind,
            name=event.name,
            type=event.type,
            source=event.source,
            event_id=event.event_id,
            form=event.form,
            subscription_id=event.subscription_id,
            # The arrival stands in for a missing time, and nothing has arrived here.
            occurred_at=None if Finding.TIME_MISSING in event.findings else event.occurred_at,
            device=DeviceResource.of(event.device),
            status=StatusResource.of(event.status),
            findings=list(event.findings),
            digest=event.digest.hex(),
            identified_by=find_identifier(event),
        )


def judge(file: str, body: bytes, now: datetime) -> Iterator[Verdict]:
    """Yields the verdict on the one notification in a file, or on each member of a batch.

    Args:
        body: as at the sink, gzip included.
        now: the time of the arrival, aware UTC.
    """
    try:
        # A file has no headers, so it does not break their rules either.
        content = modes.open_content({}, body, SIZE_MAX)._replace(findings=frozenset())
        members = content.split()
    except NotificationRefused as refusal:
        yield Verdict(file, None, refusal)
        return
    except BodyTooLarge as error:
        yield Verdict(file, None, NotificationRefused(str(error)))
        return
    is_batch = content.mode is modes.Mode.BATCH
    for index, member in enumerate(members):
        yield Verdict(file, index if is_batch else None, _understand(member, now))


def find_identifier(event: Event) -> str:
    """Returns the member from which the id of the device is made.

    It is the strongest member without which the id would be another.
    """
    reported = event.device
    without = {
        "phoneNumber": event._replace(device=reported._replace(phone_number=None)),
        "networkAccessIdentifier": event._replace(
            device=reported._replace(network_access_identifier=None)
        ),
        "subscriptionId": event._replace(subscription_id=None),
        "ipv6Address": event._replace(device=reported._replace(ipv6_address=None)),
        "ipv4Address": event._replace(device=reported._replace(**NO_IPV4_ADDRESS)),
        "source": event._replace(source=None),
    }
    whole = _identify(event)
    return next((name for name, rest in without.items() if _identify(rest) != whole), "credential")


def compose_members(verdict: Verdict) -> dict[str, object]:
    """Returns a verdict as the members of a JSON object; unknown members are left out."""
    found: dict[str, object] = {"file": verdict.file}
    if verdict.index is not None:
        found["index"] = verdict.index
    if isinstance(verdict.outcome, NotificationRefused):
        refusal = verdict.outcome
        return found | {"refusal": {"place": refusal.place, "reason": refusal.reason}}
    event = CheckedEvent.of(verdict.outcome)
    return found | {
        "event": event.model_dump(mode="json", by_alias=True, exclude_none=True),
        "findings": [_explain(Finding(name)) for name in event.findings],
    }


def _explain(finding: Finding) -> dict[str, str]:
    breach = BREACHES[finding]
    return {
        "name": finding,
        "meaning": MEANINGS[finding],
        "source": breach.source,
        "versions": breach.versions,
    }


def _understand(member: modes.Member, now: datetime) -> Event | NotificationRefused:
    try:
        return registry.understand(member.read(), now)
    except NotificationRefused as refusal:
        return refusal


def _identify(event: Event) -> str:
    return identify(
        NAMESPACE,
        event.device,
        credential="",
        subscription_id=event.subscription_id,
        source=event.source,
    )
