"""The JSON of every answer: names in lowerCamelCase, times in UTC to the microsecond."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.api.answers.resource import Resource, Time, open_words, write_time
from receiver.ids import time_of

PARIS = timezone(timedelta(hours=2))


class Example(Resource):
    first_event: str | None = None
    occurred_at: Time


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (datetime(2026, 4, 17, 9, 31, 1, 416474, PARIS), "2026-04-17T07:31:01.416474Z"),
        (datetime(2026, 4, 17, 7, 31, 1, tzinfo=UTC), "2026-04-17T07:31:01.000000Z"),
        (datetime(2026, 1, 1, 1, tzinfo=PARIS), "2025-12-31T23:00:00.000000Z"),
        (datetime(26, 1, 1, tzinfo=UTC), "0026-01-01T00:00:00.000000Z"),
    ],
)
def test_a_time_is_in_utc_with_z_and_microseconds(time: datetime, expected: str) -> None:
    assert write_time(time) == expected


@given(st.integers(946_684_800_000_000, 4_133_980_799_999_999).map(time_of))
def test_a_time_from_2000_to_2100_is_the_same_when_it_is_read_again(time: datetime) -> None:
    assert datetime.fromisoformat(write_time(time)) == time


def test_a_resource_is_made_by_our_names_and_written_by_the_readers() -> None:
    example = Example(first_event="x", occurred_at=datetime(2026, 4, 17, tzinfo=UTC))
    assert example.model_dump(by_alias=True) == {
        "firstEvent": "x",
        "occurredAt": "2026-04-17T00:00:00.000000Z",
    }


def test_the_openapi_says_that_a_time_is_a_time() -> None:
    schema = Example.model_json_schema(mode="serialization")
    time = schema["properties"]["occurredAt"]
    assert (time["type"], time["format"]) == ("string", "date-time")


def test_an_open_enumeration_tells_its_words_to_people_and_to_programs() -> None:
    field = open_words("By what.", {"SMS", "DATA"})
    assert field.description == "By what. Known are `DATA`, `SMS`; a sender may use others."
    assert field.json_schema_extra == {"x-extensible-enum": ["DATA", "SMS"]}
