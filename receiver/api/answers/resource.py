"""The form of every answer's JSON: lowerCamelCase members, times to the microsecond."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel


def write_time(time: datetime) -> str:
    """Returns a time in UTC with `Z` and microseconds."""
    # Without the `+00:00`.
    return time.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


Time = Annotated[
    datetime,
    PlainSerializer(write_time, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
    Field(description="RFC 3339, UTC, to the microsecond."),
]


def open_words(description: str, words: Iterable[str]) -> Any:
    """Returns the field of an enumeration that is open: senders may use words of their own."""
    known = sorted(words)
    listed = ", ".join(f"`{word}`" for word in known)
    return Field(
        description=f"{description} Known are {listed}; a sender may use others.",
        json_schema_extra={"x-extensible-enum": list[JsonValue](known)},
    )


class Resource(BaseModel):
    """A JSON object; unknown members are left out when the answer is written."""

    # Built at the first answer: a process starts sooner without what nobody asks it.
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, defer_build=True)
