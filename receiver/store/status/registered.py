"""Registrations of subscriptions, read beside what is derived: they are facts of their own."""

from collections.abc import Collection
from uuid import UUID

from psycopg import AsyncConnection

from receiver.projection.ledger import Key
from receiver.projection.subscriptions.registration import Registration
from receiver.store.derived.rows import Question, Row, Rows, read_rows, write_devices

# Registrations that are about the devices of one answer: tens in years.
REGISTRATIONS_LIMIT = 10_000

_COLUMNS = """credential, subscription_id, registered_at, starts_at, expires_at, max_events, types,
    device_id, phone_number, network_access_identifier"""

# A sub-select, as in `rows.DEVICES`: with few devices in sight Postgres would plan anew each time.
_AMONG_DEVICES = "device_id = ANY((SELECT %(devices)s::uuid[])::uuid[])"

# Parts, because an index answers each by itself.
_BY_DEVICE = f"""
SELECT {_COLUMNS} FROM subscription_registration WHERE {_AMONG_DEVICES}
UNION
SELECT {_COLUMNS} FROM subscription_registration WHERE (credential, subscription_id) IN"""  # noqa: S608 - composed of constants
BY_KEY_OR_DEVICE = f"""{_BY_DEVICE} (
    SELECT * FROM unnest(%(credentials)s::text[], %(subscription_ids)s::text[])
)
LIMIT {REGISTRATIONS_LIMIT}
"""  # noqa: S608 - composed of constants

# Joined here, because the driver takes as long to write the keys of many devices as Postgres takes
# for the whole question.
BY_DERIVED = f"""{_BY_DEVICE} (
    SELECT credential, subscription_id FROM subscription WHERE {_AMONG_DEVICES}
)
LIMIT {REGISTRATIONS_LIMIT}
"""  # noqa: S608 - composed of constants


async def read_registrations(
    connection: AsyncConnection, keys: Collection[Key], devices: Collection[UUID]
) -> dict[Key, Registration]:
    """Returns the registrations of subscriptions, and those that are about devices."""
    credentials = [credential for credential, _ in keys]
    subscription_ids = [subscription_id for _, subscription_id in keys]
    rows = await read_rows(
        connection,
        BY_KEY_OR_DEVICE,
        credentials=credentials,
        subscription_ids=subscription_ids,
        devices=write_devices(devices),
    )
    return read_told(rows)


def ask_for_registrations_of(devices: str) -> Question:
    """Asks for the registrations that are about devices, or about what is derived of them.

    Args:
        devices: as `write_devices` returns them.
    """
    return Question(BY_DERIVED, {"devices": devices})


def read_told(rows: Rows) -> dict[Key, Registration]:
    """Returns the registrations in rows."""
    return {(row.credential, row.subscription_id): read_registration(row) for row in rows}


def read_registration(row: Row) -> Registration:
    return Registration(
        registered_at=row.registered_at,
        starts_at=row.starts_at,
        expires_at=row.expires_at,
        max_events=row.max_events,
        types=tuple(row.types),
        device_id=row.device_id,
        phone_number=row.phone_number,
        network_access_identifier=row.network_access_identifier,
    )
