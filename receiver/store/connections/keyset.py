"""Keyset pages: the order of a list, and everything behind the end of a page."""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Row,
    Select,
    and_,
    func,
    select,
    tuple_,
)
from sqlalchemy.sql.elements import KeyedColumnElement
from typing_extensions import TypeAliasType

Order = TypeAliasType("Order", Literal["desc", "asc"])

# The column of a page's rows that holds the bytes of their texts, which vary by the thousandfold.
ROW_BYTES = "row_bytes"


class Keyset:
    """The columns that order a list; no two rows share their values.

    Args:
        columns: an index has just these, behind the columns that a selection compares by equality.
        is_pruned: whether the first column decides the partition. Row comparisons do not prune
            partitions, so the first column is compared once more by itself.
    """

    def __init__(self, *columns: KeyedColumnElement[Any], is_pruned: bool = False) -> None:
        self._columns = columns
        self._is_pruned = is_pruned

    def sorting(self, order: Order, of: FromClause | None = None) -> list[ColumnElement[Any]]:
        """Returns the ORDER BY of a page.

        Args:
            of: the sub-select whose columns are meant; None: the columns themselves.
        """
        columns = [column if of is None else _same(column, of) for column in self._columns]
        return [column.desc() if order == "desc" else column.asc() for column in columns]

    def cut(
        self,
        page: Select[*tuple[Any, ...]],
        order: Order,
        limit_bytes: int | BindParameter[int],
    ) -> Select[*tuple[Any, ...]]:
        """Returns the question for the beginning of a page, in rows that `read_page` reads.

        Postgres sends the rows up to the one that exceeds the limit, so that a page of large rows
        takes no more memory than a page of small ones, in one round trip and one pass.

        Args:
            page: in the order of this keyset; has a column ROW_BYTES.
        """
        rows = page.subquery("page_row")
        sorting = self.sorting(order, rows)
        size = rows.c[ROW_BYTES]
        before = func.sum(size).over(order_by=sorting, rows=(None, 0)) - size
        following = func.lead(size).over(order_by=sorting, rows=(None, 0))
        measured = select(
            *rows.c, before.label("bytes_before"), following.is_not(None).label("is_followed")
        ).subquery("measured_row")
        return (
            select(measured)
            .where(measured.c.bytes_before <= limit_bytes)
            .order_by(*self.sorting(order, measured))
        )

    def beyond(self, order: Order, end: Sequence[Any]) -> ColumnElement[bool]:
        """Returns the condition of rows behind the end of a page.

        Args:
            end: the values of the columns in the page's last row, or parameters for them.
        """
        key, last = tuple_(*self._columns), tuple_(*end)
        behind = key < last if order == "desc" else key > last
        if not self._is_pruned:
            return behind
        first = self._columns[0]
        return and_(first <= end[0] if order == "desc" else first >= end[0], behind)


def read_page(
    rows: Sequence[Row[*tuple[Any, ...]]], limit: int
) -> tuple[Sequence[Row[*tuple[Any, ...]]], bool]:
    """Returns the rows of a page that was cut, and whether there are more behind them.

    Args:
        rows: of a page of one more than `limit`.
    """
    page = rows[:limit]
    return page, bool(page) and bool(page[-1].is_followed)


def _same(column: KeyedColumnElement[Any], of: FromClause) -> KeyedColumnElement[Any]:
    """Returns the column of a sub-select that stands for a column inside it."""
    # By its name: to follow where each column comes from takes longer than the rest of a question.
    found = of.c.get(column.key)
    if found is None:
        raise LookupError(f"the sub-select has no column {column}")
    return found
