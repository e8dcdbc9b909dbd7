"""Who may call: stored as digests of tokens, and held in memory by the processes that answer."""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import ConfigurationError, Unavailable
from receiver.store.database import asking, migration_engine
from receiver.store.tables import credential as credential_table


class Role(StrEnum):
    """What a credential may do."""

    SINK = "sink"
    READER = "reader"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Credential:
    """A stored credential; the token itself is nowhere.

    Attributes:
        token_digest: SHA-256 of the token.
        expires_at: from when on it is refused; None: never.
        revoked_at: when it was revoked; None: it was not.
    """

    name: str
    role: Role
    token_digest: bytes
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything at that time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def token_digest(token: str) -> bytes:
    """What is stored and looked up in place of the token; SHA-256 does for 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


_ALL = select(credential_table).order_by(credential_table.c.created_at, credential_table.c.name)


class CredentialBook:
    """The credentials as last read, looked up by digest; an unknown one is looked up afresh.

    However many callers wait for a fresh look, they share one, and it began after each of them.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._by_digest: Mapping[bytes, Credential] = {}
        self._reading: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None
        self._log = structlog.get_logger(__name__)

    async def find(self, token_digest: bytes) -> Credential | None:
        """The credential with that digest, revoked and expired ones included.

        Raises:
            Unavailable: it is not among the known ones and the database cannot be asked.
        """
        known = self._known(token_digest)
        if known is None:
            await self.refresh()
            known = self._known(token_digest)
        return known

    @property
    def known(self) -> Sequence[Credential]:
        """All of them, as last read."""
        return list(self._by_digest.values())

    async def refresh(self) -> None:
        """Reads all credentials, in a look that begins after this call.

        Raises:
            Unavailable: the database cannot be asked.
        """
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(), name="credentials")
            reading = self._reading
        else:
            if self._next is None or self._next.done():
                self._next = asyncio.create_task(
                    self._read_after(self._reading), name="credentials, next"
                )
            reading = self._next
        await asyncio.shield(reading)

    async def keep_fresh(self, every_seconds: float) -> None:
        """Rereads for ever; a failed look leaves the last known state."""
        while True:
            await asyncio.sleep(every_seconds)
            try:
                await self.refresh()
            except Unavailable:
                self._log.warning("credentials not reread: the database cannot be asked")

    def _known(self, token_digest: bytes) -> Credential | None:
        found = self._by_digest.get(token_digest)
        if found is None or not hmac.compare_digest(found.token_digest, token_digest):
            return None
        return found

    async def _read_after(self, reading: asyncio.Task[None]) -> None:
        await asyncio.wait({reading})
        self._reading = self._next
        self._next = None
        await self._read()

    async def _read(self) -> None:
        async with asking(self._engine) as connection:
            rows = (await connection.execute(_ALL)).all()
        credentials = [_credential(row) for row in rows]
        self._by_digest = {found.token_digest: found for found in credentials}


def create_credential(
    conninfo: str, name: str, role: Role, token_digest: bytes, expires_at: datetime | None
) -> None:
    """Stores a new credential.

    Raises:
        ConfigurationError: the name or the token was used before.
    """
    row = {"name": name, "role": role, "token_digest": token_digest, "expires_at": expires_at}
    try:
        with migration_engine(conninfo).begin() as connection:
            connection.execute(insert(credential_table).values(row))
    except IntegrityError as error:
        diagnosis = getattr(error.orig, "diag", None)
        constraint = None if diagnosis is None else diagnosis.constraint_name
        used = "token" if constraint == "credential_token" else "name"
        raise ConfigurationError(f"this {used} was used before; choose another") from None


def list_credentials(conninfo: str) -> Sequence[Credential]:
    """All credentials, oldest first."""
    with migration_engine(conninfo).connect() as connection:
        return [_credential(row) for row in connection.execute(_ALL)]


def revoke_credential(conninfo: str, name: str) -> None:
    """Revokes at once; revoking twice changes nothing.

    Raises:
        ConfigurationError: there is no such credential.
    """
    table = credential_table.c
    revoked_at = func.coalesce(table.revoked_at, func.now())
    change = update(credential_table).where(table.name == name).values(revoked_at=revoked_at)
    with migration_engine(conninfo).begin() as connection:
        if connection.execute(change).rowcount == 0:
            raise ConfigurationError("there is no credential of this name")


def _credential(row: Row[*tuple[Any, ...]]) -> Credential:
    return Credential(
        name=row.name,
        role=Role(row.role),
        token_digest=row.token_digest,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
