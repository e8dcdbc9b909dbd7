"""The envelope: one shape for every form and every mode."""

import json
from urllib.parse import quote

import pytest

from receiver.events.event import Form
from receiver.events.forms.batch import split_batch
from receiver.events.forms.binary import read_binary
from receiver.events.forms.envelope import Envelope
from receiver.events.forms.structured import read_structured
from tests.support import bodies

DATA: dict[str, object] = {"device": {"phoneNumber": "+99999991000"}, "roaming": True}


def _binary(body: bytes) -> Envelope:
    sent = json.loads(body)
    data = json.dumps(sent.pop("data")).encode()
    return read_binary({name: quote(sent[name]) for name in sent}, "application/json", data)


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (
            bodies.cloudevent(
                "roaming-status", DATA, eventSubscriptionId="sub-1", time=bodies.LEGACY_TIME
            ),
            Form.CLOUDEVENTS,
        ),
        (bodies.legacy("ROAMING_STATUS", DATA), Form.LEGACY),
        (bodies.flat("ROAMING_STATUS", DATA), Form.LEGACY),
    ],
)
def test_every_form_is_lifted_to_the_same_name_time_data_and_subscription(
    body: bytes, form: Form
) -> None:
    envelope = read_structured(body)
    assert (form, "roaming-status") == (envelope.form, envelope.name)
    assert (envelope.time, envelope.subscription_id) == (bodies.LEGACY_TIME, "sub-1")
    assert (envelope.data, envelope.fault) == (DATA, None)
    assert body.decode() == envelope.payload


@pytest.mark.parametrize("name", ["roaming-on", "weather-changed"])
def test_every_mode_gives_one_identity(name: str) -> None:
    body = bodies.cloudevent(name, DATA)
    [member] = split_batch(b"[ " + body + b" ]")
    envelopes = [read_structured(body), read_structured(*member), _binary(body)]
    assert len({envelope.digest for envelope in envelopes}) == 1
    assert len({(envelope.type, envelope.source, envelope.event_id) for envelope in envelopes}) == 1


@pytest.mark.parametrize(
    ("envelope", "place"),
    [
        (read_structured(bodies.cloudevent("roaming-on")), "time"),
        (_binary(bodies.cloudevent("roaming-on")), "ce-time"),
        (read_structured(bodies.legacy("ROAMING_ON", {})), "event.eventTime"),
        (read_structured(bodies.flat("ROAMING_ON", {})), "eventTime"),
    ],
)
def test_the_place_of_the_time_is_that_of_the_form(envelope: Envelope, place: str) -> None:
    assert place == envelope.time_place
