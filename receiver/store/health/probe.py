"""The doctor's probe: a notification that goes the whole way, and is removed again."""

from collections.abc import Sequence
from uuid import UUID

from receiver.store.connections.database import session
from receiver.store.events.columns import sent_at

NAMESPACE = "SELECT namespace FROM installation"

# The device belongs to the probe alone; the credential makes sure.
REMOVE_EVENT = f"""
WITH removed AS (
    DELETE FROM event WHERE device_id = %s AND credential = %s
    RETURNING {sent_at("event")} AS sent_at, device_id, digest
)
DELETE FROM event_identity USING removed
WHERE event_identity.sent_at = removed.sent_at
    AND event_identity.device_id = removed.device_id AND event_identity.digest = removed.digest
"""  # noqa: S608 - composed of constants
# No projection derives from the event meanwhile, and what was derived from it goes with it.
HOLD_PROJECTION = "SELECT FROM projection FOR UPDATE"
REMAINS = "SELECT EXISTS (SELECT FROM event WHERE device_id = %s)"
REMOVE_DERIVED = """
WITH status AS (DELETE FROM device_status WHERE device_id = %(device)s),
    told AS (DELETE FROM subscription WHERE device_id = %(device)s)
DELETE FROM device_identifier WHERE device_id = %(device)s
"""
REMOVE_REFUSED = "DELETE FROM quarantine WHERE credential = %s"

# A name is never used again, and a probe's name has a random word.
REMOVE_TOKENS = "DELETE FROM credential_token WHERE name = ANY(%s)"
REMOVE_CREDENTIALS = "DELETE FROM credential WHERE name = ANY(%s)"


def namespace_of(conninfo: str) -> UUID:
    """Returns the secret namespace of device ids.

    Raises:
        Unavailable: the database cannot be asked.
    """
    with session(conninfo, "receiver doctor") as connection:
        [(namespace,)] = connection.execute(NAMESPACE).fetchall()
    return UUID(str(namespace))


def remove_probe(
    conninfo: str, device_id: UUID, credential: str, *, credentials: Sequence[str]
) -> None:
    """Removes a probe's event, what is derived from it, refused bodies and credentials.

    What there is none of is no error.

    Args:
        device_id: of the probe's own device.
        credential: name of the credential that posts the probe and nothing else.
        credentials: names of all credentials made for the probe.

    Raises:
        Unavailable: the rows could not be removed.
    """
    with session(conninfo, "receiver doctor") as connection, connection.transaction():
        connection.execute(HOLD_PROJECTION)
        connection.execute(REMOVE_EVENT, [device_id, credential])
        [(remains,)] = connection.execute(REMAINS, [device_id]).fetchall()
        if not remains:
            connection.execute(REMOVE_DERIVED, {"device": device_id})
        connection.execute(REMOVE_REFUSED, [credential])
        connection.execute(REMOVE_TOKENS, [list(credentials)])
        connection.execute(REMOVE_CREDENTIALS, [list(credentials)])
