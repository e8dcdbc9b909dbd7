"""The correlator of a request and of its log lines."""

import asyncio
from typing import Any

import httpx
import pytest
import structlog
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from receiver.api.answers.correlator import Correlator, is_well_formed


@pytest.mark.parametrize("sent", [b"a", b"trace:4711/<a>", b"{x}._;-", 256 * b"a"])
def test_a_well_formed_correlator_may_be_echoed(sent: bytes) -> None:
    assert is_well_formed(sent)


@pytest.mark.parametrize("sent", [b"", b"has space", 257 * b"a", b"tab\tbed", b"new\n", b"\xe4"])
def test_any_other_correlator_may_not(sent: bytes) -> None:
    assert not is_well_formed(sent)


async def test_requests_at_once_keep_their_own_correlators_in_log_and_answer() -> None:
    bound: dict[str, Any] = {}
    both_are_here = asyncio.Barrier(2)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await both_are_here.wait()
        bound[scope["path"]] = structlog.contextvars.get_contextvars()["correlator"]
        await PlainTextResponse("")(scope, receive, send)

    transport = httpx.ASGITransport(Correlator(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        calls = [
            asyncio.create_task(client.get(f"/{name}", headers={"x-correlator": name}))
            for name in ("one", "two")
        ]
        answers = [(await call).headers["x-correlator"] for call in calls]
    assert answers == ["one", "two"]
    assert bound == {"/one": "one", "/two": "two"}
