"""The reception as an ASGI application answers as it does over the wire."""

import asyncio
import gzip
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from starlette.types import Message, Scope

from receiver.api.answers.exchange import Exchange
from receiver.api.sink.asgi import SinkApplication
from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION
from tests.support.callers import Callers

BODY = httpx.Request("POST", "http://x", json=NOTIFICATION).content
SENT = {
    "a CloudEvent": {"json": NOTIFICATION},
    "the older form": {"json": LEGACY_NOTIFICATION},
    "a correlator": {"json": NOTIFICATION, "headers": {"x-correlator": "mine"}},
    "no correlator": {"json": NOTIFICATION, "headers": {"x-correlator": "not mine"}},
    "a batch": {
        "json": [NOTIFICATION],
        "headers": {"content-type": "application/cloudevents-batch+json"},
    },
    "binary mode": {
        "json": NOTIFICATION["data"],
        "headers": {
            "ce-specversion": "1.0", "ce-id": "1", "ce-source": "//x",
            "ce-type": str(NOTIFICATION["type"]),
        },
    },
    "another media type": {"content": BODY, "headers": {"content-type": "text/plain"}},
    "no media type": {"content": BODY},
    "an array": {"json": [NOTIFICATION]},
    "gzip": {"content": gzip.compress(BODY), "headers": {"content-encoding": "gzip"}},
    "gzip cut off": {
        "content": gzip.compress(BODY)[:-1], "headers": {"content-encoding": "gzip"},
    },
    "a gzip bomb": {
        "content": gzip.compress(300_000 * b" "), "headers": {"content-encoding": "gzip"},
    },
    "brotli": {"content": b"{", "headers": {"content-encoding": "br"}},
    "no JSON": {"content": b"{", "headers": {"content-type": "application/json"}},
    "no sense": {"json": {**NOTIFICATION, "time": "noon"}},
    "nothing": {"headers": {"content-type": "application/json"}},
    "too much": {"content": 300_000 * b" ", "headers": {"content-type": "application/json"}},
    "a stranger's": {"json": NOTIFICATION, "headers": {"authorization": "Bearer nobody"}},
    "a reader's": {"json": NOTIFICATION, "headers": {"authorization": "Bearer token-of-reader"}},
    "nobody's": {"json": NOTIFICATION, "headers": {"authorization": ""}},
}  # fmt: skip


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT)
async def test_the_wire_and_another_server_give_the_same_answer_and_count_it(
    shared_callers: Callers, sent: dict[str, object]
) -> None:
    headers = {"authorization": "Bearer token-of-sink"}
    before = await shared_callers.count_answers()
    asgi = httpx.ASGITransport(shared_callers.app)
    async with httpx.AsyncClient(
        transport=asgi, base_url="http://x", headers=headers
    ) as asgi_client:
        told = []
        for sender in (shared_callers.sink, asgi_client):
            answer = await sender.post("/notifications", **sent)  # type: ignore[arg-type]
            correlator = answer.headers["x-correlator"]
            for changing in ("date", "server"):
                answer.headers.pop(changing, None)
            if correlator != "mine":
                assert len(answer.headers.pop("x-correlator")) == 32
            told.append((answer.status_code, answer.headers, answer.content))
        assert told[0] == told[1]
    counted = await shared_callers.count_answers() - before
    [(_, status, _)] = [key for key in counted if key[0] == "notifications"]
    assert (status, set(counted.values())) == (str(told[0][0]), {1, 2})


async def test_a_request_that_is_cancelled_at_a_stop_is_503() -> None:
    taken = asyncio.Event()

    class Reception:
        """Answers nobody."""

        def receive(self, _exchanges: Sequence[Exchange]) -> None:
            taken.set()

    reception: Any = Reception()
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("the body is not read")

    scope: Scope = {"type": "http", "headers": [(b"x-correlator", b"mine")]}
    request = asyncio.create_task(SinkApplication(reception)(scope, receive, send))
    await taken.wait()
    request.cancel()
    await request
    start, body = sent
    assert (start["status"], start["headers"][-1]) == (503, (b"x-correlator", b"mine"))
    assert b"The service is stopping" in body["body"]
