"""Events and devices as JSON: every field of the row, and the payload to the letter."""

import json
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from receiver.api.questions.event_resources import (
    DeviceSummaryResource,
    EventResource,
    EventWithPayload,
)
from receiver.events.event import Device, Status
from receiver.store.events.keys import read_event_id
from receiver.store.events.stored_event import StoredEvent
from receiver.store.events.summaries import DeviceSummary

OCCURRED_AT = datetime(2026, 4, 17, 7, 31, 1, 416474, UTC)
STORED_AT = datetime(2026, 4, 17, 7, 31, 2, 1, UTC)
RECEIVED_AT = datetime(2026, 4, 17, 7, 31, 2, tzinfo=UTC)
DEVICE_ID = UUID("0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa")
TYPE = "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-on"


def stored(seq: int = 1, event_id: str | None = "e-1") -> StoredEvent:
    return StoredEvent(
        device_id=DEVICE_ID,
        stored_at=STORED_AT,
        seq=seq,
        kind="roaming",
        name="roaming-on",
        type=TYPE,
        form="cloudevents",
        source=None,
        event_id=event_id,
        subscription_id="sub-1",
        credential="operator-prod",
        occurred_at=OCCURRED_AT,
        received_at=RECEIVED_AT,
        deliveries=2,
        device=Device(phone_number="+99999991000"),
        status=Status(roaming=True),
        findings=("time-without-zone",),
    )


def test_an_event_shows_all_that_is_known_and_nothing_else() -> None:
    resource = EventResource.of(stored())
    written = resource.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert read_event_id(written.pop("id")) == stored().key
    assert written == {
        "deviceId": str(DEVICE_ID),
        "kind": "roaming",
        "name": "roaming-on",
        "type": TYPE,
        "eventId": "e-1",
        "form": "cloudevents",
        "subscriptionId": "sub-1",
        "credential": "operator-prod",
        "occurredAt": "2026-04-17T07:31:01.416474Z",
        "receivedAt": "2026-04-17T07:31:02.000000Z",
        "deliveries": 2,
        "device": {"phoneNumber": "+99999991000"},
        "status": {"roaming": True},
        "findings": ["time-without-zone"],
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(value=JSON, indent=st.sampled_from([None, 1, "\t"]))
def test_the_payload_stands_in_the_answer_to_the_letter(value: object, indent: int | str) -> None:
    payload = json.dumps(value, indent=indent)
    text = EventWithPayload.write_json(stored(), payload)
    assert text.endswith(f',"payload":{payload}}}')
    shown = json.loads(text)
    assert shown.pop("payload") == value
    assert shown == json.loads(
        EventResource.of(stored()).model_dump_json(by_alias=True, exclude_none=True)
    )


def test_a_device_shows_its_identifiers_and_its_first_and_last_event() -> None:
    identifiers = (Device(phone_number="+99999991000"), Device(ipv4_public_port=80))
    summary = DeviceSummary(DEVICE_ID, identifiers, stored(1, "first"), stored(2, "last"))
    written = DeviceSummaryResource.of(summary).model_dump(
        mode="json", by_alias=True, exclude_none=True
    )
    assert written["deviceId"] == str(DEVICE_ID)
    assert written["identifiers"] == [
        {"phoneNumber": "+99999991000"},
        {"ipv4Address": {"publicPort": 80}},
    ]
    assert written["firstEvent"]["eventId"] == "first"
    assert written["lastEvent"]["eventId"] == "last"
