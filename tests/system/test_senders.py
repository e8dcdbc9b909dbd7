"""An independent SDK and hand-written HTTP get the same results in each of CloudEvents' modes."""

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from cloudevents.core.bindings import http
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from receiver.client import Device, Event, Status
from tests.support.service import Installation, Service, bearer

BATCH = "application/cloudevents-batch+json"
PREFIX = "org.camaraproject.device-roaming-status-subscriptions.v0."

Message = tuple[dict[str, str], bytes]


def attributes(phone_number: str) -> dict[str, Any]:
    return {
        "id": f"of {phone_number} ü",
        "source": "https://operator.invalid/subscriptions/s-1",
        "type": f"{PREFIX}roaming-change-country",
        "specversion": "1.0",
        "datacontenttype": "application/json",
    }


def data(phone_number: str) -> dict[str, Any]:
    return {
        "device": {"phoneNumber": phone_number},
        "subscriptionId": "s-1",
        "countryCode": 208,
        "countryName": ["FR"],
    }


def by_sdk(mode: str, phone_number: str) -> Message:
    time = datetime(2026, 4, 17, 7, 31, 1, 416474, UTC)
    event = CloudEvent({**attributes(phone_number), "time": time}, data(phone_number))
    if mode == "batch":
        return {"content-type": BATCH}, b"[" + JSONFormat().write(event) + b"]"
    message = (http.to_binary_event if mode == "binary" else http.to_structured_event)(event)
    assert isinstance(message.body, bytes)
    return dict(message.headers), message.body


def by_hand(mode: str, phone_number: str) -> Message:
    time = "2026-04-17T07:31:01.416474Z"
    whole = {**attributes(phone_number), "time": time, "data": data(phone_number)}
    match mode:
        case "structured":
            return {"Content-Type": "application/cloudevents+json"}, json.dumps(whole).encode()
        case "batch":
            return {"Content-Type": BATCH}, f"[{json.dumps(whole)}]".encode()
        case _:
            headers = {
                "Content-Type": "application/json",
                "CE-Id": f"of%20{phone_number}%20%C3%BC",
                "ce-source": "https://operator.invalid/subscriptions/s-1",
                "cE-tYpE": f"{PREFIX}roaming-change-country",
                "ce-specversion": "1.0",
                "ce-time": time,
            }
            return headers, json.dumps(data(phone_number)).encode()


def send_by_httpx(address: str, token: str, message: Message) -> int:
    headers, body = message
    answer = httpx.post(
        f"{address}/notifications", content=body, headers={**headers, **bearer(token)}, timeout=30
    )
    return answer.status_code


def send_raw(address: str, token: str, message: Message) -> int:
    headers, body = message
    lines = [
        "POST /notifications HTTP/1.1",
        "Host: receiver.invalid",
        f"Authorization: Bearer {token}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    place = urlsplit(address)
    assert place.hostname is not None
    with socket.create_connection((place.hostname, place.port or 80), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return int(answer.split(b" ", 2)[1])


SENDERS: dict[str, tuple[Callable[[str, str], Message], Callable[[str, str, Message], int]]] = {
    "sdk": (by_sdk, send_by_httpx),
    "raw": (by_hand, send_raw),
}


@pytest.mark.parametrize("mode", ["structured", "batch", "binary"])
@pytest.mark.parametrize("sender", SENDERS)
def test_every_sender_gets_the_same_result_in_every_mode(
    service: Service, shared_installation: Installation, mode: str, sender: str
) -> None:
    make, send = SENDERS[sender]
    phone_number = f"+9999988{len(mode):02}{len(sender)}{ord(sender[0]):03}"
    message = make(mode, phone_number)
    for _ in range(2):
        assert send(service.address, shared_installation.token("sink"), message) == 204
    [event] = service.history(shared_installation.token("reader"), phone_number)
    assert event == Event(
        # Ours.
        id=event.id,
        device_id=event.device_id,
        received_at=event.received_at,
        credential=event.credential,
        # The sender's.
        kind="roaming",
        name="roaming-change-country",
        type=f"{PREFIX}roaming-change-country",
        source="https://operator.invalid/subscriptions/s-1",
        event_id=f"of {phone_number} ü",
        form="cloudevents",
        subscription_id="s-1",
        occurred_at=datetime.fromisoformat("2026-04-17T07:31:01.416474Z"),
        deliveries=2,
        device=Device(phone_number=phone_number),
        status=Status(roaming=True, country_code=208, country_name=("FR",)),
        findings=(),
    )
