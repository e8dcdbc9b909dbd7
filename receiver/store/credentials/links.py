"""Links that sign in to the console once: whom one signs in, and its key; stored as a digest."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from receiver.errors import ConfigurationError
from receiver.store.connections.database import session
from receiver.store.credentials.credentials import ALL, Credential, Role, credential_of
from receiver.store.credentials.names import is_trial_name

# Long enough to walk to another window, short enough that a link in a scrollback is worth nothing.
LIFETIME = timedelta(minutes=5)

# Bytes: 256 bits, so that a digest without salt is enough.
KEY_RANDOM_BYTES = 32

# Who may look, the least role first.
LOOKERS = (Role.READER, Role.REGISTRAR, Role.ADMIN)

MAKE = """
WITH expired AS (DELETE FROM console_link WHERE expires_at <= now())
INSERT INTO console_link (key_digest, credential, expires_at) VALUES (%s, %s, now() + %s)
"""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was just made.

    Attributes:
        key: stands in the link and nowhere else.
        credential: whom it signs in.
    """

    key: str
    credential: Credential


def key_digest(key: str) -> bytes:
    """Returns the digest that stands for a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def make_link(conninfo: str, name: str | None = None) -> Link:
    """Stores a new link, and removes those that have expired.

    Args:
        name: of the credential that it signs in; None: the one that `choose` finds.

    Raises:
        ConfigurationError: no such credential may look now.
        Unavailable: the database cannot be asked.
    """
    key = secrets.token_urlsafe(KEY_RANDOM_BYTES)
    with session(conninfo) as connection:
        known = [credential_of(row) for row in connection.execute(ALL)]
        credential = choose(known, name, datetime.now(UTC))
        connection.execute(MAKE, [key_digest(key), credential.name, LIFETIME])
    return Link(key, credential)


def choose(credentials: Sequence[Credential], name: str | None, now: datetime) -> Credential:
    """Returns the credential of this name; without one, the oldest of the least role that may look.

    Args:
        credentials: once for each of their tokens, the oldest first.

    Raises:
        ConfigurationError: there is none that may look now.
    """
    if name is not None:
        credentials = [one for one in credentials if one.name == name]
        if not credentials:
            raise ConfigurationError("there is no credential of this name")
    lookers = [one for one in credentials if one.role in LOOKERS and not is_trial_name(one.name)]
    valid = [one for one in lookers if one.is_valid(now)]
    if valid:
        return min(valid, key=lambda one: LOOKERS.index(one.role))
    if name is None:
        raise ConfigurationError(
            "no credential may look; make one: receiver credential create NAME --role reader"
        )
    if not lookers:
        raise ConfigurationError("this credential sends; name one that reads")
    raise ConfigurationError("this credential was revoked, or its tokens have expired")
