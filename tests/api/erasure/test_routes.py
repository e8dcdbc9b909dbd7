"""Erasure over REST: what a device was is gone, and what comes afterwards is new."""

from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from receiver.settings.settings import Settings
from tests.support.asking import PHONE, device_id, notification
from tests.support.callers import Callers
from tests.support.store.database import column, rows
from tests.support.subscribing import ROAMING, answered, list_subscriptions, post, register, told

OTHER = {"phoneNumber": "+99999992000"}
ON, OFF = f"{ROAMING}roaming-on", f"{ROAMING}roaming-off"
ERASURES = "SELECT to_jsonb(erasure) - 'id' - 'began_at' - 'ended_at' AS counted FROM erasure"


async def forget(callers: Callers, device: dict[str, Any]) -> dict[str, Any]:
    answer = await callers.admin.post("/devices/forget", json={"device": device})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_device_is_erased_with_what_stands_for_it(
    callers: Callers, settings: Settings
) -> None:
    conninfo = settings.database_conninfo or ""
    nai = {"networkAccessIdentifier": "device@operator.example"}
    await post(
        callers,
        told(1, ON, device=PHONE),
        told(2, OFF, device=PHONE | nai),
        told(3, ON, device=None),
        told(4, ON, "s-2", device=nai),
        told(5, ON, "s-3", device=None),
        told(6, ON, "s-4", device=OTHER),
    )
    await register(callers, answered("s-3"))
    assert len(await callers.history(device=PHONE)) == 5
    with capture_logs() as logs:
        done = await forget(callers, PHONE)
    removed = done["removed"]
    assert removed.pop("answers") >= 0
    assert removed == {
        # The number, the identifier, and three subscriptions, one of which was never told alone.
        "devices": 5,
        "events": 5,
        "identities": 5,
        "seeds": 0,
        "counts": 0,
        "registrations": 1,
        "quarantined": 0,
        "spooled": 0,
    }
    [line] = [line for line in logs if line["event"] == "audit"]
    assert (line["action"], line["outcome"], line["credential"], line["erasure"]) == (
        "device.forget",
        "forgotten",
        "the-admin",
        done["id"],
    )
    [row] = rows(conninfo, ERASURES)
    assert row["counted"].pop("answers") >= 0
    assert row["counted"] == {**removed, "credential": "the-admin"}
    for device in (PHONE, nai):
        answer = await callers.reader.post("/devices/retrieve", json={"device": device})
        assert answer.status_code == 404
        answer = await callers.reader.post("/status/retrieve", json={"device": device})
        assert answer.status_code == 404
    assert [each["subscriptionId"] for each in await list_subscriptions(callers)] == ["s-4"]
    assert len(await callers.history(device=OTHER)) == 1
    assert column(conninfo, "SELECT count(*) FROM event") == ["1"]
    assert column(conninfo, "SELECT count(*) FROM event_identity") == ["1"]


async def test_an_event_that_comes_again_begins_a_new_history(emptied_callers: Callers) -> None:
    await post(emptied_callers, *(notification(number, PHONE) for number in range(3)))
    device = await device_id(emptied_callers, PHONE)
    answer = await emptied_callers.admin.delete(f"/devices/{device}")
    assert (answer.status_code, answer.json()["removed"]["events"]) == (200, 3)
    await post(emptied_callers, notification(1, PHONE))
    [event] = await emptied_callers.history(device=PHONE)
    assert (event["deviceId"], event["deliveries"], event["eventId"]) == (device, 1, "n-1")
    answer = await emptied_callers.reader.get(f"/devices/{device}/status")
    assert answer.json()["roaming"]["eventId"] == event["id"]


async def test_erasing_again_removes_nothing_and_an_unknown_device_is_no_error(
    shared_callers: Callers,
) -> None:
    callers, phone = shared_callers, {"phoneNumber": "+99999993001"}
    await post(callers, notification(1, phone))
    assert (await forget(callers, phone))["removed"]["events"] == 1
    for device in (phone, {"networkAccessIdentifier": "nobody@example"}):
        removed = (await forget(callers, device))["removed"]
        assert {name for name, number in removed.items() if number} == {"devices"}
    answer = await callers.admin.delete(f"/devices/{uuid4()}")
    assert answer.status_code == 200


async def test_an_identifier_of_several_devices_means_none(shared_callers: Callers) -> None:
    callers, phone = shared_callers, {"phoneNumber": "+99999993002"}
    nai = {"networkAccessIdentifier": "shared@operator.example"}
    await post(
        callers,
        notification(1, phone | nai),
        notification(2, {"phoneNumber": "+99999993003"} | nai),
    )
    answer = await callers.admin.post("/devices/forget", json={"device": nai})
    assert (answer.status_code, answer.json()["code"]) == (422, "SERVICE_NOT_APPLICABLE")
    await forget(callers, phone)
    assert len(await callers.history(device=nai)) == 1


@pytest.mark.parametrize("body", [{}, {"device": {}}, {"device": {"phoneNumber": "none"}}])
async def test_a_question_without_an_identifier_is_400(
    shared_callers: Callers, body: object
) -> None:
    answer = await shared_callers.admin.post("/devices/forget", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")


async def test_other_devices_events_that_mention_the_number_are_told_and_stay(
    shared_callers: Callers,
) -> None:
    callers, phone = shared_callers, {"phoneNumber": "+99999993004"}
    other = {"phoneNumber": "+99999993005"}
    mentioning = notification(2, other) | {"comment": "moved from 99999993004"}
    await post(callers, notification(1, phone), mentioning, notification(3, other))
    not_reached = (await forget(callers, phone))["notReached"]
    [mention] = not_reached.pop("otherEventIds")
    assert (not_reached["otherEvents"], not_reached["isSearchComplete"]) == (1, True)
    found = (await callers.reader.get(f"/events/{mention}")).json()
    assert found["payload"]["comment"] == mentioning["comment"]
    assert len(await callers.history(device=other)) == 2
