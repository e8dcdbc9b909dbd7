"""What notifications hold: templates in the forms that providers send."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

# Ten digits, which differ from one notification to the next.
NUMBER = "@NUMBER@"
# Of a fleet's device, at random; the first ones are chosen more often.
DEVICE = "@DEVICE@"
DEVICE_DIGITS = 8
# The moment of sending, to the microsecond.
TIME = "@TIME@"
TIME_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"

Document = dict[str, Any]


class Content(StrEnum):
    """What the notifications of a series hold.

    Attributes:
        GOOD: an event without a fault.
        FAULTY: an event with what senders get wrong, so that there are two findings.
        LEGACY: in turn, an event of the older form without a fault, and one with four findings.
        MIXED: in turn, all kinds of events in both forms, by several identifiers; two in eight
            have findings.
        UNKNOWN_TYPE: an event of a type that the product does not know, and stores whole.
        NO_EVENT: well-formed JSON that is no event; it is refused with 400 and quarantined.
    """

    GOOD = "good"
    FAULTY = "faulty"
    LEGACY = "legacy"
    MIXED = "mixed"
    UNKNOWN_TYPE = "unknown-type"
    NO_EVENT = "no-event"


def make(content: Content, event_id: str) -> list[Document]:
    """Returns the templates of a content, which are sent in turn.

    Args:
        event_id: with `NUMBER`; every template has it where its form has the id of an event.
    """
    match content:
        case Content.GOOD:
            return [_roaming(event_id)]
        case Content.FAULTY:
            return [_faulty(event_id)]
        case Content.LEGACY:
            return [_legacy(event_id), _faulty_legacy(event_id)]
        case Content.MIXED:
            return [
                _roaming(event_id),
                _reachability(event_id),
                _network_type(event_id),
                _change_of_country(event_id),
                _end(event_id),
                _faulty(event_id),
                _legacy(event_id),
                _faulty_legacy(event_id),
            ]
        case Content.UNKNOWN_TYPE:
            unknown = "org.example.device-battery-subscriptions.v0.battery-low"
            return [{**_roaming(event_id), "type": unknown}]
        case Content.NO_EVENT:
            # About as long as an event, so that reading costs as much.
            event = _roaming(event_id)
            return [{"id": event.pop("id"), "message": event}]


def phone_number(device: int | str) -> str:
    """Returns the phone number of a fleet's device, by its number or by `DEVICE`."""
    return f"+99999{_digits(device)}"


def subscription_id(device: int | str, month: int | str) -> str:
    """Returns the subscription of a fleet's device in a month, of two digits or as a number."""
    return f"sub-{_digits(device)}-{month:>02}"


def _digits(device: int | str) -> str:
    return device if isinstance(device, str) else f"{device:0{DEVICE_DIGITS}}"


def make_of_fleet(event_id: str) -> Document:
    """Returns the template of an event without a fault, of a fleet's device, that happens now."""
    event = {**_roaming(event_id), "time": TIME}
    event["data"] |= {
        "device": {"phoneNumber": phone_number(DEVICE)},
        "subscriptionId": subscription_id(DEVICE, datetime.now(UTC).month),
    }
    return event


def _cloud_event(event_id: str, api: str, version: str, name: str, **data: Any) -> Document:
    """Returns a CloudEvent about a phone of its own, by a subscription of its own."""
    about = {"device": {"phoneNumber": f"+99999{NUMBER}"}, "subscriptionId": f"sub-{NUMBER}"}
    return {
        "id": event_id,
        "source": f"https://operator.invalid/{api}/{version}",
        "type": f"org.camaraproject.{api}.v0.{name}",
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "time": "2026-04-17T07:31:01.416474Z",
        "data": {**about, **data},
    }


def _roaming(event_id: str) -> Document:
    return _cloud_event(
        event_id,
        "device-roaming-status-subscriptions",
        "v0.7",
        "roaming-status",
        roaming=True,
        countryCode=208,
        countryName=["FR"],
    )


def _faulty(event_id: str) -> Document:
    """Returns an event with a number without its plus sign, and a country in a string."""
    event = _roaming(event_id)
    event["data"]["device"]["phoneNumber"] = f"99999{NUMBER}"
    event["data"]["countryName"] = "FR"
    return event


def _reachability(event_id: str) -> Document:
    address = {"publicAddress": "203.0.113.7", "publicPort": 50060}
    return _cloud_event(
        event_id,
        "device-reachability-status-subscriptions",
        "v0.7",
        "reachability-data",
        device={"phoneNumber": f"+99999{NUMBER}", "ipv4Address": address},
    )


def _network_type(event_id: str) -> Document:
    return _cloud_event(
        event_id,
        "connected-network-type-subscriptions",
        "v0.2",
        "network-type-changed",
        device={"networkAccessIdentifier": f"phone-{NUMBER}@operator.invalid"},
        connectedNetworkType="5G",
    )


def _change_of_country(event_id: str) -> Document:
    return _cloud_event(
        event_id,
        "device-status",
        "v0.5",
        "roaming-change-country",
        device={"phoneNumber": f"+99999{NUMBER}", "ipv6Address": "2001:db8::7"},
        countryCode=262,
        countryName=["DE"],
    )


def _end(event_id: str) -> Document:
    return _cloud_event(
        event_id,
        "device-reachability-status-subscriptions",
        "v0.7",
        "subscription-ended",
        terminationReason="SUBSCRIPTION_EXPIRED",
    )


def _legacy(event_id: str) -> Document:
    """Returns an event as CAMARA had it before CloudEvents."""
    return {
        "eventSubscriptionId": f"sub-{NUMBER}",
        "event": {
            "eventId": event_id,
            "eventType": "ROAMING_STATUS",
            "eventTime": "2026-04-17T07:31:01.416474Z",
            "eventDetail": {
                "device": {"phoneNumber": f"+99999{NUMBER}"},
                "roaming": True,
                "countryCode": 208,
                "countryName": ["FR"],
            },
        },
    }


def _faulty_legacy(event_id: str) -> Document:
    """Returns an event with what a vendor's page gets wrong: four findings."""
    made = _legacy(event_id)
    address = {"publicAddress": "203.0.113.7", "publicPort": "80"}
    made["event"]["eventDetail"] |= {
        "device": {
            "phoneNumber": f"99999{NUMBER}",
            "ipv4Address": {"DeviceIpv4Addr": address},
        },
        "countryName": ["France"],
    }
    return made
