"""Registrations of the subscriptions of a few devices, as hypothesis draws them."""

from collections.abc import Mapping
from types import MappingProxyType

import psycopg
from hypothesis import strategies as st

from receiver.events.event import Status
from receiver.projection.subscriptions.registration import Registration
from tests.support.facts import DEVICES, NOON, Told
from tests.support.intervals import at

Registered = Mapping[str, Registration]
NOTHING: Registered = MappingProxyType({})

STORE = """
INSERT INTO subscription_registration (
    credential, subscription_id, registered_at, starts_at, types, device_id, phone_number,
    network_access_identifier
)
VALUES (
    'operator', %(subscription_id)s, %(registered_at)s, %(starts_at)s, %(types)s, %(device_id)s,
    %(phone_number)s, %(network_access_identifier)s
)
"""
_TYPES = [
    "org.camaraproject.example.v0.roaming-off",
    "org.camaraproject.example.v0.roaming-status",
    "org.camaraproject.example.v0.network-type-changed",
    "org.camaraproject.example.v0.reachability-data",
    "CONNECTIVITY",
    "area-entered",
]


@st.composite
def _registration(draw: st.DrawFn) -> Registration:
    device = draw(st.sampled_from(DEVICES))
    identified = Told(device, "s-1", "", Status(), 0, 0, 0)
    is_told = device != DEVICES[-1]
    return Registration(
        registered_at=NOON,
        starts_at=draw(st.none() | st.integers(-3, 12).map(at)),
        types=tuple(draw(st.lists(st.sampled_from(_TYPES), max_size=3))),
        device_id=identified.device_id if is_told else None,
        phone_number=device.phone_number,
        network_access_identifier=device.network_access_identifier,
    )


def registered(min_size: int = 0) -> st.SearchStrategy[Registered]:
    """By subscription id; s-4 has no events in the histories of `told`."""
    return st.dictionaries(
        st.sampled_from(["s-1", "s-2", "s-3", "s-4"]), _registration(), min_size=min_size
    )


def store_registrations(connection: psycopg.Connection, registrations: Registered) -> None:
    """Stores registrations in place of those that are there."""
    connection.execute("DELETE FROM subscription_registration")
    for subscription_id, registration in registrations.items():
        told = {**registration._asdict(), "types": list(registration.types)}
        connection.execute(STORE, {"subscription_id": subscription_id, **told})
