"""What every payload model shares: what is absent is forgiven, what makes no sense refused."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from receiver.errors import NotificationRefused
from receiver.events.event import Kind, Status
from receiver.events.findings import Finding

# A text that becomes a column of its own.
Word = Annotated[str, Field(max_length=256)]

_REASONS = {
    "bool_type": "must be true or false",
    "int_type": "must be an integer",
    "string_type": "must be a string",
    "tuple_type": "must be a list of strings",
    "string_too_long": "too long",
    "too_long": "too many members",
    "greater_than_equal": "out of range",
    "less_than_equal": "out of range",
}


class Payload(BaseModel):
    """The members of one event that we understand; null is absent, others are ignored.

    A validator finds the set of findings to add to in its context.
    """

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)

    kind: ClassVar[Kind]

    @classmethod
    def read(cls, data: Mapping[str, object], place: str, findings: set[Finding]) -> Self:
        """Understand the members sent in `place`.

        Raises:
            NotificationRefused: a member makes no sense; it names the member, never its value.
        """
        try:
            return cls.model_validate(data, context=findings)
        except ValidationError as error:
            raise _refusal(error, place) from None

    @abstractmethod
    def status(self, findings: set[Finding]) -> Status:
        """Say what the event itself says, with a finding for what it fails to say."""


def _refusal(error: ValidationError, place: str) -> NotificationRefused:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    for step in first["loc"]:
        place += f"[{step}]" if isinstance(step, int) else f".{step}"
    return NotificationRefused(_REASONS.get(first["type"], "makes no sense"), place)
