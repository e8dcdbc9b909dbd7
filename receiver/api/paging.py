"""The one way of all lists: how a question asks for a page, and how a page leads to the next.

A list is a `PageQuestion` with its filters, a store that reads `Rows` behind a position, and a
subclass of `Page`; `read_page` does the rest.
"""

import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import datetime
from typing import Annotated, Any, Generic, Protocol, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

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
        raise ValueError("holds a NUL character")
    return text


def _require_rfc3339(value: Any) -> Any:
    if isinstance(value, str) and _TIME.fullmatch(value):
        return value
    raise PydanticCustomError("datetime_parsing", "not RFC 3339")


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


class PageQuestion(Question):
    """Asks for a page: its size, its order, the page before it; a subclass adds the filters."""

    order: Order = Field(default="desc", description="Newest or oldest first.")
    limit: int = Field(default=LIMIT_DEFAULT, ge=1, le=LIMIT_MAX, description="Items a page.")
    cursor: Text | None = Field(
        default=None, description="`nextCursor` of the page before, with the same filters."
    )


Item = TypeVar("Item", bound=Resource)


class Page(Resource, Generic[Item]):
    """One page of a list."""

    items: Sequence[Item]
    next_cursor: str | None = Field(
        default=None, description="Send it as `cursor` for the next page; absent on the last one."
    )


class Row(Protocol):
    """An item of a list, as the store has it."""

    @property
    def position(self) -> Any:
        """The end of a page whose last item this is."""


Selection = TypeVar("Selection")
Position = TypeVar("Position")
AnyRow = TypeVar("AnyRow", bound=Row)
# The same in the variance that a protocol asks for.
_Selection_contra = TypeVar("_Selection_contra", contravariant=True)
_Position_contra = TypeVar("_Position_contra", contravariant=True)
_Row_co = TypeVar("_Row_co", bound=Row, covariant=True)


class Rows(Protocol[_Selection_contra, _Position_contra, _Row_co]):
    """A store of rows in keyset order."""

    async def page(
        self,
        selection: _Selection_contra,
        *,
        order: Order,
        after: _Position_contra | None,
        limit: int,
    ) -> tuple[Sequence[_Row_co], bool]:
        """Returns the next rows of a selection, and whether there are more behind them."""


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
        self._question = hashlib.blake2b(
            repr(question).encode(), digest_size=QUESTION_BYTES
        ).digest()

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


async def read_page(
    rows: Rows[Selection, Position, AnyRow],
    selection: Selection,
    question: PageQuestion,
    position: type[Position],
) -> tuple[Sequence[AnyRow], str | None]:
    """Reads the page that a question asks for.

    Args:
        selection: the rows that the question's filters mean.
        position: what the store's rows are ordered by: a dataclass of times and integers.

    Returns:
        The rows, and the `nextCursor` of their page; None: it is the last page.

    Raises:
        InvalidArgument: the cursor is none, or belongs to another question.
    """
    cursor = Cursor(position, selection, question.order)
    page, has_more = await rows.page(
        selection,
        order=question.order,
        after=cursor.read(question.cursor),
        limit=question.limit,
    )
    return page, cursor.write(page[-1].position) if has_more else None
