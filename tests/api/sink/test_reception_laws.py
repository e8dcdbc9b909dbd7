"""Laws of the reception: understood once, answered once, whatever becomes of the neighbours."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from receiver.events import registry
from receiver.events.examples import NOTIFICATION
from tests.support.bodies import cloudevent
from tests.support.callers import Callers

BATCH = {"content-type": "application/cloudevents-batch+json"}
BAD = {**NOTIFICATION, "time": "noon"}


@pytest.fixture
def understood(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the notifications that were understood, or tried to be, in order."""
    ids: list[str] = []
    understand = registry.understand

    def counted(envelope: Any, *arguments: Any) -> Any:
        ids.append(str(envelope.event_id))
        return understand(envelope, *arguments)

    monkeypatch.setattr(registry, "understand", counted)
    return ids


@pytest.mark.parametrize(
    ("sent", "headers", "status"),
    [
        (NOTIFICATION, {}, 204),
        (BAD, {}, 400),
        ([NOTIFICATION], BATCH, 204),
        ([BAD], BATCH, 400),
    ],
)
@pytest.mark.parametrize("server", ["wire", "asgi"])
async def test_a_notification_is_understood_once(
    emptied_callers: Callers,
    understood: list[str],
    server: str,
    sent: Any,
    headers: dict[str, str],
    status: int,
) -> None:
    if server == "wire":
        answer = await emptied_callers.post(sent, headers=headers)
    else:
        transport = httpx.ASGITransport(emptied_callers.app)
        known = {"authorization": "Bearer token-of-sink", **headers}
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as asgi:
            answer = await asgi.post("/notifications", json=sent, headers=known)
    assert answer.status_code == status
    assert understood == [NOTIFICATION["id"]]


async def test_a_refused_notification_arrives_once_and_counts_once_against_its_rate(
    callers: Callers,
) -> None:
    refused = [callers.post(BAD) for _ in range(3)]
    assert {answer.status_code for answer in await asyncio.gather(*refused)} == {400}
    counted = (await callers.reader.get("/metrics")).text
    labels = 'call="notifications",reason="notification-refused",status="400"'
    assert f"receiver_answers_total{{{labels}}} 3.0" in counted
    assert 'receiver_quarantined_notifications_total{credential="the-sink"} 3.0' in counted


async def test_an_unforeseen_error_is_nobodys_but_its_senders(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    understand: Callable[..., Any] = registry.understand

    def broken(envelope: Any, *arguments: Any) -> Any:
        if envelope.event_id == "poison":
            raise ZeroDivisionError
        return understand(envelope, *arguments)

    monkeypatch.setattr(registry, "understand", broken)
    data = {"device": {"phoneNumber": "+99999991000"}, "subscriptionId": "1", "roaming": True}
    ids = ["a", "b", "poison", "c", "d"]
    bodies = [cloudevent("roaming-status", data, id=one) for one in ids]
    connections = [await asyncio.open_connection(*await address(callers)) for _ in bodies]
    for (_, writer), body in zip(connections, bodies, strict=True):
        # All of them in one turn of the loop, so that they are received together.
        writer.write(
            b"POST /notifications HTTP/1.1\r\nhost: x\r\nauthorization: Bearer token-of-sink\r\n"
            b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
        )
    answers = [(await reader.readuntil(b"\r\n"))[9:12] for reader, _ in connections]
    for _, writer in connections:
        writer.close()
    assert answers == [b"204", b"204", b"500", b"204", b"204"]
    history = await callers.history(device={"phoneNumber": "+99999991000"})
    assert Counter(event["eventId"] for event in history) == Counter("abcd")


async def address(callers: Callers) -> tuple[str, int]:
    url = callers.nobody.base_url
    return url.host, url.port or 80
