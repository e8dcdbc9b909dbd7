"""How a question asks for a page of a list, and the cursor that leads from a page to the next.

A list is a `PageQuestion` with its filters, a store that reads `Rows` behind a position, and a
resource for each item; `Pages` of `pages.py` does the rest.
"""

import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic.alias_generators import to_camel

from receiver.api.answers.faults import RFC3339, expected
from receiver.api.answers.resource import Resource
from receiver.errors import InvalidArgument
from receiver.ids import microseconds, read_word, time_of, write_word
from receiver.store.connections.keyset import Order

# Items of a page; the API promises both numbers.
LIMIT_DEFAULT = 50
LIMIT_MAX = 1000

# Values of one repeated filter: more than the kinds, names or credentials that a reader would
# list by hand, and few enough for one IN of the database.
VALUES_MAX = 20

# Characters of one value: the longest `source` that an event may have.
VALUE_LENGTH_MAX = 2048

# Bytes of the digest that binds a cursor to its question; a guess hits one in 2**64.
QUESTION_BYTES = 8

# pydantic alone would also take numbers and bare dates.
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _refuse_nul(text: str) -> str:
    if "\0" in text:
        raise expected("must hold no NUL character")
    return text


def _require_rfc3339(value: Any) -> Any:
    if isinstance(value, str) and _TIME.fullmatch(value):
        return value
    raise expected(RFC3339)


def as_list(value: Any) -> Any:
    """Makes a list of one of a filter that is given once."""
    return [value] if isinstance(value, str) else value


TimeFilter = Annotated[AwareDatetime, BeforeValidator(_require_rfc3339)]
Text = Annotated[str, Field(max_length=VALUE_LENGTH_MAX), AfterValidator(_refuse_nul)]
Texts = Annotated[list[Text], BeforeValidator(as_list), Field(max_length=VALUES_MAX)]


class Question(BaseModel):
    """What a reader asks; refuses unknown names, for a misspelt filter would find everything."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", hide_input_in_errors=True, frozen=True
    )

    @model_validator(mode="before")
    @classmethod
    def _leave_out_nulls(cls, members: Any) -> Any:
        """Takes a known member that is null as absent: many programs write absent ones so."""
        if not isinstance(members, dict):
            return members
        known = {field.alias for field in cls.model_fields.values()}
        return {
            name: value for name, value in members.items() if value is not None or name not in known
        }


class UnorderedQuestion(Question):
    """Asks for a page: its size, the page before it; a subclass adds the filters."""

    limit: int = Field(default=LIMIT_DEFAULT, ge=1, le=LIMIT_MAX, description="Items a page.")
    cursor: Text | None = Field(
        default=None, description="`nextCursor` of the page before, with the same filters."
    )


class PageQuestion(UnorderedQuestion):
    """Asks for a page in one of two orders."""

    order: Order = Field(default="desc", description="Newest or oldest first.")


Item = TypeVar("Item", bound=Resource)


class Page(Resource, Generic[Item]):
    """One page of a list."""

    items: Sequence[Item] = Field(description="In the order that was asked for.")
    next_cursor: str | None = Field(
        default=None, description="Send it as `cursor` for the next page; absent on the last one."
    )


Position = TypeVar("Position")


def digest_question(*question: object) -> bytes:
    """Returns the digest that binds a cursor to its question."""
    return hashlib.blake2b(repr(question).encode(), digest_size=QUESTION_BYTES).digest()


class Cursor(Generic[Position]):
    """Writes and reads the opaque word for the position at which a page ends.

    Args:
        position: a dataclass of times and integers.
        question: what the cursor is bound to; with another question it is refused.
    """

    def __init__(self, position: type[Position], *question: object) -> None:
        self._position = position
        self._is_time = [field.type is datetime for field in fields(position)]  # type: ignore[arg-type] # a dataclass
        self._shape = struct.Struct(f">{len(self._is_time)}q{QUESTION_BYTES}s")
        self._question = digest_question(*question)

    def write(self, position: Position) -> str:
        """Returns the word for a position."""
        values = astuple(position)  # type: ignore[call-overload] # a dataclass
        numbers = [
            microseconds(value) if isinstance(value, datetime) else value for value in values
        ]
        return write_word(self._shape, *numbers, self._question)

    def read(self, word: str | None) -> Position | None:
        """Returns the position in a word that this question gave; None for None.

        Raises:
            InvalidArgument: it is no cursor, or one of another question.
        """
        if word is None:
            return None
        try:
            *numbers, question = read_word(word, self._shape)
            values = [
                time_of(number) if is_time else number
                for is_time, number in zip(self._is_time, numbers, strict=True)
            ]
        except ValueError:
            raise InvalidArgument("cursor: not a cursor") from None
        if question != self._question:
            raise InvalidArgument("cursor: belongs to other filters")
        return self._position(*values)
