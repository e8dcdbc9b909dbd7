"""The form of every answer's JSON: lowerCamelCase members, times to the microsecond."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel


def write_time(time: datetime) -> str:
    """Returns a time in UTC with `Z` and microseconds."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


Time = Annotated[
    datetime,
    PlainSerializer(write_time, return_type=str),
    Field(description="RFC 3339, UTC, to the microsecond."),
]


class Resource(BaseModel):
    """A JSON object; unknown members are left out when the answer is written."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
