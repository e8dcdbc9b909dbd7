"""Devices summed up: what they reported, also in months of which the events are not kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    Uuid,
    all_,
    any_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from receiver.events.event import Device
from receiver.store.events.columns import IDENTIFIERS
from receiver.store.events.paging.paths import identified, linked_ids
from receiver.store.events.paging.statements import first_statement
from receiver.store.events.selection import Selection
from receiver.store.events.stored_event import COLUMNS, StoredEvent
from receiver.store.events.tables import event
from receiver.store.retention.tables import event_seed

# Identifiers in one summary; a device reports a handful, and an address that changes daily fills it
# in three months.
IDENTIFIER_LIMIT = 100

# Latest events of a device or an identifier that are looked at for what they say about each other.
# An address is of its time; what lasts is known from the derived tables beyond them.
LATEST_EVENTS = 1000

# Those that a seed has; addresses are of their time, and go with their months.
_LASTING = ("phone_number", "network_access_identifier")

# How many devices of an identifier are asked for.
_DEVICES = bindparam("limit_devices", LATEST_EVENTS, BigInteger())


@dataclass(frozen=True, slots=True)
class DeviceSummary:
    """A device, summed up from its events.

    Attributes:
        identifiers: one identifier each: those of the latest events, the latest first, at most
            100; then those that only events reported that are not kept.
        first_event, last_event: of those that are kept; None: none is.
    """

    device_id: UUID
    identifiers: tuple[Device, ...]
    first_event: StoredEvent | None
    last_event: StoredEvent | None


def newest_statement(selection: Selection) -> Select[*tuple[Any, ...]]:
    """Returns the question for the latest event of a device."""
    return first_statement(selection, COLUMNS, "desc", 1)


def oldest_statement(selection: Selection) -> Select[*tuple[Any, ...]]:
    """Returns the question for the earliest event of a device."""
    return first_statement(selection, COLUMNS, "asc", 1)


def identifiers_statement(selection: Selection) -> Select[*tuple[Any, ...]]:
    """Returns the question for the identifiers in the latest events, one in each row.

    The latest identifier comes first. Public for the test of its plan.
    """
    said = [event.c.occurred_at, *(event.c[name] for name in IDENTIFIERS)]
    c = first_statement(selection, said, "desc", LATEST_EVENTS).subquery("latest").c
    sets = func.grouping_sets(
        tuple_(c.phone_number),
        tuple_(c.network_access_identifier),
        tuple_(c.ipv4_public_address, c.ipv4_private_address, c.ipv4_public_port),
        tuple_(c.ipv6_address),
    )
    columns = [c[name] for name in IDENTIFIERS]
    return (
        select(*columns)
        .group_by(sets)
        .having(func.num_nonnulls(*columns) > 0)
        .order_by(func.max(c.occurred_at).desc(), *columns)
        .limit(IDENTIFIER_LIMIT)
    )


def seeded_statement(selection: Selection) -> Select[*tuple[Any, ...]]:
    """Returns the question for what a device reported in months that are not kept.

    Args:
        selection: of a device, and of what stands for it.
    """
    columns = [event_seed.c[name] for name in _LASTING]
    return (
        select(*columns)
        .where(_seeds_of(selection))
        .group_by(*columns)
        .order_by(*columns)
        .limit(IDENTIFIER_LIMIT)
    )


def list_seeded(rows: Sequence[Any]) -> list[Device]:
    """Returns the identifiers in rows of `seeded_statement`, one each."""
    found = [
        Device(**{name: value})
        for row in rows
        for name in _LASTING
        if (value := row._mapping[name]) is not None
    ]
    return list(dict.fromkeys(found))


def known_statement(selection: Selection) -> Select[bool]:
    """Returns the question whether a selection has an event, or had one that is not kept.

    Args:
        selection: of a device or an identifier, without further filters.
    """
    # Each by its own index: of OR Postgres makes a map of all events.
    theirs = event.c.device_id == any_(linked_ids(selection))
    return select(
        or_(
            exists(select(event.c.seq).where(identified(selection))),
            exists(select(event.c.seq).where(theirs)) if selection.linked else false(),
            exists(select(event_seed.c.seq).where(_seeds_of(selection))),
        ).label("is_known")
    )


def reporting_statement(selection: Selection) -> Select[UUID]:
    """Returns the question for the devices whose latest events carried an identifier.

    The device of the latest event comes first. Public for the test of its plan.
    """
    columns = [event.c.device_id, event.c.occurred_at, event.c.stored_at, event.c.seq]
    latest = first_statement(selection, columns, "desc", LATEST_EVENTS).subquery("latest")
    return (
        select(latest.c.device_id)
        .group_by(latest.c.device_id)
        .order_by(func.max(latest.c.occurred_at).desc(), latest.c.device_id)
        .limit(_DEVICES)
    )


def reporting_seeds_statement(selection: Selection) -> Select[UUID]:
    """Returns the question for more devices that reported an identifier when it was kept."""
    others = bindparam("others", [], ARRAY(Uuid))
    return (
        select(event_seed.c.device_id)
        .distinct()
        .where(_seeds_of(selection), event_seed.c.device_id != all_(others))
        .limit(_DEVICES)
    )


def _seeds_of(selection: Selection) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if selection.linked:
        conditions.append(event_seed.c.device_id == any_(linked_ids(selection)))
    if selection.device_id is not None:
        device_id = bindparam("device_id", selection.device_id, Uuid())
        conditions.append(event_seed.c.device_id == device_id)
    if selection.reported is not None:
        conditions.append(_carries(selection.reported))
    return or_(false(), *conditions)


def _carries(device: Device) -> ColumnElement[bool]:
    """Returns the condition of seeds that carry an identifier; of an address no seed is kept."""
    conditions = [
        event_seed.c[name] == bindparam(name, value, Text())
        for name in _LASTING
        if (value := getattr(device, name)) is not None
    ]
    return or_(false(), *conditions)
