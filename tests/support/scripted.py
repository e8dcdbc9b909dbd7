"""A service that answers what a test wrote down, and then hangs up; it records what was asked."""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.described import schemas

# No client of a test is silent for so long.
PATIENCE_SECONDS = 30


@dataclass(slots=True)
class Scripted:
    """Where it is, and the requests that came: heads and bodies as they arrived."""

    url: str
    requests: list[str] = field(default_factory=list)


def answer(status: int, body: str = "", *headers: str) -> bytes:
    """An answer as bytes, of a status and a whole body."""
    length = f"Content-Length: {len(body.encode())}"
    lines = [f"HTTP/1.1 {status} Scripted", length, "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def stream(*pieces: str) -> bytes:
    """An answer in chunks whose last chunk never comes."""
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunks = [f"{len(piece.encode()):x}\r\n{piece}\r\n" for piece in pieces]
    return (head + "".join(chunks)).encode()


def event_block(event_id: str) -> str:
    """A block of the live stream with the event of the example."""
    event = {**schemas()["Event"]["example"], "id": event_id}
    return f"id: {event_id}\ndata: {json.dumps(event)}\n\n"


@contextmanager
def scripted(*answers: bytes) -> Iterator[Scripted]:
    """Answers one request after the other; the last answer is repeated."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE_SECONDS)
        service = Scripted(f"http://127.0.0.1:{listener.getsockname()[1]}")
        is_over = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, answers, service, is_over))
        thread.start()
        try:
            yield service
        finally:
            is_over.set()
            # It waits for a connection.
            socket.create_connection(listener.getsockname()).close()
            thread.join(PATIENCE_SECONDS)


def _serve(
    listener: socket.socket, answers: Sequence[bytes], service: Scripted, is_over: threading.Event
) -> None:
    number = 0
    while True:
        connection, _ = listener.accept()
        with connection:
            if is_over.is_set():
                return
            connection.settimeout(PATIENCE_SECONDS)
            service.requests.append(_read(connection))
            connection.sendall(answers[min(number, len(answers) - 1)])
            number += 1


def _read(connection: socket.socket) -> str:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += connection.recv(65536)
    return (head + b"\r\n\r\n" + body).decode()
