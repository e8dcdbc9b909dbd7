"""The fleet over REST, exact after each 204."""

from typing import Any

import pytest

from receiver.api.paging import LIMIT_DEFAULT
from receiver.events.axes import Axis
from receiver.store.fleet.fleet import CANDIDATES_OF_A_TURN
from receiver.store.status.parts import REGISTERS_OF_A_TURN
from tests.api.questions.test_status import API, ROAMING, post
from tests.support.asking import device_id, notification
from tests.support.callers import Callers

PHONES = [{"phoneNumber": f"+9999999100{n}"} for n in range(5)]


def told(number: int, phone: int, type_: str, **data: Any) -> dict[str, Any]:
    """Makes an event of a device of the fleet; a higher number happened later."""
    device = PHONES[phone]
    members = {"device": device, "subscriptionId": f"s-{phone}", **data}
    return notification(number, device, type=type_, data=members)


async def fleet(callers: Callers, **question: Any) -> list[dict[str, Any]]:
    """Returns all devices that a question means, read page by page."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await callers.reader.get("/devices", params={**question, **cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= question.get("limit", 50)
        items += page["items"]
        if "nextCursor" not in page:
            return items
        cursor = {"cursor": page["nextCursor"]}


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_the_fleet_has_every_device_once_as_its_status_answers(
    emptied_callers: Callers, limit: int
) -> None:
    for phone in range(5):
        await post(emptied_callers, told(phone, phone, f"{API}reachability-data"))
    found = await fleet(emptied_callers, limit=limit)
    assert [item["deviceId"] for item in found] == sorted({item["deviceId"] for item in found})
    assert len(found) == 5
    for item in found:
        answer = await emptied_callers.reader.get(f"/devices/{item['deviceId']}/status")
        assert {**answer.json(), "asOf": None} == {**item, "asOf": None}


async def test_filters_choose_by_what_is_known_and_unknown_is_apart(
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

    async def phones(**question: Any) -> list[int]:
        found = {item["deviceId"] for item in await fleet(emptied_callers, **question)}
        return [phone for phone in range(5) if ids[phone] in found]

    ids = [await device_id(emptied_callers, phone) for phone in PHONES]
    assert await phones(roaming="true") == [0]
    assert await phones(roaming=["true", "false"]) == [0, 2]
    assert await phones(country="fr") == [0]
    assert await phones(country=["DE", "208"]) == [0]
    assert await phones(unknown="roaming") == [1, 3, 4]
    assert await phones(unknown="roaming", connectivity="CONNECTED_SMS") == [3]
    assert await phones(connectivity=["CONNECTED_SMS", "NOT_CONNECTED"]) == [3, 4]
    assert await phones(lastEventTo="2026-04-17T07:00:04Z") == [0, 1]
    assert await phones(lastEventFrom="2026-04-17T07:00:04Z") == [2, 3, 4]
    for year in ("0001", "0500", "1999"):
        assert await phones(lastEventFrom=f"{year}-01-01T00:00:00Z") == [0, 1, 2, 3, 4]
        assert await phones(lastEventTo=f"{year}-01-01T00:00:00Z") == []
    assert await phones(lastEventFrom="9999-01-01T00:00:00Z") == []
    assert await phones(lastEventTo="9999-01-01T00:00:00Z") == [0, 1, 2, 3, 4]
    assert await phones(networkType="5G") == []


async def test_every_event_is_in_the_answer_as_soon_as_it_is_acknowledged(
    emptied_callers: Callers,
) -> None:
    for number in range(30):
        value = "reachability-data" if number % 2 else "reachability-disconnected"
        await post(emptied_callers, told(number, number % 5, API + value))
        connectivity = "CONNECTED_DATA" if number % 2 else "NOT_CONNECTED"
        expected = await device_id(emptied_callers, PHONES[number % 5])
        found = [
            item["deviceId"] for item in await fleet(emptied_callers, connectivity=connectivity)
        ]
        assert expected in found


async def test_a_cursor_belongs_to_its_filters(emptied_callers: Callers) -> None:
    for phone in range(3):
        await post(emptied_callers, told(phone, phone, f"{API}reachability-data"))
    page = (await emptied_callers.reader.get("/devices", params={"limit": 1})).json()
    cursor = page["nextCursor"]
    for question in ({"roaming": "true"}, {"lastEventTo": "2026-04-17T07:00:04Z"}):
        answer = await emptied_callers.reader.get("/devices", params={"cursor": cursor, **question})
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    answer = await emptied_callers.reader.get("/devices", params={"cursor": cursor, "limit": 50})
    assert [item["deviceId"] for item in answer.json()["items"]] == sorted(
        item["deviceId"] for item in await fleet(emptied_callers)
    )[1:]


HOSTILE = [
    {"roaming": "TRUE"},
    {"country": "%"},
    {"country": "FR\x00"},
    {"country": "'; DROP TABLE event"},
    {"networkType": "\x00"},
    {"networkType": "\ud7ff" * 2048},
    {"networkType": "x" * 2049},
    {"unknown": "*"},
    {"lastEventFrom": "0001-01-01T00:00:00Z"},
    {"lastEventTo": "9999-12-31T23:59:59.999999Z"},
    {"lastEventFrom": "0001-01-01T00:00:00+14:00"},
    {"lastEventTo": "9999-12-31T23:59:59-14:00"},
    {"lastEventFrom": "2026-13-01T00:00:00Z"},
    {"cursor": ""},
    {"cursor": "A" * 32},
    {"cursor": "é"},
    {"limit": "1e3"},
    {"limit": "99999999999999999999"},
    {"order": "desc"},
    {"nope": "1"},
]


@pytest.mark.parametrize("question", HOSTILE, ids=ascii)
async def test_no_parameter_is_a_fault_of_ours(
    shared_callers: Callers, question: dict[str, str]
) -> None:
    answer = await shared_callers.reader.get("/devices", params=question)
    assert answer.status_code in {200, 400}, answer.text
    assert answer.status_code == 200 or answer.json()["code"] == "INVALID_ARGUMENT"


async def test_readers_and_admins_may_ask(shared_callers: Callers) -> None:
    asked = [
        (await client.get("/devices")).status_code
        for client in (
            shared_callers.nobody,
            shared_callers.sink,
            shared_callers.reader,
            shared_callers.admin,
        )
    ]
    assert asked == [401, 403, 200, 200]


async def test_items_name_their_devices_where_that_is_asked_for(emptied_callers: Callers) -> None:
    nai = {"networkAccessIdentifier": "user@operator.example"}
    named = notification(1, PHONES[0], type=f"{API}reachability-data")
    named["data"]["device"] = {**PHONES[0], **nai}
    address = {"ipv6Address": "2001:db8::7"}
    nameless = notification(2, address, type=f"{API}reachability-data")
    nameless["data"]["subscriptionId"] = "s-9"
    await post(emptied_callers, named, nameless, told(3, 1, f"{API}reachability-data"))
    found = await fleet(emptied_callers, include="identifiers", limit=1)
    devices = {item["deviceId"]: item.pop("device", None) for item in found}
    assert [devices[await device_id(emptied_callers, phone)] for phone in PHONES[:2]] == [
        {**PHONES[0], **nai},
        PHONES[1],
    ]
    assert devices[await device_id(emptied_callers, address)] is None
    plain = await fleet(emptied_callers)
    assert [{**item, "asOf": ""} for item in plain] == [{**item, "asOf": ""} for item in found]
    answer = await emptied_callers.reader.get("/devices", params={"include": "payload"})
    assert answer.status_code == 400


def test_the_rows_of_the_default_page_are_read_in_one_turn_of_the_loop() -> None:
    candidates = LIMIT_DEFAULT + 1
    assert candidates <= CANDIDATES_OF_A_TURN
    # One for each axis, and one for the latest event.
    assert candidates * (len(Axis) + 1) <= REGISTERS_OF_A_TURN
