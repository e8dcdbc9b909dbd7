"""The application in this process, over a database of its own, with its lifespan run."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from receiver.app import create_app
from receiver.settings import Settings
from receiver.store.credentials import Role, create_credential


@dataclass(frozen=True, slots=True)
class Callers:
    """Clients that differ in their token only; `app` is what they call."""

    app: FastAPI
    nobody: httpx.AsyncClient
    sink: httpx.AsyncClient
    reader: httpx.AsyncClient
    admin: httpx.AsyncClient

    async def post(self, notification: Any, **options: Any) -> httpx.Response:
        return await self.sink.post("/notifications", json=notification, **options)

    async def history(self, **question: Any) -> list[dict[str, Any]]:
        answer = await self.reader.post("/events/retrieve", json=question)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


@pytest.fixture
def settings(conninfo: str) -> Settings:
    """Those of the application; what a test keeps in quarantine arrived on a day that goes by."""
    return Settings.model_validate({"DATABASE_URL": SecretStr(conninfo), "quarantine_days": 36_500})


@pytest.fixture
async def callers(conninfo: str, settings: Settings) -> AsyncIterator[Callers]:
    for role in Role:
        digest = hashlib.sha256(f"token-of-{role}".encode()).digest()
        create_credential(conninfo, f"the-{role}", role, digest, None)
    app = create_app(settings)

    def client(token: str | None) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://receiver.invalid",
            headers={} if token is None else {"authorization": f"Bearer {token}"},
        )

    async with app.router.lifespan_context(app):
        yield Callers(
            app, client(None), client("token-of-sink"), client("token-of-reader"),
            client("token-of-admin"),
        )  # fmt: skip
