"""The questions for pages of events, each bounded by the events that it looks at.

Without filters every event that is looked at is in the page. With filters, or from several paths,
the keys are read first: each path in the order of its index, up to the bound. Then the events of
the page are read by their keys.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    Subquery,
    all_,
    and_,
    any_,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)

from receiver.store.connections.keyset import Order
from receiver.store.events.paging.content import EVENTS, Content
from receiver.store.events.paging.parameters import NOWHERE, shape_of, values_of
from receiver.store.events.paging.paths import linked_ids, list_filters, list_paths, list_times
from receiver.store.events.paging.sharing import SHAPES, write
from receiver.store.events.selection import Position, Selection, beyond, keyset, values_of_end
from receiver.store.events.tables import event

# Whether an event passes the filters, and whether it is the last one that was looked at. The last
# one is among the rows in any case, so that the next page begins behind it.
PASSES = "passes"
IS_LAST = "is_last"

_KEY = ("device_id", "stored_at", "seq", "occurred_at")


def page_statement(
    selection: Selection,
    *,
    order: Order,
    limit: int,
    limit_bytes: int,
    after: Position | None = None,
    looked_at: int | None = None,
    content: Content = EVENTS,
) -> Select[*tuple[Any, ...]]:
    """Returns the question for one page; public for the tests that read its plan.

    Args:
        looked_at: limit of the events of each path that are looked at; None: those of the page.
    """
    bound = limit if looked_at is None else looked_at
    columns = [*content.columns, content.size]
    page = _read(selection, columns, order, after, limit, bound)
    return keyset(selection).cut(page, order, bindparam("limit_bytes", limit_bytes, BigInteger()))


def shared_statement(
    selection: Selection,
    *,
    order: Order,
    limit: int,
    limit_bytes: int,
    after: Position | None = None,
    looked_at: int | None = None,
    content: Content = EVENTS,
) -> tuple[str, Mapping[str, Any]]:
    """Returns the statement that all questions of this shape share, and the values of this one.

    It is for psycopg, as SQLAlchemy would have sent `page_statement`.

    Args: as of `page_statement`.
    """
    text, constants = _shared(shape_of(selection), order, content, is_first=after is None)
    return text, {
        **constants,
        **values_of(selection),
        **values_of_end(after or NOWHERE),
        "limit": limit,
        "limit_bytes": limit_bytes,
        "looked_at": limit if looked_at is None else looked_at,
    }


@lru_cache(SHAPES)
def _shared(
    shape: Selection, order: Order, content: Content, *, is_first: bool
) -> tuple[str, Mapping[str, Any]]:
    after = None if is_first else NOWHERE
    return write(
        page_statement(shape, order=order, limit=1, limit_bytes=1, after=after, content=content)
    )


def has_filters(selection: Selection) -> bool:
    """Tells whether a page looks at events that are not in it."""
    return _has_filters(shape_of(selection))


@lru_cache(SHAPES)
def _has_filters(shape: Selection) -> bool:
    return bool(list_filters(shape))


def first_statement(
    selection: Selection, columns: Sequence[ColumnElement[Any]], order: Order, limit: int
) -> Select[*tuple[Any, ...]]:
    """Returns the question for columns of the first events of a selection without filters."""
    return _read(selection, columns, order, None, limit, limit)


def _read(
    selection: Selection,
    columns: Sequence[ColumnElement[Any]],
    order: Order,
    after: Position | None,
    limit: int,
    looked_at: int,
) -> Select[*tuple[Any, ...]]:
    paths = list_paths(selection)
    if len(paths) == 1 and not selection.linked and not has_filters(selection):
        page = select(*columns, true().label(PASSES), false().label(IS_LAST))
        page = paths[0].read(page).where(_behind(selection, order, after))
        return page.order_by(*keyset(selection).sorting(order)).limit(_limit(limit))
    key = _keys(selection, order, after, limit, looked_at)
    if selection.is_apart:
        same = and_(*(event.c[name] == key.c[name] for name in _KEY))
        page = select(*columns, key.c[PASSES], key.c[IS_LAST]).select_from(key.join(event, same))
        return page.order_by(*keyset(selection).sorting(order, key))
    # One event for each key, one after the other: a join may be turned round.
    found = (
        select(*columns)
        .where(*(event.c[name] == key.c[name] for name in _KEY))
        .limit(1)
        .lateral("found")
    )
    # The order of the keys is known to Postgres, that of what they find is not.
    read = [key.c[column.name] if column.name in _KEY else column for column in found.c]
    page = select(*read, key.c[PASSES], key.c[IS_LAST]).select_from(key).join(found, true())
    return page.order_by(*keyset(selection).sorting(order, key))


def _keys(
    selection: Selection, order: Order, after: Position | None, limit: int, looked_at: int
) -> Subquery:
    """Returns the keys of the events of a page, and of the last one that was looked at."""
    ordering = keyset(selection)
    parts = _parts(selection, order, after, looked_at)
    place = func.row_number().over(order_by=ordering.sorting(order, parts))
    walked = (
        select(*parts.c, (place == _bound(looked_at)).label(IS_LAST))
        .order_by(*ordering.sorting(order, parts))
        .limit(_bound(looked_at))
        .subquery("walked")
    )
    return (
        select(walked)
        .where(or_(walked.c[PASSES], walked.c[IS_LAST]))
        .order_by(*ordering.sorting(order, walked))
        .limit(_limit(limit))
        .subquery("key")
    )


def _parts(selection: Selection, order: Order, after: Position | None, looked_at: int) -> Subquery:
    """Returns the next events by every path, up to the bound: OR and IN have no order of an index.

    Each device that stands for the one of the selection is a path of its own.
    """
    passes = and_(True, *list_filters(selection)).label(PASSES)
    first = (
        select(*(event.c[name] for name in _KEY), passes)
        .where(_behind(selection, order, after))
        .order_by(*keyset(selection).sorting(order))
        .limit(_bound(looked_at))
    )
    linked = linked_ids(selection)
    own = first.where(event.c.device_id != all_(linked)) if selection.linked else first
    parts = [path.read(own) for path in list_paths(selection)]
    if selection.linked and selection.is_apart:
        of_any = first.where(event.c.device_id == any_(linked))
        parts += [path.read(of_any) for path in list_times(selection)]
    elif selection.linked:
        each = func.unnest(linked).table_valued("id", name="linked").render_derived()
        of_each = first.where(event.c.device_id == each.c.id)
        for place, path in enumerate(list_times(selection)):
            theirs = path.read(of_each).lateral(f"theirs_{place}")
            parts.append(select(*theirs.c).select_from(each).join(theirs, true()))
    if len(parts) == 1:
        return parts[0].subquery("part")
    return union_all(*parts).subquery("part")


def _behind(selection: Selection, order: Order, after: Position | None) -> ColumnElement[bool]:
    """Returns the condition of events behind the end of a page; true for the first page."""
    return true() if after is None else beyond(selection, order, after)


def _limit(limit: int) -> BindParameter[int]:
    return bindparam("limit", limit, BigInteger())


def _bound(looked_at: int) -> BindParameter[int]:
    return bindparam("looked_at", looked_at, BigInteger())
