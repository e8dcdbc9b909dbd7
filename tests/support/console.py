"""People in front of the console: who signed in, and the pages as they are read."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
from bs4 import BeautifulSoup

from tests.support.callers import TIMEOUT_SECONDS, Callers

# What a browser says of a form on a page of the same site.
OWN = {"sec-fetch-site": "same-origin"}


@asynccontextmanager
async def visiting(callers: Callers) -> AsyncIterator[httpx.AsyncClient]:
    """Opens a browser's window without a session, that keeps cookies."""
    transport = httpx.AsyncHTTPTransport(verify=False, trust_env=False)
    url = callers.nobody.base_url
    async with httpx.AsyncClient(
        transport=transport, base_url=url, timeout=TIMEOUT_SECONDS
    ) as client:
        yield client


@asynccontextmanager
async def signed_in(callers: Callers, role: str = "reader") -> AsyncIterator[httpx.AsyncClient]:
    """Opens a window in which the holder of a credential has signed in."""
    async with visiting(callers) as client:
        answer = await submit(client, "/console/sign-in", {"token": f"token-of-{role}"})
        assert answer.status_code == 303, answer.text
        yield client


async def submit(
    client: httpx.AsyncClient, path: str, fields: Mapping[str, str] | None = None
) -> httpx.Response:
    """Sends a form as a page of the console does."""
    return await client.post(path, data=fields, headers=OWN)


async def read_page(client: httpx.AsyncClient, path: str, status: int = 200) -> BeautifulSoup:
    """Returns a page that is answered with this status."""
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "text/html; charset=utf-8",
    )
    return BeautifulSoup(answer.text, "html.parser")
