"""Sending to a sink over HTTP: each request with a deadline, each answer read within bounds."""

import asyncio
import base64
import re
import time
from collections.abc import AsyncIterator, Mapping

import httpx

from receiver.conformance.exchange import Answer, Credential, Request
from receiver.settings.access_tokens import is_loopback

# An ErrorInfo has less than 1 KB; of a page that a sink sends in its place, this is enough.
ANSWER_BYTES_MAX = 64 * 1024
WRONG_TOKEN = "a-token-that-nobody-was-given"  # noqa: S105 - it opens nothing
REDACTED = b"***"


class Sender:
    """Sends requests to one sink, one at a time, on a connection that it keeps.

    Args:
        url: of the sink, used as it is given.
        deadline_seconds: for each request, from its first byte to the last of the answer.
    """

    def __init__(self, url: str, token: str, deadline_seconds: float) -> None:
        self._url = url
        self._token = token
        self._deadline_seconds = deadline_seconds
        self._client = httpx.AsyncClient(
            headers={"accept-encoding": "identity", "user-agent": "receiver-conformance"},
            timeout=None,  # noqa: S113 - the deadline is around the whole
            limits=httpx.Limits(max_connections=1),
            verify=httpx.create_ssl_context(),
            # A proxy of the environment does not lead back to this machine.
            trust_env=not is_loopback(httpx.URL(url).host),
        )

    async def __aenter__(self) -> "Sender":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def send(self, request: Request) -> Answer:
        """Sends one request; the answer says in words where there was none in time."""
        start = time.monotonic()
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._exchange(request, start)
        except TimeoutError:
            return Answer(None, f"none within {self._deadline_seconds:g} s")
        except httpx.HTTPError as error:
            return Answer(None, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower())

    async def _exchange(self, request: Request, start: float) -> Answer:
        content = request.body if request.pieces == 1 else _cut(request)
        headers = {**request.headers, **self._authenticate(request.credential)}
        if request.pieces > 1 and not request.is_chunked:
            headers["content-length"] = str(len(request.body))
        streaming = self._client.stream(request.method, self._url, content=content, headers=headers)
        async with streaming as response:
            stream = response.extensions["network_stream"]
            address = stream.get_extra_info("client_addr")
            body = b""
            async for part in response.aiter_raw():
                body += part
                if len(body) >= ANSWER_BYTES_MAX:
                    break
        return Answer(
            response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            # A sink may repeat the token, which no report shows.
            body=body[:ANSWER_BYTES_MAX].replace(self._token.encode(), REDACTED),
            port=address[1] if address else None,
            seconds=time.monotonic() - start,
        )

    def _authenticate(self, credential: Credential) -> Mapping[str, str]:
        match credential:
            case Credential.RIGHT:
                return {"authorization": f"Bearer {self._token}"}
            case Credential.RIGHT_IN_LOWER_CASE:
                return {"authorization": f"bearer {self._token}"}
            case Credential.RIGHT_AS_BASIC:
                pair = base64.b64encode(f"conformance:{self._token}".encode()).decode()
                return {"authorization": f"Basic {pair}"}
            case Credential.WRONG:
                return {"authorization": f"Bearer {WRONG_TOKEN}"}
            case Credential.NONE:
                return {}


async def _cut(request: Request) -> AsyncIterator[bytes]:
    size = -(-len(request.body) // request.pieces)
    for start in range(0, len(request.body), size):
        if start:
            await asyncio.sleep(request.pause_seconds)
        yield request.body[start : start + size]
