"""The trace of a notification that was only a trial, and how it is removed again."""

from uuid import UUID

import psycopg
from psycopg import Connection

from receiver.errors import Unavailable
from receiver.store.database import connect

NAMESPACE = "SELECT namespace FROM installation"

# A trial's device is its own, so nobody else's row is near; the credential makes sure.
REMOVE_EVENT = "DELETE FROM event WHERE device_id = %s AND credential = %s RETURNING digest"
REMOVE_IDENTITY = "DELETE FROM event_identity WHERE device_id = %s AND digest = ANY(%s)"
REMOVE_REFUSED = "DELETE FROM quarantine WHERE credential = %s"


def namespace_of(conninfo: str) -> UUID:
    """The secret namespace of device ids.

    Raises:
        Unavailable: the database cannot be asked.
    """
    try:
        with connect(conninfo, "receiver doctor") as connection:
            [(namespace,)] = connection.execute(NAMESPACE).fetchall()
    except psycopg.Error as error:
        raise _unavailable(error) from error
    return UUID(str(namespace))


def remove_trial(conninfo: str, device_id: UUID, credential: str) -> None:
    """Removes all that a trial left: event, identity and refused bytes; nothing is fine too.

    Args:
        device_id: the trial's own device.
        credential: the name of the credential that posted it, and nothing else.

    Raises:
        Unavailable: it could not be removed.
    """
    try:
        with connect(conninfo, "receiver doctor") as connection, connection.transaction():
            _remove(connection, device_id, credential)
    except psycopg.Error as error:
        raise _unavailable(error) from error


def _remove(connection: Connection, device_id: UUID, credential: str) -> None:
    rows = connection.execute(REMOVE_EVENT, [device_id, credential]).fetchall()
    connection.execute(REMOVE_IDENTITY, [device_id, [row[0] for row in rows]])
    connection.execute(REMOVE_REFUSED, [credential])


def _unavailable(error: psycopg.Error) -> Unavailable:
    return Unavailable(f"the database cannot be asked (SQLSTATE {error.sqlstate})")
