"""The questions for a range of time."""

import pytest
from pydantic import ValidationError

from receiver.api.timelines.questions import AvailabilityQuestion, IntervalsQuestion
from receiver.events.axes import Axis


def test_a_range_is_in_the_years_that_events_have() -> None:
    asked = AvailabilityQuestion.model_validate({"from": "2000-01-01T00:00:00+14:00"})
    assert asked.from_ is not None
    for wrong in ("1999-12-31T23:59:59Z", "2101-01-01T00:00:00Z"):
        with pytest.raises(ValidationError, match="2000 to 2100"):
            AvailabilityQuestion.model_validate({"to": wrong})


def test_each_axis_has_its_word() -> None:
    for axis in (Axis.CONNECTIVITY, Axis.ROAMING, Axis.NETWORK_TYPE):
        assert IntervalsQuestion.model_validate({"axis": axis.value}).axis == axis
    with pytest.raises(ValidationError):
        IntervalsQuestion.model_validate({"axis": "country"})
