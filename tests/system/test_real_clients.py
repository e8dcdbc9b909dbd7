"""The clients that providers use, with their defaults: every notification is 204 and read back."""

import json
from uuid import uuid4

import pytest

from tests.support.service import Service, notification
from tests.system.clients.programs import CLIENTS

POSTS = 5


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("size", [0, 100_000], ids=["small", "large"])
def test_every_notification_of_a_client_is_stored(
    service: Service, sink: str, reader: str, client: str, size: int
) -> None:
    number = f"+99999{uuid4().int % 10**9:09}"
    events = [notification(phone_number=number) for _ in range(POSTS)]
    for event in events:
        event["data"]["padding"] = "ü" * (size // 2)
    bodies = [json.dumps(event, ensure_ascii=size == 0) for event in events]
    assert CLIENTS[client](f"{service.address}/notifications", sink, bodies) == [204] * POSTS
    stored = service.history(reader, number)
    assert {one.event_id for one in stored} == {event["id"] for event in events}
    assert [one.deliveries for one in stored] == [1] * POSTS
