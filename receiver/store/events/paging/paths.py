"""The paths to the events of a selection, which an index answers in the order of a page; the rest.

A page reads each path in the order of its index. Every other condition is a filter: whatever it
leaves out was looked at, so a page with filters bounds how many events it looks at.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Interval,
    Uuid,
    and_,
    literal,
    literal_column,
    not_,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import KeyedColumnElement

from receiver.store.events.columns import IDENTIFIERS
from receiver.store.events.selection import Selection
from receiver.store.events.tables import IS_DISPLACED, STORED_AFTER, STORED_BEFORE, event


def list_paths(selection: Selection) -> list[ColumnElement[bool]]:
    """Returns the conditions that an index answers; an event of the selection meets just one.

    Those of linked devices are not among them.
    """
    if selection.is_of_a_device:
        return [and_(identified(selection), occurred(selection))]
    if selection.subscription_ids:
        wanted = dict.fromkeys(selection.subscription_ids)
        return [event.c.subscription_id == each for each in wanted]
    if selection.received_from is None and selection.received_to is None:
        return [true()]
    in_time = _stored(selection)
    return [in_time, and_(literal_column(IS_DISPLACED, Boolean), not_(in_time))]


def list_filters(selection: Selection) -> list[ColumnElement[bool]]:
    """Returns the conditions that no path answers."""
    filters: list[ColumnElement[bool]] = []
    by_path = not selection.is_of_a_device
    for column, wanted in (
        (event.c.type, selection.types),
        (event.c.kind, selection.kinds),
        (event.c.name, selection.names),
        (event.c.source, selection.sources),
        (event.c.credential, selection.credentials),
        (event.c.subscription_id, () if by_path else selection.subscription_ids),
    ):
        if wanted:
            filters.append(column.in_(wanted))
    if selection.findings:
        filters.append(event.c.findings.overlap(list(selection.findings)))
    if not selection.is_of_a_device:
        filters += _range(event.c.occurred_at, selection.occurred_from, selection.occurred_to)
    filters += _range(event.c.received_at, selection.received_from, selection.received_to)
    return filters


def identified(selection: Selection) -> ColumnElement[bool]:
    """Returns the condition of the events of a device, or of those that carried an identifier."""
    conditions: list[ColumnElement[bool]] = []
    if selection.device_id is not None:
        conditions.append(event.c.device_id == selection.device_id)
    if selection.reported is not None:
        reported = ((name, getattr(selection.reported, name)) for name in IDENTIFIERS)
        conditions += [event.c[name] == value for name, value in reported if value is not None]
    return and_(True, *conditions)


def occurred(selection: Selection) -> ColumnElement[bool]:
    """Returns the condition on the time of the sender."""
    return and_(True, *_range(event.c.occurred_at, selection.occurred_from, selection.occurred_to))


def linked_ids(selection: Selection) -> ColumnElement[Sequence[UUID]]:
    """Returns the devices that stand for another one as an array: one parameter."""
    return literal(list(selection.linked), ARRAY(Uuid))


def _stored(selection: Selection) -> ColumnElement[bool]:
    """Returns the condition that events meet which arrived in time, but for displaced ones."""
    conditions: list[ColumnElement[bool]] = []
    if selection.received_from is not None:
        start = literal(selection.received_from, event.c.stored_at.type)
        conditions.append(event.c.stored_at >= start + literal_column(STORED_AFTER, Interval))
    if selection.received_to is not None:
        end = literal(selection.received_to, event.c.stored_at.type)
        conditions.append(event.c.stored_at < end + literal_column(STORED_BEFORE, Interval))
    return and_(True, *conditions)


def _range(
    column: KeyedColumnElement[datetime], start: datetime | None, end: datetime | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if start is not None:
        conditions.append(column >= start)
    if end is not None:
        conditions.append(column < end)
    return conditions
