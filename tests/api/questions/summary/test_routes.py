"""The summary of the fleet over REST."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from receiver.store.fleet import counting
from tests.api.questions.test_fleet import PHONES, fleet, told
from tests.api.questions.test_status import API, ROAMING, post
from tests.support.asking import notification
from tests.support.callers import Callers


@pytest.fixture(autouse=True)
def counts_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(counting, "REST", 0)


async def summarize(callers: Callers, devices: int) -> dict[str, Any]:
    """Returns the summary as soon as it has so many devices, and all that was acknowledged."""
    asked_at = datetime.now(UTC)
    while True:
        answer = await callers.reader.get("/devices/summary")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        if found["devices"] == devices and datetime.fromisoformat(found["asOf"]) >= asked_at:
            return found
        await asyncio.sleep(0.05)


async def test_an_empty_service_has_no_devices(emptied_callers: Callers) -> None:
    found = await summarize(emptied_callers, 0)
    del found["asOf"]
    assert found == {
        "devices": 0,
        "connectivity": {"values": [], "unknown": 0},
        "roaming": {"roaming": 0, "atHome": 0, "unknown": 0},
        "country": {"values": [], "unknown": 0},
        "networkType": {"values": [], "unknown": 0},
        "heard": {"lastHour": 0, "lastDay": 0},
    }


async def test_each_number_is_that_of_the_devices_that_the_filter_passes(
    emptied_callers: Callers,
) -> None:
    roams = {"roaming": True, "countryCode": 208, "countryName": ["FR"]}
    await post(
        emptied_callers,
        told(1, 0, f"{ROAMING}roaming-status", **roams),
        told(2, 1, f"{ROAMING}roaming-status", **roams),
        told(3, 1, f"{ROAMING}subscription-ended", terminationReason="SUBSCRIPTION_EXPIRED"),
        told(4, 2, f"{ROAMING}roaming-off"),
        told(5, 3, f"{API}reachability-sms"),
        told(6, 4, f"{API}reachability-disconnected"),
    )
    found = await summarize(emptied_callers, 5)
    assert found["connectivity"] == {
        "values": [
            {"value": "CONNECTED_SMS", "devices": 1},
            {"value": "NOT_CONNECTED", "devices": 1},
        ],
        "unknown": len(await fleet(emptied_callers, unknown="connectivity")),
    }
    assert found["roaming"] == {"roaming": 1, "atHome": 1, "unknown": 3}
    assert found["country"] == {
        "values": [{"countryCode": 208, "countryName": ["FR"], "devices": 1}],
        "unknown": len(await fleet(emptied_callers, unknown="country")),
    }
    assert found["networkType"] == {"values": [], "unknown": 5}


async def test_devices_are_heard_from_within_an_hour_and_a_day(emptied_callers: Callers) -> None:
    now = datetime.now(UTC)
    ages = [timedelta(minutes=5), timedelta(hours=2), timedelta(days=2)]
    for number, (phone, age) in enumerate(zip(PHONES, ages, strict=False)):
        event = notification(number, phone, type=f"{API}reachability-data")
        event["time"] = (now - age).isoformat()
        await post(emptied_callers, event)
    found = await summarize(emptied_callers, 3)
    assert found["heard"] == {"lastHour": 1, "lastDay": 2}
    day = datetime.fromisoformat(found["asOf"]) - timedelta(days=1)
    assert len(await fleet(emptied_callers, lastEventTo=day.isoformat())) == 1
