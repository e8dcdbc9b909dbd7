"""Framing: which bytes of a connection belong to which request, however TCP cut them.

- An offer to upgrade is ignored (RFC 9110, 7.8), so the body is read by its framing. llhttp ends
  the message behind such a head and would take the body for the next request: the rest of the
  connection goes to a parser that has read the framing headers again.
- Trailers are never headers (RFC 9110, 6.5.1): they are discarded.
- A request is 400 and ends its connection where two readers may understand it differently: a
  missing or doubled `Host`, two different `Authorization` headers, a transfer coding other than
  `chunked`, a version other than HTTP/1.0 and HTTP/1.1.
"""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from receiver.api.answers.exchange import Headers
from receiver.api.wire.request import NO_TARGET, Request, read_target

# Headers that may stand once only; `Authorization` may be repeated if it says the same.
ONCE = (b"host", b"transfer-encoding")
VERSIONS = frozenset({"1.0", "1.1"})
FRAMING = frozenset({b"content-length", b"transfer-encoding"})
EMPTY_BODY = ((b"content-length", b"0"),)


class Discarded(list[tuple[bytes, bytes]]):
    """Takes trailers and keeps none."""

    def append(self, trailer: tuple[bytes, bytes]) -> None:
        pass


TRAILERS = Discarded()


class AmbiguousHead(Exception):
    """Two readers may understand the head differently; the parser turns this into its own error."""


class FramingProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which reads one request for each head."""

    cycle: Request

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._common: dict[str, Any] = {}
        self._target = NO_TARGET

    def data_received(self, data: bytes) -> None:
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = data[offer.args[0] :]
                self._continue_behind_head()
            except httptools.HttpParserError:
                self.send_400_response("Invalid HTTP request received.")
                return
            else:
                return

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # TCP only
        super().connection_made(transport)
        self._common = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": self.root_path,
            "state": self.app_state,
        }

    def on_message_begin(self) -> None:
        # As uvicorn does, but for the scope: a request makes its own when it is asked for it.
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        sent, version = self.headers, self.parser.get_http_version()
        self.headers = TRAILERS
        headers = dict(reversed(sent))
        # By itself, because nearly every head is such a one.
        is_plain = version == "1.1" and b"host" in headers and len(headers) == len(sent)
        if not is_plain or b"transfer-encoding" in headers:
            fault = find_fault(version, sent)
            if fault is not None:
                raise AmbiguousHead(fault)
        if self.url != self._target.url:
            # Few connections ask for more than one thing.
            self._target = read_target(self.url)
        before = self.cycle
        request = Request(self, self._target, sent, headers, version, self._common)
        self.cycle = request
        if before is None or before.response_complete:
            self._start_asgi_task(request, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((request, self.app))

    def on_body(self, body: bytes) -> None:
        request = self.cycle
        if not request.response_complete:
            request.body += body
            if len(request.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            request.tell()

    def on_message_complete(self) -> None:
        request = self.cycle
        if not request.response_complete:
            request.more_body = False
            request.tell()

    def _continue_behind_head(self) -> None:
        """Lets a fresh parser read the body of a request whose head offers to upgrade."""
        headers = self.cycle.scope["headers"]
        framing = [(name, value) for name, value in headers if name in FRAMING] or EMPTY_BODY
        lines = b"".join(b"%b: %b\r\n" % header for header in framing)
        self.parser = httptools.HttpRequestParser(_Continuation(self))
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % lines)


def find_fault(version: str, headers: Headers) -> str | None:
    """Returns why two readers may understand a head differently; None: there is one reading."""
    if version not in VERSIONS:
        return "the version is neither 1.0 nor 1.1"
    known = dict(headers)
    if len(known) < len(headers):
        names = [name for name, _ in headers]
        tokens = {value for name, value in headers if name == b"authorization"}
        if any(names.count(name) > 1 for name in ONCE) or len(tokens) > 1:
            return "a header is repeated"
    if b"host" not in known and version == "1.1":
        return "Host is missing"
    coding = known.get(b"transfer-encoding")
    if coding is not None and coding.strip().lower() != b"chunked":
        return "the transfer coding is not chunked"
    return None


class _Continuation:
    """Passes what a fresh parser reads to the protocol, but not the head that it is given again."""

    def __init__(self, protocol: FramingProtocol) -> None:
        self._protocol = protocol
        self._is_head = True

    def on_message_begin(self) -> None:
        if not self._is_head:
            self._protocol.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self._is_head:
            self._protocol.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_head:
            self._protocol.on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._is_head:
            self._is_head = False
        else:
            self._protocol.on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._protocol.on_body(body)

    def on_message_complete(self) -> None:
        self._protocol.on_message_complete()
