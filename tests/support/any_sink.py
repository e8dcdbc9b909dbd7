"""Sinks of other people, on real sockets: one that does what CAMARA asks, and its variations."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "the-token-of-any-sink"  # noqa: S105 - opens nothing but these sinks

STRUCTURED = "application/cloudevents+json"
REQUIRED = ("id", "source", "type", "specversion")
LARGEST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_chunked(self) -> bool:
        return "transfer-encoding" in self.headers

    @property
    def event(self) -> dict[str, Any]:
        """The members of the event, in whichever mode; empty where there is none."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return {}
        if not isinstance(document, dict):
            return {}
        if "ce-id" in self.headers:
            attributes = {
                name.removeprefix("ce-"): value
                for name, value in self.headers.items()
                if name.startswith("ce-")
            }
            return {**attributes, "data": document}
        return document


@dataclass(frozen=True, slots=True)
class Reply:
    """What a sink answers; `hangs` and `closes` are no answer at all."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    hangs: bool = False
    closes: bool = False


Decide = Callable[[Received], Reply]


def error(status: int, code: str, **headers: str) -> Reply:
    body = json.dumps({"status": status, "code": code, "message": "It is wrong."}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"content-type": "application/json", **named}, body)


def decide_rightly(received: Received) -> Reply:
    """Does all that is asked for, and nothing that need not be done."""
    reply = _decide(received)
    echoed = received.headers.get("x-correlator")
    return (
        reply
        if echoed is None
        else replace(reply, headers={**reply.headers, "x-correlator": echoed})
    )


def _decide(received: Received) -> Reply:
    if received.method != "POST":
        return error(405, "METHOD_NOT_ALLOWED", allow="POST")
    scheme, _, token = received.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token != TOKEN:
        return error(401, "UNAUTHENTICATED", www_authenticate="Bearer")
    is_binary = received.media_type == "application/json" and "ce-id" in received.headers
    if received.media_type != STRUCTURED and not is_binary:
        return error(415, "UNSUPPORTED_MEDIA_TYPE")
    if "content-encoding" in received.headers:
        return error(415, "UNSUPPORTED_MEDIA_TYPE")
    if len(received.body) > LARGEST:
        return error(413, "PAYLOAD_TOO_LARGE")
    event = received.event
    if any(not event.get(name) for name in REQUIRED):
        return error(400, "INVALID_ARGUMENT")
    if not isinstance(event.get("data", {}), dict):
        return error(400, "INVALID_ARGUMENT")
    return Reply(204)


@contextmanager
def serving(decide: Decide) -> Iterator[str]:
    """Serves a sink on loopback, and yields its URL."""
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else the answer waits for the acknowledgement of its head.
        wbufsize = -1

        def handle_one(self) -> None:
            body = self._read_body()
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = decide(Received(self.command, self.path, headers, body))
            if reply.hangs:
                released.wait()
            if reply.hangs or reply.closes:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)
            self.wfile.flush()

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):
                return self.handle_one
            raise AttributeError(name)

        def _read_body(self) -> bytes:
            if "chunked" not in self.headers.get("transfer-encoding", ""):
                return self.rfile.read(int(self.headers.get("content-length", 0)))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, *_: object) -> None:
            """Prints nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="any-sink")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hooks/camara"
    finally:
        released.set()
        server.shutdown()
        thread.join()
        server.server_close()
