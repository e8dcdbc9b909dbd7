"""The values that cross the floors: an `Event` is what was said, an `Arrival` its delivery.

They are named tuples, because frozen dataclasses take five times as long to make.
"""

from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple


class Kind(StrEnum):
    """The subject of an event."""

    CONNECTIVITY = "connectivity"
    ROAMING = "roaming"
    NETWORK_TYPE = "network-type"
    SUBSCRIPTION = "subscription"
    UNRECOGNISED = "unrecognised"


class Form(StrEnum):
    """The wrapping in which the sender sent an event."""

    CLOUDEVENTS = "cloudevents"
    LEGACY = "legacy"


class Device(NamedTuple):
    """The identifiers that one event reports, each normalised; None for one it does not report.

    Attributes:
        phone_number: `+` and 5 to 15 digits.
        network_access_identifier: `user@realm`, the realm in lower case.
        ipv4_public_port: 1 to 65535.
    """

    phone_number: str | None = None
    network_access_identifier: str | None = None
    ipv4_public_address: IPv4Address | None = None
    ipv4_private_address: IPv4Address | None = None
    ipv4_public_port: int | None = None
    ipv6_address: IPv6Address | None = None


class Status(NamedTuple):
    """The state that the event itself says, nothing inferred; None for what it does not say.

    Attributes:
        connectivity: CONNECTED_DATA, CONNECTED_SMS, NOT_CONNECTED, or CONNECTED for a legacy
            REACHABLE, which does not say by what.
        country_code: as sent: an MCC by CAMARA, a calling code from some senders.
        country_name: as sent, always a tuple: ISO 3166 alpha-2 by CAMARA, names from some senders.
        termination_description: of the reason, in the sender's words, up to 1024 characters; so
            for the other two.
    """

    connectivity: str | None = None
    roaming: bool | None = None
    country_code: int | None = None
    country_name: tuple[str, ...] | None = None
    connected_network_type: str | None = None
    termination_reason: str | None = None
    initiation_reason: str | None = None
    update_reason: str | None = None
    termination_description: str | None = None
    initiation_description: str | None = None
    update_description: str | None = None


class Event(NamedTuple):
    """One notification, understood.

    Attributes:
        name: the last segment of `type`, as sent; for the legacy form its CloudEvents name.
        type: the CloudEvents `type`, or the legacy `eventType`, as sent.
        source: the CloudEvents `source`; None in the legacy form.
        event_id: the id that the sender gave; None if it gave none.
        occurred_at: the time that the sender gave, aware UTC; if it gave none, that of arrival.
        findings: names from `receiver.events.findings`, sorted.
        digest: 16 bytes; equal exactly when two notifications say the same.
        payload: the JSON text as it arrived, without a byte order mark.
    """

    kind: Kind
    name: str
    type: str
    form: Form
    source: str | None
    event_id: str | None
    subscription_id: str | None
    occurred_at: datetime
    device: Device
    status: Status
    findings: tuple[str, ...]
    digest: bytes
    payload: str


class Arrival(NamedTuple):
    """One delivery of an event to the service.

    Attributes:
        arrival_id: 32 hexadecimal digits made for the delivery; tells a retry of the service from
            a retry of the sender.
        device_id: from `devices.identity.identify`; 32 hexadecimal digits.
        credential: the name of the sending credential.
        received_at: the time of arrival by the clock of the service, aware UTC.
    """

    arrival_id: str
    device_id: str
    credential: str
    received_at: datetime
    event: Event
