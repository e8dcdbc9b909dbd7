"""The paths to the events of a selection, which an index answers in the order of a page; the rest.

A page reads each path in the order of its index. Every other condition is a filter: whatever it
leaves out was looked at, so a page with filters bounds how many events it looks at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    FromClause,
    Interval,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    not_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import KeyedColumnElement
from sqlalchemy.sql.util import ClauseAdapter
from sqlalchemy.types import TypeEngine

from receiver.store.events.columns import IDENTIFIERS
from receiver.store.events.paging.parameters import list_subscriptions, name_subscription
from receiver.store.events.selection import Selection
from receiver.store.events.tables import IS_DISPLACED, STORED_AFTER, STORED_BEFORE, event

_IS_DISPLACED = literal_column(IS_DISPLACED, Boolean)

# Displaced events that are read for a page of a device, in three milliseconds; with more of them
# stored, such a page looks at all events of the device.
FEW_DISPLACED = 1000


@dataclass(frozen=True, slots=True)
class Path:
    """One way to events of a selection.

    Attributes:
        condition: which events it leads to.
        source: what they are read from; None: the table.
    """

    condition: ColumnElement[bool]
    source: FromClause | None = None

    def read(self, part: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """Returns the question for what it leads to, of a question of the table."""
        part = part.where(self.condition)
        return part if self.source is None else ClauseAdapter(self.source).traverse(part)


def list_paths(selection: Selection) -> list[Path]:
    """Returns the paths to the events of a selection; each event is on just one.

    Those to events of linked devices are not among them.
    """
    if selection.is_of_a_device:
        theirs = identified(selection)
        return [
            replace(path, condition=and_(theirs, path.condition)) for path in list_times(selection)
        ]
    if selection.subscription_ids:
        return [
            Path(event.c.subscription_id == bindparam(name_subscription(place), each, Text()))
            for place, each in enumerate(list_subscriptions(selection))
        ]
    if not _is_by_arrival(selection):
        return [Path(true())]
    in_time = _stored(selection)
    return [Path(in_time), Path(and_(_IS_DISPLACED, not_(in_time)))]


def list_times(selection: Selection) -> list[Path]:
    """Returns the paths to the times of a selection, in the events of any device.

    The index of a device knows when an event was stored, and passes over others without a look at
    them. Displaced events have no index by device.
    """
    in_range = occurred(selection)
    if not _is_by_arrival(selection):
        return [Path(in_range)]
    displaced, are_few = _few_displaced(FEW_DISPLACED)
    in_time = _stored(selection)
    return [
        Path(and_(are_few, in_range, in_time)),
        Path(and_(are_few, in_range, not_(in_time)), displaced),
        Path(and_(not_(are_few), in_range)),
    ]


@cache
def _few_displaced(few: int) -> tuple[FromClause, ColumnElement[bool]]:
    """Returns the displaced events of all devices, and the condition that they are so few at most.

    With more of them, some are missing.
    """
    columns = [column for column in event.c if column.name != "payload"]
    # In the order of their index: Postgres expects half of all events to be displaced, and would
    # look for some anywhere.
    displaced = (
        select(*columns)
        .where(_IS_DISPLACED)
        .order_by(event.c.stored_at, event.c.seq)
        .limit(literal_column(str(few + 1)))
        .cte("displaced")
    )
    count = select(func.count()).select_from(displaced).scalar_subquery()
    return displaced, count <= literal_column(str(few))


def _is_by_arrival(selection: Selection) -> bool:
    return selection.received_from is not None or selection.received_to is not None


def list_filters(selection: Selection) -> list[ColumnElement[bool]]:
    """Returns the conditions that no path answers."""
    filters: list[ColumnElement[bool]] = []
    subscriptions = list_subscriptions(selection) if selection.is_of_a_device else []
    for column, name, wanted in (
        (event.c.type, "types", selection.types),
        (event.c.kind, "kinds", selection.kinds),
        (event.c.name, "names", selection.names),
        (event.c.source, "sources", selection.sources),
        (event.c.credential, "credentials", selection.credentials),
        (event.c.subscription_id, "subscription_ids", subscriptions),
    ):
        if wanted:
            filters.append(column == any_(bindparam(name, list(wanted), ARRAY(Text))))
    if selection.findings:
        findings = bindparam("findings", list(selection.findings), ARRAY(Text))
        filters.append(event.c.findings.overlap(findings))
    if not selection.is_of_a_device:
        filters += _range(event.c.occurred_at, selection, "occurred")
    return [*filters, *_range(event.c.received_at, selection, "received")]


def identified(selection: Selection) -> ColumnElement[bool]:
    """Returns the condition of the events of a device, or of those that carried an identifier."""
    conditions: list[ColumnElement[bool]] = []
    if selection.device_id is not None:
        conditions.append(event.c.device_id == bindparam("device_id", selection.device_id, Uuid()))
    if selection.reported is not None:
        reported = ((name, getattr(selection.reported, name)) for name in IDENTIFIERS)
        conditions += [
            event.c[name] == bindparam(name, value, event.c[name].type)
            for name, value in reported
            if value is not None
        ]
    return and_(True, *conditions)


def occurred(selection: Selection) -> ColumnElement[bool]:
    """Returns the condition on the time of the sender."""
    return and_(True, *_range(event.c.occurred_at, selection, "occurred"))


def linked_ids(selection: Selection) -> ColumnElement[Sequence[UUID]]:
    """Returns the devices that stand for another one as an array: one parameter."""
    return bindparam("linked", list(selection.linked), ARRAY(Uuid))


def _stored(selection: Selection) -> ColumnElement[bool]:
    """Returns the condition that events meet which arrived in time, but for displaced ones."""
    start, end = _bounds(selection, "received", event.c.stored_at.type)
    conditions: list[ColumnElement[bool]] = []
    if start is not None:
        conditions.append(event.c.stored_at >= start + literal_column(STORED_AFTER, Interval))
    if end is not None:
        conditions.append(event.c.stored_at < end + literal_column(STORED_BEFORE, Interval))
    return and_(True, *conditions)


def _range(
    column: KeyedColumnElement[datetime], selection: Selection, verb: str
) -> list[ColumnElement[bool]]:
    """Returns the conditions on the time at which an event occurred, or was received."""
    start, end = _bounds(selection, verb, column.type)
    conditions: list[ColumnElement[bool]] = []
    if start is not None:
        conditions.append(column >= start)
    if end is not None:
        conditions.append(column < end)
    return conditions


def _bounds(
    selection: Selection, verb: str, type_: TypeEngine[datetime]
) -> list[BindParameter[datetime] | None]:
    """Returns from when and to when, where a selection says so."""
    names = (f"{verb}_from", f"{verb}_to")
    given = ((name, getattr(selection, name)) for name in names)
    return [None if value is None else bindparam(name, value, type_) for name, value in given]
