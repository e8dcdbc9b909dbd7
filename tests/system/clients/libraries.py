"""Libraries of Python that post notifications, each over its own default connections."""

import asyncio
import urllib.request
from collections.abc import Callable, Sequence

import aiohttp
import httpx
import requests

Post = Callable[[str, str, Sequence[str]], list[int]]


def headers_of(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/cloudevents+json"}


def by_requests(url: str, token: str, bodies: Sequence[str]) -> list[int]:
    with requests.Session() as session:
        # No proxy of the outer world leads to this machine.
        session.trust_env = False
        return [
            session.post(url, data=body, headers=headers_of(token), timeout=30).status_code
            for body in bodies
        ]


def by_httpx(url: str, token: str, bodies: Sequence[str]) -> list[int]:
    with httpx.Client(trust_env=False) as client:
        return [
            client.post(url, content=body, headers=headers_of(token)).status_code for body in bodies
        ]


def by_aiohttp(url: str, token: str, bodies: Sequence[str]) -> list[int]:
    async def post() -> list[int]:
        statuses = []
        async with aiohttp.ClientSession(headers=headers_of(token)) as session:
            for body in bodies:
                async with session.post(url, data=body) as answer:
                    statuses.append(answer.status)
        return statuses

    return asyncio.run(post())


def by_urllib(url: str, token: str, bodies: Sequence[str]) -> list[int]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    statuses = []
    for body in bodies:
        request = urllib.request.Request(url, body.encode(), headers_of(token))  # noqa: S310 - http
        with opener.open(request, timeout=30) as answer:
            statuses.append(answer.status)
    return statuses


LIBRARIES: dict[str, Post] = {
    "requests": by_requests,
    "httpx": by_httpx,
    "aiohttp": by_aiohttp,
    "urllib": by_urllib,
}
