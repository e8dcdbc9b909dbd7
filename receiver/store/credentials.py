"""Who may call: credentials and the digests of their tokens, as the command line manages them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from receiver.errors import ConfigurationError
from receiver.store.credential_tables import credential as credential_table
from receiver.store.credential_tables import credential_token as token_table
from receiver.store.database import migration_engine

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
        return (not self.types or any(fnmatchcase(type_, glob) for glob in self.types)) and (
            not self.sources
            or (source is not None and any(fnmatchcase(source, glob) for glob in self.sources))
        )


def token_digest(token: str) -> bytes:
    """What is stored and looked up in place of the token; SHA-256 does for 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def all_credentials() -> Select[*tuple[Any, ...]]:
    """Every credential once for each of its tokens, the oldest first."""
    credential, token = credential_table.c, token_table.c
    return (
        select(
            credential.name,
            credential.role,
            token.token_digest,
            token.created_at,
            token.expires_at,
            credential.revoked_at,
            credential.types,
            credential.sources,
            credential.last_used_at,
        )
        .join(token_table, token.name == credential.name)
        .order_by(credential.created_at, credential.name, token.created_at)
    )


def credential_of(row: Row[*tuple[Any, ...]]) -> Credential:
    """The credential in a row of `all_credentials`."""
    fields = {**row._mapping, "role": Role(row.role)}
    return Credential(**{**fields, "types": tuple(row.types), "sources": tuple(row.sources)})


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
    row = {"name": name, "role": role, "types": list(types), "sources": list(sources)}
    try:
        with migration_engine(conninfo).begin() as connection:
            connection.execute(insert(credential_table).values(row))
            _add_token(connection, name, token_digest, expires_at)
    except IntegrityError as error:
        raise _used_before(error) from None


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
    token = token_table.c
    end = func.now() + overlap
    shorten = (
        update(token_table)
        .where(token.name == name, or_(token.expires_at.is_(None), token.expires_at > end))
        .values(expires_at=end)
    )
    lives = select(credential_table.c.name).where(
        credential_table.c.name == name, credential_table.c.revoked_at.is_(None)
    )
    try:
        with migration_engine(conninfo).begin() as connection:
            # Locked, so that a revocation is not overtaken.
            if connection.execute(lives.with_for_update()).first() is None:
                raise ConfigurationError("there is no unrevoked credential of this name")
            connection.execute(shorten)
            _add_token(connection, name, token_digest, expires_at)
    except IntegrityError as error:
        raise _used_before(error) from None


def list_credentials(conninfo: str) -> Sequence[Credential]:
    """Every credential once for each of its tokens, the oldest first."""
    with migration_engine(conninfo).connect() as connection:
        return [credential_of(row) for row in connection.execute(all_credentials())]


def revoke_credential(conninfo: str, name: str) -> None:
    """Revokes all its tokens at once; revoking twice changes nothing.

    Raises:
        ConfigurationError: there is no such credential.
    """
    table = credential_table.c
    revoked_at = func.coalesce(table.revoked_at, func.now())
    change = update(credential_table).where(table.name == name).values(revoked_at=revoked_at)
    with migration_engine(conninfo).begin() as connection:
        if connection.execute(change).rowcount == 0:
            raise ConfigurationError("there is no credential of this name")


def _add_token(
    connection: Connection, name: str, token_digest: bytes, expires_at: datetime | None
) -> None:
    row = {"name": name, "token_digest": token_digest, "expires_at": expires_at}
    connection.execute(insert(token_table).values(row))


def _used_before(error: IntegrityError) -> ConfigurationError:
    diagnosis = getattr(error.orig, "diag", None)
    constraint = None if diagnosis is None else diagnosis.constraint_name
    used = "token" if constraint == "credential_token_once" else "name"
    return ConfigurationError(f"this {used} was used before; choose another")
