"""A device by any of its identifiers, and what is known of it."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.asking import IPV4, PHONE, device_id, notification
from tests.support.callers import Callers


async def test_a_device_is_described_by_identifiers_and_first_and_last_event(
    emptied_callers: Callers,
) -> None:
    await emptied_callers.post(notification(2, {**PHONE, "ipv4Address": IPV4}))
    await emptied_callers.post(notification(1, {**PHONE, "ipv6Address": "2001:DB8::0001"}))
    answer = await emptied_callers.reader.post("/devices/retrieve", json={"device": PHONE})
    described = answer.json()
    assert described["identifiers"] == [
        {"phoneNumber": "+99999991000"},
        {"ipv4Address": IPV4},
        {"ipv6Address": "2001:db8::1"},
    ]
    assert described["firstEvent"]["eventId"] == "n-1"
    assert described["lastEvent"]["eventId"] == "n-2"
    again = await emptied_callers.reader.get(f"/devices/{described['deviceId']}")
    assert again.json() == described


@pytest.mark.parametrize(
    "identifier",
    [
        {"networkAccessIdentifier": "device@Operator.EXAMPLE"},
        {"ipv6Address": "2001:0db8:0000::1"},
        {"ipv4Address": {"publicAddress": "203.0.113.7"}},
        {"ipv4Address": IPV4},
        {"ipv4Address": {"publicAddress": "203.0.113.7", "privateAddress": "192.0.2.25"}},
    ],
    ids=str,
)
async def test_every_identifier_that_was_reported_finds_events_and_device(
    emptied_callers: Callers, identifier: dict[str, Any]
) -> None:
    reported = {
        **PHONE,
        "networkAccessIdentifier": "device@operator.example",
        "ipv4Address": {**IPV4, "privateAddress": "192.0.2.25"},
        "ipv6Address": "2001:db8::1",
    }
    await emptied_callers.post(notification(1, reported))
    await emptied_callers.post(notification(2, PHONE))
    assert [event["eventId"] for event in await emptied_callers.history(device=identifier)] == [
        "n-1"
    ]
    assert await device_id(emptied_callers, identifier) == await device_id(emptied_callers, PHONE)


async def test_a_network_access_identifier_means_its_own_device_once_it_had_several(
    emptied_callers: Callers,
) -> None:
    shared = {"networkAccessIdentifier": "shared@operator.example"}
    await emptied_callers.post(notification(1, {**PHONE, **shared}))
    await emptied_callers.post(notification(2, {"phoneNumber": "+99999991002", **shared}))
    answer = await emptied_callers.reader.post("/devices/retrieve", json={"device": shared})
    assert (answer.status_code, answer.json()["code"]) == (422, "SERVICE_NOT_APPLICABLE")
    await emptied_callers.post(notification(3, shared))
    described = await emptied_callers.reader.post("/devices/retrieve", json={"device": shared})
    assert described.json()["lastEvent"]["eventId"] == "n-3"


async def test_an_identifier_means_its_own_device_however_many_others_reported_it(
    emptied_callers: Callers,
) -> None:
    shared = {"networkAccessIdentifier": "shared@operator.example"}
    for number in range(12):
        await emptied_callers.post(
            notification(number, {"phoneNumber": f"+999999910{number:02}", **shared})
        )
    await emptied_callers.post(notification(12, shared))
    described = await emptied_callers.reader.post("/devices/retrieve", json={"device": shared})
    assert (described.status_code, described.json()["lastEvent"]["eventId"]) == (200, "n-12")


@pytest.mark.parametrize("path", ["/devices/retrieve", "/events/retrieve"])
@pytest.mark.parametrize(
    "device",
    [PHONE, {"ipv6Address": "2001:db8::1"}, {"networkAccessIdentifier": "a@b.example"}],
    ids=str,
)
async def test_an_identifier_never_seen_is_404(
    emptied_callers: Callers, path: str, device: dict[str, Any]
) -> None:
    answer = await emptied_callers.reader.post(path, json={"device": device})
    assert (answer.status_code, answer.json()["code"]) == (404, "IDENTIFIER_NOT_FOUND")


async def test_a_device_never_seen_is_404_and_a_known_one_without_matches_is_empty(
    emptied_callers: Callers,
) -> None:
    for path in (f"/devices/{uuid4()}", f"/devices/{uuid4()}/events"):
        answer = await emptied_callers.reader.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "IDENTIFIER_NOT_FOUND")
    await emptied_callers.post(notification(1, PHONE))
    whose = await device_id(emptied_callers, PHONE)
    answer = await emptied_callers.reader.get(f"/devices/{whose}/events?kind=subscription")
    assert (answer.status_code, answer.json()) == (200, {"items": []})
