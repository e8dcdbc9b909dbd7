"""Keyset pages: the order of a list, and everything behind the end of a page."""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, tuple_

Order = Literal["desc", "asc"]


class Keyset:
    """The columns that order a list; no two rows share their values.

    Args:
        columns: an index has just these, behind the columns that a selection compares by equality.
        is_pruned: whether the first column decides the partition. Row comparisons do not prune
            partitions, so the first column is compared once more by itself.
    """

    def __init__(self, *columns: ColumnElement[Any], is_pruned: bool = False) -> None:
        self._columns = columns
        self._is_pruned = is_pruned

    def sorting(self, order: Order) -> list[ColumnElement[Any]]:
        """Returns the ORDER BY of a page."""
        return [column.desc() if order == "desc" else column.asc() for column in self._columns]

    def beyond(self, order: Order, end: Sequence[Any]) -> ColumnElement[bool]:
        """Returns the condition of rows behind the end of a page.

        Args:
            end: the values of the columns in the page's last row.
        """
        key, last = tuple_(*self._columns), tuple_(*end)
        behind = key < last if order == "desc" else key > last
        if not self._is_pruned:
            return behind
        first = self._columns[0]
        return and_(first <= end[0] if order == "desc" else first >= end[0], behind)
