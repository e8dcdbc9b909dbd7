"""A subscription whose notifications name no device is found by the device that was registered."""

from typing import Any

import psycopg
import pytest

from tests.support.asking import PHONE
from tests.support.callers import Callers
from tests.support.subscribing import ROAMING, answered, list_subscriptions, post, register, told

NAI = {"networkAccessIdentifier": "one@operator.example"}
FRANCE: dict[str, Any] = {"roaming": True, "countryCode": 208, "countryName": ["FR"]}


async def ask(callers: Callers, path: str, device: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await callers.reader.post(path, json={"device": device, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def event_ids(page: dict[str, Any]) -> list[str]:
    return [event["eventId"] for event in page["items"]]


@pytest.mark.parametrize("device", [PHONE, NAI])
async def test_events_before_and_after_the_registration_are_those_of_its_device(
    emptied_callers: Callers, device: dict[str, Any]
) -> None:
    await post(emptied_callers, told(1, f"{ROAMING}roaming-status", device=None, **FRANCE))
    for path in ("/devices/retrieve", "/status/retrieve", "/events/retrieve"):
        answer = await emptied_callers.reader.post(path, json={"device": device})
        assert answer.status_code == 404
    entry = await register(emptied_callers, answered() | {"device": device})
    await post(emptied_callers, told(2, f"{ROAMING}roaming-off", device=None))

    summary = await ask(emptied_callers, "/devices/retrieve", device)
    assert [summary["deviceId"]] == entry["deviceIds"]
    assert summary["identifiers"] == [device]
    assert (summary["firstEvent"]["eventId"], summary["lastEvent"]["eventId"]) == ("n-1", "n-2")
    history = await ask(emptied_callers, "/events/retrieve", device)
    assert event_ids(history) == ["n-2", "n-1"]
    by_id = await emptied_callers.reader.get(f"/devices/{summary['deviceId']}/events")
    assert by_id.json() == history
    status = await ask(emptied_callers, "/status/retrieve", device)
    assert status["deviceId"] == summary["deviceId"]
    assert status["roaming"]["value"] is False
    [listed] = await list_subscriptions(emptied_callers, deviceId=summary["deviceId"])
    assert listed["events"]["total"] == 2


async def test_pages_of_linked_devices_follow_each_other_in_time(emptied_callers: Callers) -> None:
    for number in range(9):
        device = PHONE if number % 3 == 0 else None
        await post(emptied_callers, told(number, f"{ROAMING}roaming-on", f"s-{number % 3}", device))
    for name in ("s-1", "s-2"):
        await register(emptied_callers, answered(name))
    for order, expected in (("asc", range(9)), ("desc", range(8, -1, -1))):
        found: list[str] = []
        cursor: dict[str, Any] = {}
        while not found or cursor:
            page = await ask(
                emptied_callers, "/events/retrieve", PHONE, order=order, limit=2, **cursor
            )
            found += event_ids(page)
            cursor = {"cursor": page["nextCursor"]} if "nextCursor" in page else {}
        assert found == [f"n-{number}" for number in expected]


async def test_a_link_that_is_made_between_two_pages_breaks_no_cursor(
    emptied_callers: Callers,
) -> None:
    await post(emptied_callers, *(told(number, f"{ROAMING}roaming-on") for number in range(4)))
    await post(emptied_callers, told(5, f"{ROAMING}roaming-on", "s-2", device=None))
    first = await ask(emptied_callers, "/events/retrieve", PHONE, order="asc", limit=2)
    await register(emptied_callers, answered("s-2"))
    rest = await ask(
        emptied_callers, "/events/retrieve", PHONE, order="asc", limit=9, cursor=first["nextCursor"]
    )
    assert event_ids(rest) == ["n-2", "n-3", "n-5"]


async def test_without_the_registration_nothing_of_it_remains(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    await post(
        emptied_callers,
        told(1, f"{ROAMING}roaming-on", "s-1"),
        told(2, f"{ROAMING}roaming-off", "s-2", device=None),
    )
    answers = ("/devices/retrieve", "/status/retrieve", "/events/retrieve")
    before = [{**await ask(emptied_callers, path, PHONE), "asOf": ""} for path in answers]
    await register(emptied_callers, answered("s-2"))
    between = [{**await ask(emptied_callers, path, PHONE), "asOf": ""} for path in answers]
    assert all(one != other for one, other in zip(before, between, strict=True))
    with psycopg.connect(callers_conninfo) as connection:
        connection.execute("DELETE FROM subscription_registration")
    assert [{**await ask(emptied_callers, path, PHONE), "asOf": ""} for path in answers] == before


async def test_a_subscription_that_was_reported_with_another_device_stands_for_none(
    emptied_callers: Callers,
) -> None:
    other = {"phoneNumber": "+99999991007"}
    await post(
        emptied_callers,
        told(1, f"{ROAMING}roaming-on", device=other),
        told(2, f"{ROAMING}roaming-off", device=None),
    )
    entry = await register(emptied_callers, answered())
    assert len(entry["deviceIds"]) == 2
    assert event_ids(await ask(emptied_callers, "/events/retrieve", other)) == ["n-1"]
    answer = await emptied_callers.reader.post("/events/retrieve", json={"device": PHONE})
    assert answer.status_code == 404


async def test_a_registered_type_covers_a_value_that_another_subscription_left(
    emptied_callers: Callers,
) -> None:
    await post(
        emptied_callers,
        told(1, f"{ROAMING}roaming-on", "s-1"),
        told(5, f"{ROAMING}subscription-ended", "s-1"),
    )
    assert (await ask(emptied_callers, "/status/retrieve", PHONE))["roaming"]["unknown"]
    covering = answered("s-2", startsAt="2026-04-17T07:00:03Z")
    await register(emptied_callers, covering)
    assert (await ask(emptied_callers, "/status/retrieve", PHONE))["roaming"]["value"] is True
