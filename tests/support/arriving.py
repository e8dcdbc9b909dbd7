"""The ways in which bytes arrive: each ends with an event or a refusal, or a test fails."""

from collections.abc import Callable
from functools import partial

from receiver.errors import NotificationRefused
from receiver.events.forms.batch import split_batch
from receiver.events.forms.binary import read_binary
from receiver.events.forms.envelope import Envelope
from receiver.events.forms.structured import read_structured
from receiver.events.registry import understand
from tests.support import bodies

FLAT = {
    "subscriptionId": "draft-1",
    "eventType": "UE_REACHABILITY",
    "eventTime": "2023-03-13T09:00:00Z",
    "eventDetail": {
        "ueId": {"msisdn": "99999991000", "ipv4Addr": "203.0.113.1/32"},
        "uePort": 5060,
        "reachabilityType": "DATA",
    },
}
HEADERS = {
    "specversion": "1.0",
    "id": "1",
    "source": "//operator.invalid",
    "type": "org.camaraproject.device-status.v0.roaming-status",
    "time": "2026-03-02T10:00:00Z",
}


def _understood(open_envelope: Callable[[], Envelope]) -> None:
    try:
        understand(open_envelope(), bodies.ARRIVAL)
    except NotificationRefused:
        return


def single(body: bytes) -> None:
    """Receives a body that is one notification."""
    _understood(lambda: read_structured(body))


def batch(body: bytes) -> None:
    """Receives a body that is a batch, and each of its members."""
    try:
        members = split_batch(body)
    except NotificationRefused:
        return
    for member in members:
        _understood(partial(read_structured, *member))


def binary(body: bytes) -> None:
    """Receives a body that is the data of a CloudEvent in binary mode."""
    _understood(lambda: read_binary(HEADERS, "application/json", body))


def header(body: bytes, *names: str) -> None:
    """Receives the named headers of a CloudEvent in binary mode, or its source."""
    text = body.decode("latin-1")
    for name in names or ("source",):
        _understood(lambda name=name: read_binary(HEADERS | {name: text}, text, b""))  # type: ignore[misc]
