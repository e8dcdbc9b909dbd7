"""The paths to the events of a selection, which an index answers in the order of a page; the rest.

A page reads each path in the order of its index. Every other condition is a filter: whatever it
leaves out was looked at, so a page with filters bounds how many events it looks at.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Interval,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    literal_column,
    not_,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import KeyedColumnElement
from sqlalchemy.types import TypeEngine

from receiver.store.events.columns import IDENTIFIERS
from receiver.store.events.paging.parameters import (
    list_subscriptions,
    name_subscription,
)
from receiver.store.events.selection import Selection
from receiver.store.events.tables import IS_DISPLACED, STORED_AFTER, STORED_BEFORE, event


def list_paths(selection: Selection) -> list[ColumnElement[bool]]:
    """Returns the conditions that an index answers; an event of the selection meets just one.

    Those of linked devices are not among them.
    """
    if selection.is_of_a_device:
        return [and_(identified(selection), occurred(selection))]
    if selection.subscription_ids:
        return [
            event.c.subscription_id == bindparam(name_subscription(place), each, Text())
            for place, each in enumerate(list_subscriptions(selection))
        ]
    if selection.received_from is None and selection.received_to is None:
        return [true()]
    in_time = _stored(selection)
    return [in_time, and_(literal_column(IS_DISPLACED, Boolean), not_(in_time))]


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
