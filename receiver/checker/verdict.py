"""What the checker makes of a file's bytes: events and refusals; knows no file and no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from receiver.api.answers.resource import Resource, Time
from receiver.api.questions.resources import DeviceResource, StatusResource
from receiver.errors import NotificationRefused
from receiver.events import registry
from receiver.events.breaches import BREACHES
from receiver.events.devices.identity import identify
from receiver.events.event import Event, Form, Kind
from receiver.events.findings import Finding
from receiver.events.forms import strict_json
from receiver.events.forms.batch import split_batch
from receiver.events.forms.structured import read_structured

# Any will do: ids are only compared with one another, never shown.
NAMESPACE = UUID(int=0)

IPV4_ADDRESS = {
    "ipv4_public_address": None,
    "ipv4_private_address": None,
    "ipv4_public_port": None,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one notification.

    Attributes:
        file: where it was read from, as it was asked for.
        index: its place in a batch; None outside one.
        outcome: the event, or why it is refused.
    """

    file: str
    index: int | None
    outcome: Event | NotificationRefused


class CheckedEvent(Resource):
    """An event as readers would get it, without what only its arrival and its storage add."""

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
            identified_by=identified_by(event),
        )


def judge(file: str, body: bytes, now: datetime) -> Iterator[Verdict]:
    """Reads what a file holds: one notification, or each of a batch.

    Args:
        now: stands for the arrival, aware UTC.
    """
    if not _is_batch(body):
        yield Verdict(file, None, _outcome(body, now))
        return
    try:
        members = split_batch(body)
    except NotificationRefused as refusal:
        yield Verdict(file, None, refusal)
        return
    for index, member in enumerate(members):
        yield Verdict(file, index, _outcome(member, now))


def identified_by(event: Event) -> str:
    """Names what the device's id is made from: that without which the id would be another."""
    reported = event.device
    without = {
        "phoneNumber": event._replace(device=reported._replace(phone_number=None)),
        "networkAccessIdentifier": event._replace(
            device=reported._replace(network_access_identifier=None)
        ),
        "subscriptionId": event._replace(subscription_id=None),
        "ipv6Address": event._replace(device=reported._replace(ipv6_address=None)),
        "ipv4Address": event._replace(device=reported._replace(**IPV4_ADDRESS)),
        "source": event._replace(source=None),
    }
    whole = _device_id(event)
    return next((name for name, rest in without.items() if _device_id(rest) != whole), "credential")


def members(verdict: Verdict) -> dict[str, object]:
    """A verdict as JSON; what is unknown is left out."""
    found: dict[str, object] = {"file": verdict.file}
    if verdict.index is not None:
        found["index"] = verdict.index
    if isinstance(verdict.outcome, NotificationRefused):
        refusal = verdict.outcome
        return found | {"refusal": {"place": refusal.place, "reason": refusal.reason}}
    event = CheckedEvent.of(verdict.outcome)
    return found | {
        "event": event.model_dump(mode="json", by_alias=True, exclude_none=True),
        "findings": [_explained(Finding(name)) for name in event.findings],
    }


def _is_batch(body: bytes) -> bool:
    return body.removeprefix(strict_json.BYTE_ORDER_MARK).lstrip().startswith(b"[")


def _explained(finding: Finding) -> dict[str, str]:
    breach = BREACHES[finding]
    return {
        "name": finding,
        "meaning": finding.meaning,
        "source": breach.source,
        "versions": breach.versions,
    }


def _outcome(body: bytes, now: datetime) -> Event | NotificationRefused:
    try:
        return registry.understand(read_structured(body), now)
    except NotificationRefused as refusal:
        return refusal


def _device_id(event: Event) -> str:
    return identify(
        NAMESPACE,
        event.device,
        credential="",
        subscription_id=event.subscription_id,
        source=event.source,
    )
