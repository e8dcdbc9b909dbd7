"""A refusal stands behind the answers that a connection still owes, and ends it."""

import asyncio
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from receiver.api.answers.exchange import COUNT_ANSWER
from tests.support.listening import protocol_of, served

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a little later."""
    await asyncio.sleep(0.05)
    await PlainTextResponse("answered")(scope, receive, send)


@pytest.mark.parametrize("before", [0, 1, 3])
async def test_what_is_not_http_is_refused_behind_what_came_before(before: int) -> None:
    counted: list[tuple[Any, ...]] = []
    state = {COUNT_ANSWER: lambda *answer: counted.append(answer)}
    async with served(protocol_of(app, state)) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(before * GET + b"\0\r\n\r\n")
        answers = await asyncio.wait_for(reader.read(), 10)
        writer.close()
    assert answers.count(b"HTTP/1.1 200 ") == before
    assert answers.count(b"HTTP/1.1 400 ") == 1
    assert answers.endswith(b'"message":"Invalid HTTP request received."}')
    assert counted == [("connection", 400, "not-http")]
