"""From an `Envelope` to an `Event`: which family understands which event name."""

from datetime import datetime

from receiver.events.devices.reading import read_device
from receiver.events.event import Device, Event, Form, Kind, Status
from receiver.events.families import connectivity, network_type, roaming, subscription
from receiver.events.family import Meaning, Members
from receiver.events.findings import Finding
from receiver.events.forms.envelope import Envelope
from receiver.events.strays import judge_members_of_device, judge_strays
from receiver.events.timestamps import read_time

FAMILIES = (connectivity.FAMILY, roaming.FAMILY, network_type.FAMILY, subscription.FAMILY)

_MEANINGS = {name: meaning for family in FAMILIES for name, meaning in family.meanings.items()}
_LEGACY_MEANINGS = _MEANINGS | {
    name: meaning for family in FAMILIES for name, meaning in family.legacy_meanings.items()
}
# Every member that any event takes.
_MEMBERS = frozenset().union(*(meaning.members for meaning in _LEGACY_MEANINGS.values()))
_SYNONYMS = {name: names for family in FAMILIES for names in family.synonyms for name in names}
_APIS_WITHOUT_SUBSCRIPTION_ID = {
    name: family.apis_without_subscription_id for family in FAMILIES for name in family.meanings
}


def list_synonyms(name: str) -> tuple[str, ...]:
    """Returns the event names that mean the same, the name itself among them."""
    return _SYNONYMS.get(name, (name,))


def understand(envelope: Envelope, received_at: datetime) -> Event:
    """Understands an envelope; an event of an unknown type is returned as `unrecognised`.

    Args:
        received_at: the time of arrival, aware UTC.

    Raises:
        NotificationRefused: the time is unreadable, or the data of a known type makes no sense.
    """
    findings = set(envelope.findings)
    meanings = _LEGACY_MEANINGS if envelope.form is Form.LEGACY else _MEANINGS
    occurred_at = read_time(envelope.time, received_at, envelope.time_place, findings)
    meaning = meanings.get(envelope.name)
    if meaning is None:
        kind, device, status = Kind.UNRECOGNISED, _read_device_if_any(envelope.data), Status()
    else:
        kind = meaning.kind
        device, status = _read_data(meaning, envelope, findings)
    # By position: with names it takes more than twice as long. The order is guarded by
    # `test_every_part_of_an_envelope_stands_in_its_own_place_of_the_event`.
    return Event(
        kind,
        envelope.name,
        envelope.type,
        envelope.form,
        envelope.source,
        envelope.event_id,
        envelope.subscription_id,
        occurred_at,
        device,
        status,
        tuple(sorted(map(str, findings))) if findings else (),
        envelope.digest,
        envelope.payload,
    )


def _read_data(
    meaning: Meaning, envelope: Envelope, findings: set[Finding]
) -> tuple[Device, Status]:
    if envelope.fault is not None:
        raise envelope.fault
    if envelope.subscription_id is None and _requires_subscription_id(envelope):
        findings.add(Finding.SUBSCRIPTION_ID_MISSING)
    if envelope.data is None:
        findings.add(Finding.DATA_MISSING)
    data = envelope.data or {}
    device, inside_device = read_device(data.get("device"), findings)
    if inside_device:
        judge_members_of_device(inside_device, meaning.members_inside_device, _MEMBERS, findings)
    if not data.keys() <= meaning.members:
        outside = judge_strays(data, meaning.members, _MEMBERS, findings)
        device = device if outside is None else outside
    # By position, as it takes half the time; guarded by `test_a_family_reads_what_was_sent`.
    status = meaning.read_status(Members(data, envelope.form, findings, inside_device))
    return device, status


def _requires_subscription_id(envelope: Envelope) -> bool:
    return envelope.form is Form.CLOUDEVENTS and not any(
        api in envelope.type for api in _APIS_WITHOUT_SUBSCRIPTION_ID[envelope.name]
    )


def _read_device_if_any(data: dict[str, object] | None) -> Device:
    """Reads the device of an event of an unknown type, whose faults nobody can know.

    Other APIs have a `phoneNumber` for a device.
    """
    if data is None:
        return Device()
    said = data.get("device")
    if said is None and data.get("phoneNumber") is not None:
        said = {"phoneNumber": data["phoneNumber"]}
    return read_device(said, set())[0]
