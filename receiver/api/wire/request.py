"""One request and its answer: uvicorn's cycle, which makes nothing that nobody asks for.

The reception takes headers and body of nearly every request and answers it at once. What an
application alone needs, ASGI's scope and an event to wait for, is made when it is asked for.
"""

import asyncio
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from receiver.api.answers.correlator import HEADER
from receiver.api.answers.exchange import Answer, Headers


class Target(NamedTuple):
    """What a request asks for.

    Attributes:
        url: as sent.
        path: decoded.
        raw_path: as sent.
        query: as sent, without its question mark.
    """

    url: bytes
    path: str
    raw_path: bytes
    query: bytes


# Of a connection that has asked for nothing yet.
NO_TARGET = Target(b"", "", b"", b"")


def read_target(url: bytes) -> Target:
    """Reads a URL as uvicorn does.

    Raises:
        httptools.HttpParserInvalidURLError, UnicodeDecodeError: it is none.
    """
    parsed = httptools.parse_url(url)
    path = parsed.path.decode("ascii")
    path = unquote(path) if "%" in path else path
    return Target(url, path, parsed.path, parsed.query or b"")


class AnswerHeads:
    """The head of the latest answer, which nearly every answer has."""

    def __init__(self) -> None:
        self._latest: tuple[Answer | None, Headers | None, bytes] = (None, None, b"")

    def find(self, answer: Answer, headers: Headers) -> bytes:
        """Returns the head of an answer up to its correlator.

        Args:
            headers: the server's own; uvicorn makes them anew once a second.
        """
        known_answer, known_headers, head = self._latest
        if answer is not known_answer or headers is not known_headers:
            lines = [b"%b: %b\r\n" % header for header in (*headers, *answer.headers)]
            head = b"".join([STATUS_LINE[answer.status], *lines, HEADER, b": "])
            self._latest = (answer, headers, head)
        return head


class Request(RequestResponseCycle):
    """One request of a connection, and its answer; as the reception has it, it is an `Exchange`.

    Attributes:
        method: as sent.
        headers: by lower-case name; if a header repeats, the first counts.
        body: what has arrived of it and no application has taken.
        heads: of answers; set where the reception answers.

    Args:
        connection: whose head is complete.
        sent: its headers, as ASGI gives them.
        common: the part of ASGI's scope that the requests of the connection share.
    """

    # As each request begins, by uvicorn's names.
    access_log = False
    chunked_encoding = None
    disconnected = False
    expected_content_length = 0
    more_body = True
    response_complete = False
    response_started = False

    body: Any
    heads: AnswerHeads
    _event: asyncio.Event | None = None

    def __init__(
        self,
        connection: HttpToolsProtocol,
        target: Target,
        sent: Headers,
        headers: dict[bytes, bytes],
        version: str,
        common: dict[str, Any],
    ) -> None:
        parser = connection.parser
        self.body = bytearray()
        self.default_headers = connection.server_state.default_headers
        self.flow = connection.flow
        self.headers = headers
        self.keep_alive = version != "1.0" and parser.should_keep_alive()
        self.logger = connection.logger
        self.method = parser.get_method()
        self.on_response = connection.on_response_complete
        self.target = target
        self.transport = connection.transport
        self.waiting_for_100_continue = connection.expect_100_continue
        self._common = common
        self._sent = sent
        self._version = version

    @cached_property
    def scope(self) -> Any:  # type: ignore[override] # an attribute of uvicorn's
        """ASGI's scope."""
        common, target = self._common, self.target
        return {
            **common,
            "asgi": common["asgi"].copy(),
            "state": common["state"].copy(),
            "http_version": self._version,
            "method": self.method.decode("ascii"),
            "path": common["root_path"] + target.path,
            "raw_path": common["root_path"].encode("ascii") + target.raw_path,
            "query_string": target.query,
            "headers": self._sent,
        }

    @property
    def message_event(self) -> Any:  # type: ignore[override] # an attribute of uvicorn's
        """What an application waits for: more of the body, or the end of the connection."""
        if self._event is None:
            self._event = asyncio.Event()
            if self.body or self.disconnected or not self.more_body:
                self._event.set()
        return self._event

    def tell(self) -> None:
        """Wakes the application, if it waits."""
        if self._event is not None:
            self._event.set()

    async def read_body(self, limit_bytes: int) -> bytes:
        """Returns the body, which is whole; the reception knows its limit."""
        return bytes(self.body)

    def respond(self, answer: Answer, correlator: bytes) -> None:
        """Writes the answer as uvicorn would."""
        transport = self.transport
        if self.disconnected or transport.is_closing():
            return
        head = self.heads.find(answer, self.default_headers)
        end = b"\r\n\r\n" if self.keep_alive else b"\r\nconnection: close\r\n\r\n"
        self.response_started = self.response_complete = True
        transport.write(head + correlator + end + answer.body)
        if not self.keep_alive:
            transport.close()
        self.on_response()
        # As uvicorn does: else request and connection would hold one another.
        self.on_response = _do_nothing


def _do_nothing() -> None:
    pass
