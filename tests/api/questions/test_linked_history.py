"""The history of a device has what its subscriptions tell without naming it."""

from typing import Any

from tests.api.questions.test_status import API, post
from tests.support.asking import device_id, notification
from tests.support.callers import Callers

NAI = {"networkAccessIdentifier": "device@operator.example"}
PHONE = {"phoneNumber": "+99999991000"}
OTHER = {"phoneNumber": "+99999991001"}


def told(number: int, device: dict[str, Any], subscription: str = "s-1") -> dict[str, Any]:
    data = {"device": device, "subscriptionId": subscription}
    return notification(number, device, type=f"{API}reachability-data", data=data)


async def history(callers: Callers, path: str, **question: Any) -> list[str]:
    """Returns the sender's ids of all events that a question means, read page by page."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await callers.reader.get(path, params={**question, **cursor})
        assert answer.status_code == 200, answer.text
        found += [item["eventId"] for item in answer.json()["items"]]
        if "nextCursor" not in answer.json():
            return found
        cursor = {"cursor": answer.json()["nextCursor"]}


async def retrieve(callers: Callers, device: dict[str, Any], **question: Any) -> list[str]:
    return [item["eventId"] for item in await callers.history(device=device, **question)]


async def test_events_of_what_stands_for_a_device_are_in_its_history(
    emptied_callers: Callers,
) -> None:
    await post(
        emptied_callers,
        told(4, PHONE),
        told(3, {}),
        told(2, PHONE | NAI, "s-2"),
        told(1, NAI, "s-3"),
        told(0, {}, "s-4"),
    )
    path = f"/devices/{await device_id(emptied_callers, PHONE)}"
    everything = ["n-4", "n-3", "n-2", "n-1"]
    for limit in (1, 2, 50):
        assert await history(emptied_callers, f"{path}/events", limit=limit) == everything
        backwards = await history(emptied_callers, f"{path}/events", limit=limit, order="asc")
        assert backwards == everything[::-1]
    assert await history(
        emptied_callers, f"{path}/events", subscriptionId=["s-1", "s-3"], limit=2
    ) == [
        "n-4",
        "n-3",
        "n-1",
    ]
    assert await retrieve(emptied_callers, PHONE) == everything
    assert await retrieve(emptied_callers, PHONE, occurredTo="2026-04-17T07:00:03Z") == [
        "n-2",
        "n-1",
    ]
    # By its own words, and by a subscription that names this identifier alone.
    assert await retrieve(emptied_callers, NAI) == ["n-2", "n-1"]
    await post(emptied_callers, told(5, {}, "s-3"))
    assert await retrieve(emptied_callers, NAI) == ["n-5", "n-2", "n-1"]
    summary = (await emptied_callers.reader.get(path)).json()
    assert (summary["firstEvent"]["eventId"], summary["lastEvent"]["eventId"]) == ("n-1", "n-4")
    assert (
        await emptied_callers.reader.post("/devices/retrieve", json={"device": PHONE})
    ).json() == (summary)


async def test_a_link_that_disappears_leaves_no_trace(emptied_callers: Callers) -> None:
    await post(emptied_callers, told(1, PHONE), told(2, {}))
    path = f"/devices/{await device_id(emptied_callers, PHONE)}"
    page = (await emptied_callers.reader.get(f"{path}/events", params={"limit": 1})).json()
    assert page["items"][0]["eventId"] == "n-2"
    nameless = page["items"][0]["deviceId"]
    await post(emptied_callers, told(3, OTHER))
    # The cursor goes on where it was.
    next_page = {"limit": 1, "cursor": page["nextCursor"]}
    assert [
        item["eventId"]
        for item in (await emptied_callers.reader.get(f"{path}/events", params=next_page)).json()[
            "items"
        ]
    ] == ["n-1"]
    assert await history(emptied_callers, f"{path}/events") == ["n-1"]
    assert await retrieve(emptied_callers, OTHER) == ["n-3"]
    assert await history(emptied_callers, f"/devices/{nameless}/events") == ["n-2"]
    assert (await emptied_callers.reader.get(path)).json()["lastEvent"]["eventId"] == "n-1"


async def test_a_range_in_which_a_device_itself_told_nothing_has_what_stands_for_it(
    emptied_callers: Callers,
) -> None:
    await post(emptied_callers, told(1, PHONE), told(2, {}))
    path = f"/devices/{await device_id(emptied_callers, PHONE)}/events"
    assert await history(emptied_callers, path, occurredFrom="2026-04-17T07:00:02Z") == ["n-2"]
    assert await history(emptied_callers, path, occurredFrom="2026-04-18T07:00:00Z") == []
