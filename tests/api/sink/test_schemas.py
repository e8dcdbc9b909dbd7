"""The schemas of what the sink takes; `description/test_document_laws.py` holds their laws."""

import pytest

from receiver.api.sink.schemas import SCHEMAS
from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("CloudEvent", NOTIFICATION),
        ("LegacyNotification", LEGACY_NOTIFICATION),
        ("CloudEventBatch", [NOTIFICATION]),
    ],
)
def test_each_form_has_a_schema_with_its_example(name: str, example: object) -> None:
    assert SCHEMAS[name]["example"] == example


def test_a_cloud_event_needs_what_the_specification_of_cloudevents_needs() -> None:
    assert SCHEMAS["CloudEvent"]["required"] == ["id", "source", "type", "specversion"]
