"""The application in this process, over a database of its own, with its lifespan run."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from receiver.app.application import create_app
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role, create_credential
from receiver.store.schema.rights import TABLES
from tests.support.exposition import families
from tests.support.listening import Connect, listening
from tests.support.tables import change

# No answer takes so long; a machine that runs other tests as well may.
TIMEOUT_SECONDS = 30

# The projector ends its step before; a later one finds no event that was removed.
EMPTY = "; ".join(
    [
        "SELECT FROM projection FOR UPDATE",
        *(
            f"DELETE FROM {table}"  # noqa: S608 - the names of our own tables
            for table in TABLES
            if table not in {"credential", "credential_token", "installation", "projection"}
        ),
    ]
)


@dataclass(frozen=True, slots=True)
class Callers:
    """Clients that differ in their token only.

    Attributes:
        app: what they call.
        connect: makes the protocol of a connection to it.
    """

    app: FastAPI
    connect: Connect
    nobody: httpx.AsyncClient
    sink: httpx.AsyncClient
    reader: httpx.AsyncClient
    registrar: httpx.AsyncClient
    admin: httpx.AsyncClient

    async def post(self, notification: Any, **options: Any) -> httpx.Response:
        return await self.sink.post("/notifications", json=notification, **options)

    async def history(self, **question: Any) -> list[dict[str, Any]]:
        answer = await self.reader.post("/events/retrieve", json=question)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def count_answers(self) -> Counter[tuple[str, ...]]:
        """Returns how many answers were counted, by call, status and reason.

        The question is itself counted in the next answer.
        """
        samples = families((await self.nobody.get("/metrics")).text)["receiver_answers"].samples
        return Counter(
            {
                tuple(sample.labels[name] for name in ("call", "status", "reason")): int(
                    sample.value
                )
                for sample in samples
            }
        )


def make_settings(conninfo: str) -> Settings:
    """Returns settings; what a test keeps in quarantine arrived on a day that goes by."""
    return Settings.model_validate({"DATABASE_URL": SecretStr(conninfo), "quarantine_days": 36_500})


@pytest.fixture
def settings(conninfo: str) -> Settings:
    """Those of the application."""
    return make_settings(conninfo)


@pytest.fixture
async def callers(settings: Settings) -> AsyncIterator[Callers]:
    """Those of one test; its database has their credentials."""
    async with calling(settings) as found:
        yield found


@pytest.fixture
async def impatient_callers(settings: Settings) -> AsyncIterator[Callers]:
    """Those of one test, of an application that soon gives up what it cannot store."""
    soon = {"commit_timeout_seconds": 1.0, "patience_seconds": 1.0}
    async with calling(settings.model_copy(update=soon)) as found:
        yield found


@pytest.fixture(scope="module")
async def shared_callers(callers_conninfo: str) -> AsyncIterator[Callers]:
    """Those of the tests of a file whose answers do not depend on what others store."""
    async with calling(make_settings(callers_conninfo)) as found:
        yield found


@pytest.fixture
async def emptied_callers(shared_callers: Callers, callers_conninfo: str) -> Callers:
    """Those of a file, to whom nothing was sent yet.

    For a test whose answer depends on what is stored, and on nothing that an application counts,
    limits or remembers. Its database is that of `callers_conninfo`.
    """
    await change(callers_conninfo, EMPTY)
    return shared_callers


def make_credentials(conninfo: str) -> None:
    """Makes a credential of each role, with the token that its caller shows."""
    for role in Role:
        digest = hashlib.sha256(f"token-of-{role}".encode()).digest()
        create_credential(conninfo, f"the-{role}", role, digest, None)


@asynccontextmanager
async def calling(settings: Settings) -> AsyncIterator[Callers]:
    """Runs the application for the length of the block, on a database with the credentials."""
    app = create_app(settings)

    async with listening(app) as (base_url, connect), AsyncExitStack() as stack:

        async def client(token: str | None) -> httpx.AsyncClient:
            headers = {} if token is None else {"authorization": f"Bearer {token}"}
            # Nothing is verified, and reading the authorities' certificates takes long.
            transport = httpx.AsyncHTTPTransport(verify=False, trust_env=False)
            return await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=transport, base_url=base_url, headers=headers, timeout=TIMEOUT_SECONDS
                )
            )

        nobody, *known = [
            await client(token) for token in (None, *(f"token-of-{role}" for role in Role))
        ]
        yield Callers(app, connect, nobody, *known)
