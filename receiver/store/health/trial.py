"""The trace of a notification that was only a trial, and how it is removed again."""

from collections.abc import Sequence
from uuid import UUID

from receiver.store.connections.database import session

NAMESPACE = "SELECT namespace FROM installation"

# A trial's device is its own, so nobody else's row is near; the credential makes sure.
REMOVE_EVENT = "DELETE FROM event WHERE device_id = %s AND credential = %s RETURNING digest"
REMOVE_IDENTITY = "DELETE FROM event_identity WHERE device_id = %s AND digest = ANY(%s)"
REMOVE_REFUSED = "DELETE FROM quarantine WHERE credential = %s"

# Names are never used again; a trial's hold a random word.
REMOVE_TOKENS = "DELETE FROM credential_token WHERE name = ANY(%s)"
REMOVE_CREDENTIALS = "DELETE FROM credential WHERE name = ANY(%s)"


def namespace_of(conninfo: str) -> UUID:
    """The secret namespace of device ids.

    Raises:
        Unavailable: the database cannot be asked.
    """
    with session(conninfo, "receiver doctor") as connection:
        [(namespace,)] = connection.execute(NAMESPACE).fetchall()
    return UUID(str(namespace))


def remove_trial(
    conninfo: str, device_id: UUID, credential: str, *, credentials: Sequence[str]
) -> None:
    """Removes all that a trial left: event, identity, refused bytes, credentials; none is fine too.

    Args:
        device_id: the trial's own device.
        credential: the name of the credential that posted it, and nothing else.
        credentials: the names of all that were made for the trial.

    Raises:
        Unavailable: it could not be removed.
    """
    with session(conninfo, "receiver doctor") as connection, connection.transaction():
        rows = connection.execute(REMOVE_EVENT, [device_id, credential]).fetchall()
        connection.execute(REMOVE_IDENTITY, [device_id, [row[0] for row in rows]])
        connection.execute(REMOVE_REFUSED, [credential])
        connection.execute(REMOVE_TOKENS, [list(credentials)])
        connection.execute(REMOVE_CREDENTIALS, [list(credentials)])
