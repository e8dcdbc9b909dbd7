"""A refused body names a device by what the parser makes of it, or by a search."""

import json
from typing import Any
from uuid import UUID

import pytest

from receiver.erasure.naming import Naming
from receiver.events.devices.identity import identify
from receiver.events.event import Device
from receiver.store.erasure.subjects import Subject
from receiver.store.quarantine.rows import NewRow
from tests.support.arrivals import MORNING, NAMESPACE, arrival
from tests.support.bodies import cloudevent, flat, legacy
from tests.support.erasing import identified

NUMBER = "+99999991000"
CREDENTIAL = "operator"
JSON = {"content-type": "application/json"}
# What makes an event be refused, and leaves its device to be read.
UNREADABLE = {"time": "yesterday"}


def subject_of(device: Device, subscription_id: str | None = None) -> Subject:
    """A device that an event with these identifies, and nothing that a search would find."""
    own = identify(
        NAMESPACE, device, credential=CREDENTIAL, subscription_id=subscription_id, source=None
    )
    return Subject((UUID(own),), frozenset(), frozenset(), frozenset(), frozenset())


def named(subject: Subject, body: bytes, headers: dict[str, str] = JSON, **options: Any) -> bool:
    naming = Naming(subject, NAMESPACE, body_limit_bytes=100_000, members_limit=10)
    credential = options.pop("credential", CREDENTIAL)
    return naming.is_in_body(credential, headers, body, options.pop("is_member", False))


PHONE = subject_of(Device(phone_number=NUMBER))
OTHER = subject_of(Device(phone_number="+99999992000"))
DEVICE = {"phoneNumber": "+999 9999 1000"}
DATA = {"subscriptionId": "s-1", "device": DEVICE}

BODIES = [
    cloudevent("roaming-on", DATA),
    legacy("ROAMING_ON", {"device": DEVICE}),
    flat("ROAMING_ON", {"device": DEVICE}),
    cloudevent("roaming-on", json.dumps(DATA)),
    cloudevent("roaming-on", {"device": {"msisdn": 99999991000}}),
    b"[" + cloudevent("roaming-on", {"device": {}}) + b"," + cloudevent("roaming-on", DATA) + b"]",
]


@pytest.mark.parametrize(
    "body", BODIES, ids=["cloudevent", "legacy", "flat", "string", "other name", "batch"]
)
def test_the_device_of_each_form_is_read_as_at_the_sink(body: bytes) -> None:
    assert named(PHONE, body)
    assert not named(OTHER, body)


def test_attributes_in_headers_and_a_member_of_a_batch_are_read_too() -> None:
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-source": "//operator.invalid",
        "ce-type": "org.camaraproject.device-status.v0.roaming-on",
        **JSON,
    }
    assert named(PHONE, json.dumps(DATA).encode(), headers)
    assert named(PHONE, cloudevent("roaming-on", DATA), is_member=True)


def test_a_subscription_means_a_device_of_its_credential_alone() -> None:
    body = cloudevent("roaming-on", {"subscriptionId": "s-7"})
    subject = subject_of(Device(), "s-7")
    assert named(subject, body)
    assert not named(subject, body, credential="another")
    told = subject._replace(devices=(), subscriptions=frozenset({(CREDENTIAL, "s-7")}))
    assert named(told, cloudevent("roaming-on", {"subscriptionId": "s-7"}, **UNREADABLE))
    assert not named(told, cloudevent("roaming-on", {"subscriptionId": "s-7"}), credential="x")


def test_what_is_refused_or_no_json_is_searched() -> None:
    subject = PHONE._replace(phone_numbers=frozenset({NUMBER}))
    for body in (
        cloudevent("roaming-on", DATA, **UNREADABLE),
        b'<device number="99999991000"/>',
        cloudevent("roaming-on", DATA)[:-3],
    ):
        assert named(subject, body)
        assert not named(PHONE, body)
    assert named(subject, b"{}", {"ce-subject": "tel%3A%2B99999991000"})
    assert not named(subject, b"{}", {"ce-subject": "tel:+99999992000"})


def test_a_record_of_the_spool_is_of_the_device_or_names_it() -> None:
    naming = Naming(PHONE, NAMESPACE, body_limit_bytes=1000, members_limit=10)
    assert naming.is_in_record(identified(NAMESPACE, 1))
    assert not naming.is_in_record(arrival(1, phone_number="+99999992000"))
    row = NewRow(MORNING, CREDENTIAL, "why", None, JSON, BODIES[0], False, "0" * 32)
    assert naming.is_in_record(row)
