import pytest

from receiver.client import AvailabilityPage, Interval, IntervalPage, SessionPage
from receiver.client.parsing import read
from tests.support.described import schemas


@pytest.mark.parametrize("kind", [AvailabilityPage, IntervalPage, SessionPage])
def test_the_example_of_an_answer_is_read(kind: type) -> None:
    assert read(kind, schemas()[kind.__name__]["example"])


@pytest.mark.parametrize("value", [True, "CONNECTED_DATA"])
def test_the_value_of_an_interval_is_a_word_or_a_boolean(value: object) -> None:
    members = {"from": "2026-04-17T07:31:01Z", "seconds": 2, "value": value}
    interval = read(Interval, members)
    assert (interval.value, interval.seconds, interval.unknown) == (value, 2.0, False)
