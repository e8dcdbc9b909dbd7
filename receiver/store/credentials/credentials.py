"""Credentials and the digests of their tokens, and the commands that manage them."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
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
from receiver.store.credentials.names import require_plain_name

# In the order of the attributes of `Credential`; test_a_credential_is_listed_as_it_was_created
# guards it.
ALL = """
SELECT name, role, token_digest, token.created_at, token.expires_at, revoked_at, types, sources,
    last_used_at
FROM credential
JOIN credential_token AS token USING (name)
ORDER BY credential.created_at, name, token.created_at
"""
CREATE = "INSERT INTO credential (name, role, types, sources) VALUES (%s, %s, %s, %s)"
ADD = "INSERT INTO credential_token (name, token_digest, expires_at) VALUES (%s, %s, %s)"

# Locks the row, so that no rotation overtakes a revocation.
LOCK_UNREVOKED = "SELECT FROM credential WHERE name = %s AND revoked_at IS NULL FOR UPDATE"
SHORTEN = """
UPDATE credential_token SET expires_at = now() + %(overlap)s
WHERE name = %(name)s AND (expires_at IS NULL OR expires_at > now() + %(overlap)s)
"""
REVOKE = "UPDATE credential SET revoked_at = coalesce(revoked_at, now()) WHERE name = %s"


class Role(StrEnum):
    """The calls that a credential may make."""

    SINK = "sink"
    READER = "reader"
    REGISTRAR = "registrar"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential with one of its tokens; the token itself is nowhere.

    Attributes:
        token_digest: SHA-256 of the token.
        created_at: of the token.
        expires_at: the token is refused from then on; None: never.
        revoked_at: of the credential; None: it is not revoked.
        types, sources: shell-style patterns of the events that it may send; empty: no limit.
        last_used_at: the latest admission, to the minute; None: never.
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
        """Tells whether the token is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def may_send(self, type_: str, source: str | None) -> bool:
        """Tells whether it may send an event of this type and source."""
        return matches(self.types, self.sources, type_, source)


# Tells whether a credential may send an event of a type and a source.
MaySend = Callable[[str, str | None], bool]


def matches(types: Sequence[str], sources: Sequence[str], type_: str, source: str | None) -> bool:
    """Tells whether patterns of types and of sources both allow an event; no patterns allow any."""
    return (not types or any(fnmatchcase(type_, glob) for glob in types)) and (
        not sources or (source is not None and any(fnmatchcase(source, glob) for glob in sources))
    )


def token_digest(token: str) -> bytes:
    """Returns the digest that stands for the token; SHA-256 suffices for 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def credential_of(row: Sequence[Any]) -> Credential:
    """Returns the credential in a row of `ALL`."""
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
        ConfigurationError: the name is not made of plain words, or name or token was used before.
    """
    require_plain_name(name)
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
    """Gives a credential a new token; its other tokens end with the overlap at the latest.

    Raises:
        ConfigurationError: there is no such credential, it was revoked, or the token was used.
    """
    with _used_once(conninfo) as connection:
        if connection.execute(LOCK_UNREVOKED, [name]).rowcount == 0:
            raise ConfigurationError("there is no unrevoked credential of this name")
        connection.execute(SHORTEN, {"name": name, "overlap": overlap})
        connection.execute(ADD, [name, token_digest, expires_at])


def list_credentials(conninfo: str) -> Sequence[Credential]:
    """Returns every credential once for each of its tokens, the oldest first."""
    with session(conninfo) as connection:
        return [credential_of(row) for row in connection.execute(ALL)]


def revoke_credential(conninfo: str, name: str) -> None:
    """Revokes a credential and all its tokens; a second time changes nothing.

    Raises:
        ConfigurationError: there is no such credential.
    """
    with session(conninfo) as connection:
        if connection.execute(REVOKE, [name]).rowcount == 0:
            raise ConfigurationError("there is no credential of this name")


@contextmanager
def _used_once(conninfo: str) -> Iterator[Connection]:
    """Opens a transaction that takes names and tokens, committed at the end of the block.

    Raises:
        ConfigurationError: a name or token was used before.
    """
    with session(conninfo) as connection:
        try:
            with connection.transaction():
                yield connection
        except UniqueViolation as error:
            is_token = error.diag.constraint_name == "credential_token_once"
            used = "token" if is_token else "name"
            raise ConfigurationError(f"this {used} was used before; choose another") from None
