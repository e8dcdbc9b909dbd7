"""The answers of all lists: read, bounded in bytes, and written without holding intake up."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from fastapi import Response

from receiver.api.answers.resource import Resource
from receiver.api.paging import Cursor, PageQuestion, Position
from receiver.api.slices import Slices
from receiver.store.connections.keyset import Order


class Row(Protocol):
    """An item of a list, as the store has it."""

    @property
    def position(self) -> Any:
        """The end of a page whose last item this is."""


Selection = TypeVar("Selection")
AnyRow = TypeVar("AnyRow", bound=Row)
# The same in the variance that a protocol asks for.
_Selection_contra = TypeVar("_Selection_contra", contravariant=True)
_Position_contra = TypeVar("_Position_contra", contravariant=True)
_Position = TypeVar("_Position")
_Row_co = TypeVar("_Row_co", bound=Row, covariant=True)


class Rows(Protocol[_Selection_contra, _Position, _Row_co]):
    """A store of rows in keyset order."""

    async def page(
        self,
        selection: _Selection_contra,
        *,
        order: Order,
        after: _Position | None,
        limit: int,
        limit_bytes: int,
    ) -> tuple[Sequence[_Row_co], _Position | None]:
        """Returns the next rows of a selection, and where their page ends; None: there are no more.

        At most `limit` rows, and only one of them begins beyond `limit_bytes`. A page may end
        early, even without any row.
        """


class EndWriter(Protocol[_Position_contra]):
    """A cursor of a question, as far as a page needs it."""

    def write(self, position: _Position_contra, /) -> str:
        """Returns the opaque word for the end of a page."""


class PageResponse(Response):
    """A page as JSON.

    Attributes:
        items: how many it has.
    """

    media_type = "application/json"

    def __init__(self, content: bytes, items: int) -> None:
        super().__init__(content)
        self.items = items


class Pages:
    """Answers with pages.

    Args:
        limit_bytes: of the items of a page as JSON; a page has at least one item all the same.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._slices = Slices()

    async def answer(
        self,
        rows: Rows[Selection, Position, AnyRow],
        selection: Selection,
        question: PageQuestion,
        position: type[Position],
        resource: Callable[[AnyRow], Resource | bytes],
    ) -> PageResponse:
        """Answers with the page that a question asks for.

        Args:
            selection: the rows that the question's filters mean.
            position: what the store's rows are ordered by: a dataclass of times and integers.
            resource: makes an item of a row, or its JSON.

        Raises:
            InvalidArgument: the cursor is none, or belongs to another question.
        """
        cursor = Cursor(position, selection, question.order)
        page, end = await rows.page(
            selection,
            order=question.order,
            after=cursor.read(question.cursor),
            limit=question.limit,
            limit_bytes=self._limit_bytes,
        )
        return await self.write(page, end, cursor, resource)

    async def write(
        self,
        page: Sequence[AnyRow],
        end: Position | None,
        cursor: EndWriter[Position],
        resource: Callable[[AnyRow], Resource | bytes],
    ) -> PageResponse:
        """Answers with a page that was read.

        Args:
            end: where the page ends; None: there are no more rows behind it.
            cursor: of the question.
            resource: makes an item of a row, or its JSON.
        """
        items = await self._write(page, resource)
        if len(items) < len(page):
            end = page[len(items) - 1].position
        members = [b'"items":[', b",".join(items), b"]"]
        if end is not None:
            members.append(b',"nextCursor":' + json.dumps(cursor.write(end)).encode())
        return PageResponse(b"{%b}" % b"".join(members), len(items))

    async def _write(
        self, page: Sequence[AnyRow], resource: Callable[[AnyRow], Resource | bytes]
    ) -> list[bytes]:
        """Returns the items of the page that the limit allows, each as JSON."""
        items: list[bytes] = []
        size_bytes = 0
        ends_at = await self._slices.begin()
        for row in page:
            item = resource(row)
            if not isinstance(item, bytes):
                item = item.model_dump_json(by_alias=True, exclude_none=True).encode()
            size_bytes += len(item)
            if items and size_bytes > self._limit_bytes:
                break
            items.append(item)
            ends_at = await self._slices.go_on(ends_at)
        return items
