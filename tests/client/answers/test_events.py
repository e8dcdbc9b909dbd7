import json

import pytest

from receiver.client import Device, DeviceSummary, Event, EventPage, EventWithPayload, StreamedEvent
from receiver.client.parsing import read
from tests.support.described import schemas


@pytest.mark.parametrize("kind", [Event, EventPage, DeviceSummary, Device])
def test_the_example_of_an_answer_is_read(kind: type) -> None:
    assert read(kind, schemas()[kind.__name__]["example"])


def test_an_event_has_its_device_its_status_and_aware_times() -> None:
    event = read(Event, schemas()["Event"]["example"])
    assert event.device.phone_number == "+99999991000"
    assert (event.status.roaming, event.status.country_name) == (True, ("FR",))
    assert event.occurred_at.isoformat() == "2026-04-17T07:31:01.416474+00:00"


def test_an_event_is_not_late_unless_it_says_so() -> None:
    members = schemas()["Event"]["example"]
    assert not read(StreamedEvent, members).late
    assert read(StreamedEvent, {**members, "late": True}).late


def test_a_payload_is_read_as_json() -> None:
    example = schemas()["EventWithPayload"]["example"]
    assert read(EventWithPayload, json.loads(json.dumps(example))).payload == example["payload"]
