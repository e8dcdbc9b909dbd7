"""One request and its answer: what is made of it at once, and what when it is asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httptools
import pytest
from starlette.types import Receive, Scope, Send

from receiver.api.answers.exchange import Answer
from receiver.api.wire.request import AnswerHeads, Request, Target, read_target
from tests.support.listening import protocol_of

DATE = [(b"date", b"Thu, 01 Jan 2026 00:00:00 GMT")]
STORED = Answer(204, "ok", (), b"")


class Far(asyncio.Transport):
    """The far end of a connection; it remembers what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def resume_reading(self) -> None:
        pass


async def silent(_scope: Scope, receive: Receive, _send: Send) -> None:
    """Never answers; ends when the caller hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass


@asynccontextmanager
async def requested(sent: bytes) -> AsyncIterator[tuple[Request, Far]]:
    """A request of a connection of its own, and the far end of that."""
    far = Far()
    connection = protocol_of(silent, {})()
    connection.connection_made(far)
    connection.data_received(sent)
    yield connection.cycle, far
    await asyncio.sleep(0)
    connection.connection_lost(None)
    await asyncio.gather(*connection.tasks)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (b"/", Target(b"/", "/", b"/", b"")),
        (b"/a%20b?c=%20d", Target(b"/a%20b?c=%20d", "/a b", b"/a%20b", b"c=%20d")),
        (
            b"http://x/notifications",
            Target(b"http://x/notifications", "/notifications", b"/notifications", b""),
        ),
    ],
)
def test_a_target_is_read_to_the_letter(url: bytes, target: Target) -> None:
    assert target == read_target(url)


@pytest.mark.parametrize("url", [b"", b"no url", b"http:///"])
def test_what_is_no_url_is_refused(url: bytes) -> None:
    with pytest.raises(httptools.HttpParserInvalidURLError):
        read_target(url)


async def test_if_a_header_repeats_the_first_counts_and_an_application_gets_both() -> None:
    sent = b"GET / HTTP/1.1\r\nHost: x\r\nA: first\r\na: second\r\n\r\n"
    async with requested(sent) as (request, _):
        assert request.headers == {b"host": b"x", b"a": b"first"}
        assert request.scope["headers"] == [(b"host", b"x"), (b"a", b"first"), (b"a", b"second")]


async def test_each_request_has_a_scope_and_a_state_of_its_own() -> None:
    sent = b"GET /a?b HTTP/1.1\r\nhost: x\r\n\r\n"
    async with requested(sent) as (first, _), requested(sent) as (second, _):
        assert (first.scope["path"], first.scope["query_string"]) == ("/a", b"b")
        first.scope["state"]["mine"] = first.scope["asgi"]["mine"] = True
        assert second.scope["state"] == {}
        assert "mine" not in second.scope["asgi"]


@pytest.mark.parametrize("end", [b"", b"ab", b"abcd"])
async def test_an_application_that_waits_late_learns_what_came_before(end: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"
    async with requested(head + end) as (request, _):
        assert request.message_event.is_set() == bool(end)
        request.tell()
        assert request.message_event.is_set()


async def test_the_head_of_an_answer_is_written_anew_where_it_differs() -> None:
    heads = AnswerHeads()
    first = heads.find(STORED, DATE)
    assert first is heads.find(STORED, DATE)
    assert (
        first == b"HTTP/1.1 204 No Content\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\nx-correlator: "
    )
    assert b"date: later" in heads.find(STORED, [(b"date", b"later")])
    assert heads.find(Answer(400, "refused", (), b""), DATE).startswith(b"HTTP/1.1 400 ")


async def test_a_request_whose_caller_is_gone_is_not_answered() -> None:
    sent = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"
    async with requested(sent) as (request, far):
        request.heads = AnswerHeads()
        request.disconnected = True
        request.respond(STORED, b"mine")
        assert far.written == b""
        assert not request.response_complete
