"""Each example is what its resource writes."""

from typing import Any

import pytest

from receiver.api.timelines import examples
from receiver.api.timelines.resources import AvailabilityPage, IntervalPage, SessionPage


@pytest.mark.parametrize(
    ("page", "example"),
    [
        (IntervalPage, examples.INTERVALS),
        (SessionPage, examples.SESSIONS),
        (AvailabilityPage, examples.AVAILABILITY),
    ],
)
def test_an_example_is_a_page(page: Any, example: dict[str, Any]) -> None:
    read = page.model_validate(example)
    assert read.model_dump(mode="json", by_alias=True, exclude_none=True) == example
