"""The status of a device over REST, exact after each 204."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.asking import PHONE, device_id, notification
from tests.support.callers import Callers

API = "org.camaraproject.device-reachability-status-subscriptions.v0."
ROAMING = "org.camaraproject.device-roaming-status-subscriptions.v0."


def told(number: int, type_: str, subscription: str = "s-1", **data: Any) -> dict[str, Any]:
    """Makes an event of the device; a higher number happened later."""
    return notification(
        number,
        PHONE,
        type=type_,
        data={"device": PHONE, "subscriptionId": subscription, **data},
    )


async def status(callers: Callers, device: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await callers.reader.post("/status/retrieve", json={"device": device or PHONE})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def post(callers: Callers, *events: dict[str, Any]) -> None:
    for event in events:
        assert (await callers.post(event)).status_code == 204


async def test_a_status_has_a_value_or_unknown_on_each_axis(emptied_callers: Callers) -> None:
    await post(
        emptied_callers,
        told(1, f"{ROAMING}roaming-status", roaming=True, countryCode=208, countryName=["FR"]),
    )
    [event] = await emptied_callers.history(device=PHONE)
    found = await status(emptied_callers)
    as_of = found.pop("asOf")
    assert as_of.endswith("Z")
    assert found == {
        "deviceId": event["deviceId"],
        "connectivity": {"unknown": True, "because": "never-reported"},
        "roaming": {
            "value": True,
            "since": "2026-04-17T07:00:01.000000Z",
            "confirmedAt": "2026-04-17T07:00:01.000000Z",
            "eventId": event["id"],
            "countryCode": 208,
            "countryName": ["FR"],
        },
        "networkType": {"unknown": True, "because": "never-reported"},
        "lastEventAt": "2026-04-17T07:00:01.000000Z",
    }
    again = await emptied_callers.reader.get(f"/devices/{event['deviceId']}/status")
    assert (again.status_code, {**again.json(), "asOf": as_of}) == (200, {**found, "asOf": as_of})


async def test_every_event_is_in_the_answer_as_soon_as_it_is_acknowledged(
    emptied_callers: Callers,
) -> None:
    for number in range(40):
        name = "reachability-data" if number % 2 else "reachability-disconnected"
        await post(emptied_callers, told(number, API + name))
        value = "CONNECTED_DATA" if number % 2 else "NOT_CONNECTED"
        assert (await status(emptied_callers))["connectivity"]["value"] == value


async def test_the_order_of_arrival_changes_no_answer(emptied_callers: Callers) -> None:
    await post(
        emptied_callers,
        told(9, f"{API}reachability-sms"),
        told(3, f"{API}reachability-data"),
        told(5, f"{API}reachability-sms"),
        told(3, f"{API}reachability-data"),
    )
    found = (await status(emptied_callers))["connectivity"]
    assert (found["value"], found["since"][-9:]) == ("CONNECTED_SMS", "5.000000Z")


async def test_a_value_nobody_tells_any_more_is_unknown_and_the_last_one_stands_apart(
    emptied_callers: Callers,
) -> None:
    await post(
        emptied_callers,
        told(1, f"{ROAMING}roaming-status", roaming=True, countryCode=208, countryName=["FR"]),
        told(2, f"{ROAMING}subscription-ended", terminationReason="SUBSCRIPTION_EXPIRED"),
    )
    found = (await status(emptied_callers))["roaming"]
    assert {"unknown", "because", "at", "last"} == set(found)
    assert (found["because"], found["at"][-9:]) == ("subscription-ended", "2.000000Z")
    assert (found["last"]["value"], found["last"]["countryCode"]) == (True, 208)
    await post(emptied_callers, told(3, f"{ROAMING}roaming-off", "s-2"))
    found = (await status(emptied_callers))["roaming"]
    assert (found["value"], found["since"][-9:]) == (False, "3.000000Z")
    assert "countryCode" not in found


async def test_an_inactive_subscription_tells_nothing_until_it_is_active_again(
    emptied_callers: Callers,
) -> None:
    await post(
        emptied_callers,
        told(1, f"{API}reachability-data"),
        told(2, f"{API}subscription-updated", updateReason="SUBSCRIPTION_INACTIVE"),
    )
    found = (await status(emptied_callers))["connectivity"]
    assert found["because"] == "subscription-inactive"
    await post(
        emptied_callers, told(3, f"{API}subscription-updated", updateReason="SUBSCRIPTION_ACTIVE")
    )
    assert (await status(emptied_callers))["connectivity"]["value"] == "CONNECTED_DATA"


async def test_a_device_has_what_its_subscription_tells_without_naming_it(
    emptied_callers: Callers,
) -> None:
    nameless = notification(2, {}, type=f"{API}reachability-sms", data={"subscriptionId": "s-1"})
    await post(emptied_callers, told(1, f"{API}reachability-data"), nameless)
    assert (await status(emptied_callers))["connectivity"]["value"] == "CONNECTED_SMS"
    # A second device of the same subscription: it stands for neither of them any more.
    other = {"phoneNumber": "+99999991002"}
    await post(
        emptied_callers, notification(3, other, data={"device": other, "subscriptionId": "s-1"})
    )
    assert (await status(emptied_callers))["connectivity"]["value"] == "CONNECTED_DATA"


async def test_an_identifier_means_the_device_that_it_means_elsewhere(
    emptied_callers: Callers,
) -> None:
    identifier = {"networkAccessIdentifier": "device@operator.example"}
    await post(emptied_callers, notification(1, {**PHONE, **identifier}))
    assert (await status(emptied_callers, identifier))["deviceId"] == await device_id(
        emptied_callers, PHONE
    )
    await post(emptied_callers, notification(2, {"phoneNumber": "+99999991002", **identifier}))
    answer = await emptied_callers.reader.post("/status/retrieve", json={"device": identifier})
    assert (answer.status_code, answer.json()["code"]) == (422, "SERVICE_NOT_APPLICABLE")


@pytest.mark.parametrize("device", [PHONE, {"networkAccessIdentifier": "a@operator.example"}])
async def test_an_identifier_never_seen_is_404(
    emptied_callers: Callers, device: dict[str, str]
) -> None:
    answer = await emptied_callers.reader.post("/status/retrieve", json={"device": device})
    assert (answer.status_code, answer.json()["code"]) == (404, "IDENTIFIER_NOT_FOUND")
    answer = await emptied_callers.reader.get(f"/devices/{uuid4()}/status")
    assert (answer.status_code, answer.json()["code"]) == (404, "IDENTIFIER_NOT_FOUND")
