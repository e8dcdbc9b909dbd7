"""The examples: each is a notification without any finding, of a reserved number."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from receiver.events import examples
from receiver.events.event import Device, Form, Kind
from receiver.events.forms.structured import read_structured
from receiver.events.registry import understand

ARRIVAL = datetime(2026, 4, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("example", "form", "kind", "subscription_id"),
    [
        (examples.NOTIFICATION, Form.CLOUDEVENTS, Kind.ROAMING, "sub-4711"),
        (examples.LEGACY_NOTIFICATION, Form.LEGACY, Kind.CONNECTIVITY, "sub-4712"),
    ],
)
def test_an_example_breaks_no_specification(
    example: dict[str, Any], form: Form, kind: Kind, subscription_id: str
) -> None:
    event = understand(read_structured(json.dumps(example).encode()), ARRIVAL)
    assert (form, kind, subscription_id) == (event.form, event.kind, event.subscription_id)
    assert event.findings == ()
    # No country has the calling code 999.
    assert Device("+99999991000") == event.device
