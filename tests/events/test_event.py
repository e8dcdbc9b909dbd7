"""The values that cross the floors: their words are fixed, and nothing changes them on the way."""

from datetime import UTC, datetime

import pytest

from receiver.events.event import Arrival, Device, Form, Kind, Status
from tests.support import bodies

EVENT = bodies.event("roaming-on")
ARRIVAL = Arrival("0" * 32, "1" * 32, "op", datetime(2026, 3, 4, tzinfo=UTC), EVENT)


# Stored events, answers and filters carry these words.
def test_the_words_of_kinds_and_forms_stay() -> None:
    kinds = ["connectivity", "roaming", "network-type", "subscription", "unrecognised"]
    assert kinds == list(Kind)
    assert list(Form) == ["cloudevents", "legacy"]


@pytest.mark.parametrize("value", [EVENT, ARRIVAL, EVENT.device, EVENT.status])
def test_a_value_cannot_be_changed(value: Arrival | Device | Status) -> None:
    for name in value._fields:
        with pytest.raises(AttributeError):
            setattr(value, name, None)


@pytest.mark.parametrize("value", [EVENT, ARRIVAL, EVENT.device, EVENT.status])
def test_equal_values_have_one_hash(value: Arrival | Device | Status) -> None:
    copy = value._replace()
    assert copy is not value
    assert (value, hash(value)) == (copy, hash(copy))


def test_what_is_not_reported_or_said_is_none() -> None:
    assert {None} == set(Device())
    assert {None} == set(Status())
