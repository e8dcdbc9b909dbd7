"""Registrations: told to us, kept as facts, and read beside what events say."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import InvalidArgument
from receiver.events.event import Device
from receiver.projection.ledger import Key
from receiver.projection.subscriptions.registration import Registration
from receiver.store.connections.engine import asking, reading
from receiver.store.credentials.credentials import Role
from receiver.store.credentials.names import CLIENT_NAMES
from receiver.store.derived.rows import read_rows
from receiver.store.status.registered import read_registrations

IS_SENDER = f"SELECT EXISTS (SELECT FROM credential WHERE name = %(name)s AND role = '{Role.SINK}')"  # noqa: S608 - composed of constants

# Of each fact the later word counts; what a later registration leaves out stays as it was told.
REGISTER = """
INSERT INTO subscription_registration AS known (
    credential, subscription_id, registered_at, starts_at, expires_at, max_events, types, device_id,
    phone_number, network_access_identifier
)
VALUES (
    %(credential)s, %(subscription_id)s, %(registered_at)s, %(starts_at)s, %(expires_at)s,
    %(max_events)s, %(types)s, %(device_id)s, %(phone_number)s, %(network_access_identifier)s
)
ON CONFLICT ON CONSTRAINT subscription_registration_pkey DO UPDATE SET
    starts_at = coalesce(excluded.starts_at, known.starts_at),
    expires_at = coalesce(excluded.expires_at, known.expires_at),
    max_events = coalesce(excluded.max_events, known.max_events),
    types = CASE WHEN excluded.types = '{}' THEN known.types ELSE excluded.types END,
    (device_id, phone_number, network_access_identifier) = (
        SELECT * FROM (VALUES
            (excluded.device_id, excluded.phone_number, excluded.network_access_identifier),
            (known.device_id, known.phone_number, known.network_access_identifier)
        ) AS told (device_id, phone_number, network_access_identifier)
        WHERE told.device_id IS NOT NULL LIMIT 1
    )
RETURNING xmax = 0 AS is_new
"""

BY_NETWORK_ACCESS_IDENTIFIER = """
SELECT DISTINCT device_id FROM subscription_registration
WHERE network_access_identifier = %(network_access_identifier)s AND device_id IS NOT NULL
LIMIT %(limit)s
"""


class Registrations:
    """Keeps and finds what was told of subscriptions."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def register(self, key: Key, registration: Registration) -> bool:
        """Stores a registration, durably.

        Returns:
            Whether the subscription was not registered before.

        Raises:
            InvalidArgument: no sender has this name.
            Unavailable: the database is away; nothing is stored, or it is unknown whether it is.
        """
        credential, subscription_id = key
        async with asking(self._engine) as connection:
            if not credential.startswith(CLIENT_NAMES):
                is_sender = await connection.exec_driver_sql(IS_SENDER, {"name": credential})
                if not is_sender.scalar_one():
                    raise InvalidArgument(
                        "credential: no credential of the role sink has this name"
                    )
            row = {
                "credential": credential,
                "subscription_id": subscription_id,
                **registration._asdict(),
                "types": list(registration.types),
            }
            is_new = (await connection.exec_driver_sql(REGISTER, row)).scalar_one()
        return bool(is_new)

    async def identifiers_of(self, device_id: UUID) -> Sequence[Device]:
        """Returns the identifiers with which a device was registered, one each."""
        async with reading(self._engine) as connection:
            told = await read_registrations(connection, (), [device_id])
        identifiers = {
            device
            for each in told.values()
            for device in (
                Device(phone_number=each.phone_number),
                Device(network_access_identifier=each.network_access_identifier),
            )
            if device != Device()
        }
        return sorted(identifiers, key=repr)

    async def devices_registered(self, network_access_identifier: str, limit: int) -> list[UUID]:
        """Returns devices that were registered with an identifier, at most `limit` of them."""
        async with reading(self._engine) as connection:
            rows = await read_rows(
                connection,
                BY_NETWORK_ACCESS_IDENTIFIER,
                network_access_identifier=network_access_identifier,
                limit=limit,
            )
        return [row.device_id for row in rows]
