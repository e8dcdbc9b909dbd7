"""What a provider answered when a subscription was made, in each shape that providers answer in.

Taken from CAMARA's `Subscription` and `SubscriptionAsync` of the releases 0.5.0 to 0.8.0, and from
Nokia's Network as Code. Only the members that are named here are read: a sink credential that a
provider repeats goes nowhere.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from receiver.errors import InvalidArgument
from receiver.events.devices.drafts import complete_detail
from receiver.events.devices.identifiers import is_network_access_identifier
from receiver.events.devices.identity import identify_reported
from receiver.events.devices.reading import read_device
from receiver.events.event import Device
from receiver.events.findings import Finding
from receiver.events.forms.strict_json import parse
from receiver.events.numbers import read_whole_number
from receiver.events.timestamps import parse_time
from receiver.projection.subscriptions.registration import Registration

SUBSCRIPTION = "subscription"

# Where the members stand, the provider's own word before what was asked for.
_IDS = ("id", "subscriptionId", "eventSubscriptionId")
_ENDS = ("expiresAt", "subscriptionExpireTime", "config.subscriptionExpireTime")
_NUMBERS = (
    "config.subscriptionMaxEvents",
    "subscriptionMaxEvents",
    "maxEvents",
    "maxNumberOfReports",
)
_TYPES = (
    "types",
    "config.subscriptionDetail.types",
    "subscriptionDetail.types",
    "config.subscriptionDetail.type",
    "subscriptionDetail.type",
    "type",
    "eventType",
)
_DETAILS = ("config.subscriptionDetail", "subscriptionDetail")

# Characters of a subscription id and of a type, as of an event's.
_ID_LENGTH_LIMIT = 256
_TYPE_LENGTH_LIMIT = 512
_TYPES_LIMIT = 20
_EVENTS_LIMIT = 2**53

# What a device that is given beside the answer must have.
_IDENTIFIERS = "needs a phone number or a network access identifier that can be read"


def read_answer(
    answer: Mapping[str, object],
    device: Mapping[str, object] | None,
    *,
    namespace: UUID,
    registered_at: datetime,
) -> tuple[str, Registration]:
    """Returns the id of a subscription, and what is registered of it.

    Args:
        answer: what the provider answered, of strict JSON, as `parse_answers` returns it.
        device: of the subscription, where the answer names none, or another one counts.
        namespace: the installation's, from which device ids are made.
        registered_at: now, aware UTC.

    Raises:
        InvalidArgument: names the member that makes no sense, never its value.
    """
    known = _read_device(answer) if device is None else _require_device(device)
    has_device = known.phone_number is not None or known.network_access_identifier is not None
    return _read_id(answer), Registration(
        registered_at=registered_at,
        starts_at=_read_time(answer, ("startsAt",)),
        expires_at=_read_time(answer, _ENDS),
        max_events=_read_number(answer),
        types=tuple(_read_types(answer)),
        device_id=UUID(identify_reported(namespace, known)) if has_device else None,
        phone_number=known.phone_number,
        network_access_identifier=known.network_access_identifier,
    )


def parse_answers(body: bytes) -> list[Mapping[str, object]]:
    """Returns the answers in a text: one as a JSON object, or several as an array.

    Raises:
        NotificationRefused: it is no JSON.
        InvalidArgument: it is something else than objects.
    """
    found = parse(body)
    members = found if isinstance(found, list) else [found]
    answers = [answer for answer in members if isinstance(answer, dict)]
    if len(answers) < len(members):
        raise InvalidArgument(f"{SUBSCRIPTION}: not a JSON object")
    return [*answers]


def _find(answer: Mapping[str, object], places: tuple[str, ...]) -> tuple[str, object]:
    """Returns the first member that is there, with its place; None: there is none of them."""
    for place in places:
        found: object = answer
        for name in place.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if found is not None:
            return f"{SUBSCRIPTION}.{place}", found
    return f"{SUBSCRIPTION}.{places[0]}", None


def _read_id(answer: Mapping[str, object]) -> str:
    place, found = _find(answer, _IDS)
    number = read_whole_number(found)
    if number is not None:
        found = str(number)
    if found is None:
        raise InvalidArgument(f"{place}: missing")
    return _require_text(place, found, _ID_LENGTH_LIMIT)


def _read_time(answer: Mapping[str, object], places: tuple[str, ...]) -> datetime | None:
    place, found = _find(answer, places)
    if found is None:
        return None
    # An expiry of the year 9999 is one provider's word for never.
    moment = parse_time(found) if isinstance(found, str) else None
    if moment is None:
        raise InvalidArgument(f"{place}: not an RFC 3339 date-time")
    return moment


def _read_number(answer: Mapping[str, object]) -> int | None:
    place, found = _find(answer, _NUMBERS)
    if found is None:
        return None
    number = read_whole_number(found)
    if number is None or not 1 <= number <= _EVENTS_LIMIT:
        raise InvalidArgument(f"{place}: not a whole number from 1 on")
    return number


def _read_types(answer: Mapping[str, object]) -> Iterator[str]:
    place, found = _find(answer, _TYPES)
    types = found if isinstance(found, list) else [] if found is None else [found]
    if len(types) > _TYPES_LIMIT:
        raise InvalidArgument(f"{place}: more than {_TYPES_LIMIT} types")
    for type_ in types:
        yield _require_text(place, type_, _TYPE_LENGTH_LIMIT)


def _require_text(place: str, value: object, length_limit: int) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidArgument(f"{place}: not a text")
    if len(value) > length_limit:
        raise InvalidArgument(f"{place}: longer than {length_limit} characters")
    return value


def _read_device(answer: Mapping[str, object]) -> Device:
    """Returns the device in the answer; what makes no sense there is left out."""
    _, detail = _find(answer, _DETAILS)
    members = detail if isinstance(detail, dict) else {}
    device, _ = read_device(complete_detail(members, answer, set()).get("device"), set())
    return _without_malformed(device)


def _require_device(value: Mapping[str, object]) -> Device:
    findings: set[Finding] = set()
    device, others = read_device(dict(value), findings)
    if others:
        raise InvalidArgument("device: has a member that is no identifier")
    if Finding.PHONE_NUMBER_MALFORMED in findings:
        raise InvalidArgument("device.phoneNumber: not a phone number")
    if Finding.NETWORK_ACCESS_IDENTIFIER_MALFORMED in findings:
        raise InvalidArgument("device.networkAccessIdentifier: not an identifier of this kind")
    if device.phone_number is None and device.network_access_identifier is None:
        raise InvalidArgument(f"device: {_IDENTIFIERS}")
    return device


def _without_malformed(device: Device) -> Device:
    """Returns the identifiers that identify a device over time."""
    known = Device(phone_number=device.phone_number)
    nai = device.network_access_identifier
    if nai is None or not is_network_access_identifier(nai):
        return known
    return known._replace(network_access_identifier=nai)
