"""Who may call: credentials and the digests of their tokens, as the command line manages them."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from psycopg import Connection
from psycopg.errors import UniqueViolation

from receiver.errors import ConfigurationError
from receiver.store.connections.database import session

EXPIRY_WARNING = timedelta(days=14)

# Its columns are the attributes of a credential, in their order.
ALL = """
SELECT name, role, token_digest, token.created_at, token.expires_at, revoked_at, types, sources,
    last_used_at
FROM credential
JOIN credential_token AS token USING (name)
ORDER BY credential.created_at, name, token.created_at
"""
CREATE = "INSERT INTO credential (name, role, types, sources) VALUES (%s, %s, %s, %s)"
ADD = "INSERT INTO credential_token (name, token_digest, expires_at) VALUES (%s, %s, %s)"

# Locked, so that a revocation is not overtaken.
LOCK_UNREVOKED = "SELECT FROM credential WHERE name = %s AND revoked_at IS NULL FOR UPDATE"
SHORTEN = """
UPDATE credential_token SET expires_at = now() + %(overlap)s
WHERE name = %(name)s AND (expires_at IS NULL OR expires_at > now() + %(overlap)s)
"""
REVOKE = "UPDATE credential SET revoked_at = coalesce(revoked_at, now()) WHERE name = %s"

# Begins the names of credentials that are access tokens' and stand in no table.
CLIENT_NAMES = "jwt:"


class Role(StrEnum):
    """What a credential may do."""

    SINK = "sink"
    READER = "reader"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential with one of its tokens; the token itself is nowhere.

    Attributes:
        token_digest: SHA-256 of the token.
        created_at: when the token was made.
        expires_at: from when on the token is refused; None: never.
        revoked_at: when the credential was revoked; None: it was not.
        types, sources: shell-style patterns; events of other types or sources are not its to
            send. None at all: no such limit.
        last_used_at: when it was last admitted, to the minute; None: never.
    """

    name: str
    role: Role
    token_digest: bytes
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    types: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    last_used_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything at that time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def may_send(self, type_: str, source: str | None) -> bool:
        """Whether an event of that type, from that source, is its to send."""
        return matches(self.types, self.sources, type_, source)


def matches(types: Sequence[str], sources: Sequence[str], type_: str, source: str | None) -> bool:
    """Whether patterns of types and of sources both allow an event; no patterns allow any."""
    return (not types or any(fnmatchcase(type_, glob) for glob in types)) and (
        not sources or (source is not None and any(fnmatchcase(source, glob) for glob in sources))
    )


def token_digest(token: str) -> bytes:
    """What is stored and looked up in place of the token; SHA-256 does for 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def credential_of(row: Sequence[Any]) -> Credential:
    """The credential in a row of `ALL`."""
    name, role, digest, created_at, expires_at, revoked_at, types, sources, last_used_at = row
    return Credential(
        name,
        Role(role),
        digest,
        created_at,
        expires_at,
        revoked_at,
        tuple(types),
        tuple(sources),
        last_used_at,
    )


def create_credential(
    conninfo: str,
    name: str,
    role: Role,
    token_digest: bytes,
    expires_at: datetime | None,
    *,
    types: Sequence[str] = (),
    sources: Sequence[str] = (),
) -> None:
    """Stores a new credential with its first token.

    Raises:
        ConfigurationError: the name is an access token's, or it or the token was used before.
    """
    if name.startswith(CLIENT_NAMES):
        raise ConfigurationError(f"the names that begin with {CLIENT_NAMES} are taken")
    with _used_once(conninfo) as connection:
        connection.execute(CREATE, [name, role, list(types), list(sources)])
        connection.execute(ADD, [name, token_digest, expires_at])


def rotate_credential(
    conninfo: str,
    name: str,
    token_digest: bytes,
    expires_at: datetime | None,
    *,
    overlap: timedelta,
) -> None:
    """Gives a credential a new token; its other tokens end when the overlap does, or before.

    Raises:
        ConfigurationError: there is no such credential, it was revoked, or the token was used.
    """
    with _used_once(conninfo) as connection:
        if connection.execute(LOCK_UNREVOKED, [name]).rowcount == 0:
            raise ConfigurationError("there is no unrevoked credential of this name")
        connection.execute(SHORTEN, {"name": name, "overlap": overlap})
        connection.execute(ADD, [name, token_digest, expires_at])


def list_credentials(conninfo: str) -> Sequence[Credential]:
    """Every credential once for each of its tokens, the oldest first."""
    with session(conninfo) as connection:
        return [credential_of(row) for row in connection.execute(ALL)]


def revoke_credential(conninfo: str, name: str) -> None:
    """Revokes all its tokens at once; revoking twice changes nothing.

    Raises:
        ConfigurationError: there is no such credential.
    """
    with session(conninfo) as connection:
        if connection.execute(REVOKE, [name]).rowcount == 0:
            raise ConfigurationError("there is no credential of this name")


@contextmanager
def _used_once(conninfo: str) -> Iterator[Connection]:
    """A transaction in which names and tokens are taken, committed at the end of the block.

    Raises:
        ConfigurationError: one of them was used before.
    """
    with session(conninfo) as connection:
        try:
            with connection.transaction():
                yield connection
        except UniqueViolation as error:
            is_token = error.diag.constraint_name == "credential_token_once"
            used = "token" if is_token else "name"
            raise ConfigurationError(f"this {used} was used before; choose another") from None
