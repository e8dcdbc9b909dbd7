"""What was when over REST, exact after each 204."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.asking import PHONE, device_id, notification
from tests.support.callers import Callers

API = "org.camaraproject.device-reachability-status-subscriptions.v0."
ROAMING = "org.camaraproject.device-roaming-status-subscriptions.v0."
RANGE = {"from": "2026-04-17T07:00:00Z", "to": "2026-04-17T07:01:00Z"}


def told(number: int, type_: str, subscription: str = "s-1", **data: Any) -> dict[str, Any]:
    """Makes an event of the device, which happened at this second."""
    return notification(
        number,
        PHONE,
        type=type_,
        data={"device": PHONE, "subscriptionId": subscription, **data},
    )


async def post(callers: Callers, *events: dict[str, Any]) -> None:
    for event in events:
        assert (await callers.post(event)).status_code == 204


async def ask(callers: Callers, call: str, **question: Any) -> dict[str, Any]:
    device = await device_id(callers, PHONE)
    answer = await callers.reader.get(f"/devices/{device}/{call}", params=question)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found.pop("deviceId") == device
    assert found.pop("asOf").endswith("Z")
    return found


def second(number: int) -> str:
    return f"2026-04-17T07:00:{number:02}.000000Z"


async def test_intervals_are_what_was_told_and_what_was_not(emptied_callers: Callers) -> None:
    await post(
        emptied_callers,
        told(9, f"{API}reachability-disconnected"),
        told(2, f"{API}reachability-data"),
        told(20, f"{API}subscription-ended", terminationReason="SUBSCRIPTION_EXPIRED"),
    )
    expected: list[dict[str, Any]] = [
        {"unknown": True, "because": "never-reported", "from": second(0), "to": second(2)},
        {"value": "CONNECTED_DATA", "from": second(2), "to": second(9)},
        {"value": "NOT_CONNECTED", "from": second(9), "to": second(20)},
        {
            "unknown": True,
            "because": "subscription-ended",
            "from": second(20),
            "to": "2026-04-17T07:01:00.000000Z",
            "endsLater": True,
        },
    ]
    lengths = [2.0, 7.0, 11.0, 40.0]
    found = await ask(emptied_callers, "intervals", axis="connectivity", order="asc", **RANGE)
    assert found == {
        "axis": "connectivity",
        "from": second(0),
        "to": "2026-04-17T07:01:00.000000Z",
        "items": [
            {**item, "seconds": length} for item, length in zip(expected, lengths, strict=True)
        ],
    }
    newest_first = await ask(emptied_callers, "intervals", axis="connectivity", **RANGE)
    assert newest_first["items"] == found["items"][::-1]


async def test_every_event_is_in_the_answer_as_soon_as_it_is_acknowledged(
    emptied_callers: Callers,
) -> None:
    for number in range(1, 30):
        name = "reachability-data" if number % 2 else "reachability-disconnected"
        await post(emptied_callers, told(number, API + name))
        found = await ask(emptied_callers, "intervals", axis="connectivity", **RANGE)
        assert found["items"][0]["from"] == second(number)


async def test_the_last_interval_is_the_status(emptied_callers: Callers) -> None:
    await post(emptied_callers, told(1, f"{ROAMING}roaming-on"), told(4, f"{ROAMING}roaming-off"))
    [last, *_] = (await ask(emptied_callers, "intervals", axis="roaming", **{"from": second(0)}))[
        "items"
    ]
    status = (await emptied_callers.reader.post("/status/retrieve", json={"device": PHONE})).json()
    assert (last["value"], last["from"]) == (status["roaming"]["value"], status["roaming"]["since"])
    assert "to" not in last


async def test_a_session_has_the_countries_that_were_visited(emptied_callers: Callers) -> None:
    await post(
        emptied_callers,
        told(5, f"{ROAMING}roaming-status", roaming=True, countryCode=208, countryName=["FR"]),
        told(8, f"{ROAMING}roaming-change-country", countryCode=262, countryName=["DE"]),
        told(9, f"{ROAMING}roaming-off"),
        told(11, f"{ROAMING}roaming-on"),
        told(15, f"{ROAMING}subscription-ended", terminationReason="SUBSCRIPTION_EXPIRED"),
    )
    found = await ask(emptied_callers, "roaming-sessions", order="asc", **RANGE)
    assert found["items"] == [
        {
            "from": second(5),
            "to": second(9),
            "seconds": 4.0,
            "countries": [
                {
                    "from": second(5),
                    "to": second(8),
                    "countryCode": 208,
                    "countryName": ["FR"],
                },
                {
                    "from": second(8),
                    "to": second(9),
                    "countryCode": 262,
                    "countryName": ["DE"],
                },
            ],
        },
        {
            "from": second(11),
            "to": second(15),
            "seconds": 4.0,
            "because": "subscription-ended",
            "countries": [],
        },
    ]


async def test_availability_is_counted_by_day_and_in_all(emptied_callers: Callers) -> None:
    await post(
        emptied_callers,
        told(2, f"{API}reachability-data"),
        told(9, f"{API}reachability-disconnected"),
        told(20, f"{API}subscription-ended", terminationReason="SUBSCRIPTION_EXPIRED"),
    )
    lengths = {
        "availableSeconds": 7.0,
        "unavailableSeconds": 11.0,
        "unknownSeconds": 42.0,
        "seconds": {"CONNECTED_DATA": 7.0, "NOT_CONNECTED": 11.0},
    }
    assert await ask(emptied_callers, "availability", **RANGE) == {
        "from": second(0),
        "to": "2026-04-17T07:01:00.000000Z",
        "total": lengths,
        "days": [{"day": "2026-04-17", **lengths}],
    }


async def test_without_a_range_availability_begins_with_the_first_event(
    emptied_callers: Callers,
) -> None:
    recent = {"time": "2026-01-02T03:04:05Z"}
    await post(emptied_callers, told(1, f"{API}reachability-data") | recent)
    found = await ask(emptied_callers, "availability", to="2026-01-10T00:00:00Z")
    assert found["from"] == "2026-01-02T03:04:05.000000Z"
    assert found["total"]["unknownSeconds"] == 0
    assert len(found["days"]) == 8


async def test_what_only_the_subscription_names_is_in_the_timeline(
    emptied_callers: Callers,
) -> None:
    nameless = notification(5, {}, type=f"{API}reachability-sms", data={"subscriptionId": "s-1"})
    await post(emptied_callers, told(1, f"{API}reachability-data"), nameless)
    found = await ask(emptied_callers, "intervals", axis="connectivity", order="asc", **RANGE)
    assert [one.get("value") for one in found["items"]] == [
        None,
        "CONNECTED_DATA",
        "CONNECTED_SMS",
    ]


async def walk(callers: Callers, call: str, **question: Any) -> list[dict[str, Any]]:
    """Returns all pages."""
    pages = [await ask(callers, call, **question)]
    while "nextCursor" in pages[-1]:
        cursor = pages[-1]["nextCursor"]
        pages.append(await ask(callers, call, **question, cursor=cursor))
    return pages


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("call", ["intervals", "roaming-sessions"])
async def test_pages_of_any_size_lie_end_to_end(
    emptied_callers: Callers, call: str, order: str
) -> None:
    for month in range(1, 7):
        for day, name in ((3, "roaming-on"), (20, "roaming-off")):
            time = {"time": f"2025-{month:02}-{day:02}T00:00:00Z"}
            await post(emptied_callers, told(month * 2 + (day > 9), ROAMING + name) | time)
    question = {"from": "2020-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z", "order": order}
    if call == "intervals":
        question["axis"] = "roaming"
    pages = await walk(emptied_callers, call, limit=1000, **question)
    assert 5 <= len(pages) <= 8
    # The edges of pages meet, and the first and the last are those of the range.
    ordered = pages if order == "asc" else pages[::-1]
    assert ordered[0]["from"] == "2020-01-01T00:00:00.000000Z"
    assert ordered[-1]["to"] == "2026-01-01T00:00:00.000000Z"
    assert [one["to"] for one in ordered[:-1]] == [one["from"] for one in ordered[1:]]
    items = [item for page in ordered for item in (page["items"][:: 1 if order == "asc" else -1])]
    began = [item["from"] for item in items if not item.get("beganEarlier")]
    roamed = [item for item in items if not item.get("unknown") and item.get("value", True)]
    began_roaming = [item["from"] for item in roamed if not item.get("beganEarlier")]
    assert began_roaming == [f"2025-{month:02}-03T00:00:00.000000Z" for month in range(1, 7)]
    assert sum(item["seconds"] for item in roamed) == 6 * 17 * 86400
    small = await walk(emptied_callers, call, limit=1, **question)
    again = [
        item["from"] for page in small for item in page["items"] if not item.get("beganEarlier")
    ]
    assert sorted(again) == sorted(began)


async def test_a_known_device_without_a_value_has_one_unknown_interval(
    emptied_callers: Callers,
) -> None:
    await post(emptied_callers, told(1, f"{API}reachability-data"))
    found = await ask(emptied_callers, "intervals", axis="network-type", **RANGE)
    [item] = found["items"]
    assert (item["because"], item["from"], item["seconds"]) == ("never-reported", second(0), 60.0)
    assert (await ask(emptied_callers, "roaming-sessions", **RANGE))["items"] == []


CALLS = ["intervals?axis=roaming", "roaming-sessions", "availability"]


@pytest.mark.parametrize("call", CALLS)
async def test_a_device_never_seen_is_404(shared_callers: Callers, call: str) -> None:
    answer = await shared_callers.reader.get(f"/devices/{uuid4()}/{call}")
    assert (answer.status_code, answer.json()["code"]) == (404, "IDENTIFIER_NOT_FOUND")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "parameters",
    [
        "from=x",
        "from=2026-04-17",
        "from=1776400000",
        "from=0001-01-01T00:00:00Z",
        "to=9999-12-31T23:59:59-23:59",
        "to=2000-01-01T00:00:00%2B23:59&from=2000-01-01T00:00:00Z",
        "from=2026-04-17T08:00:00Z&to=2026-04-17T07:00:00Z",
        "from=2026-04-17T07:00:00Z&to=2026-04-17T07:00:00Z",
        "from=2099-01-01T00:00:00Z",
        "from=2026-04-17T07:00:00Z&from=x",
        "cursor=x",
        "cursor=%00",
        "fromm=2026-04-17T07:00:00Z",
        "since=2026-04-17T07:00:00Z",
    ],
)
async def test_a_question_that_makes_no_sense_is_400(
    shared_callers: Callers, call: str, parameters: str
) -> None:
    await post(shared_callers, told(1, f"{API}reachability-data"))
    device = await device_id(shared_callers, PHONE)
    answer = await shared_callers.reader.get(
        f"/devices/{device}/{call}{'&' if '?' in call else '?'}{parameters}"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("axis", ["", "?axis=country", "?axis="])
async def test_an_axis_is_one_of_three(shared_callers: Callers, axis: str) -> None:
    await post(shared_callers, told(1, f"{API}reachability-data"))
    device = await device_id(shared_callers, PHONE)
    answer = await shared_callers.reader.get(f"/devices/{device}/intervals{axis}")
    assert answer.status_code == 400


async def test_a_cursor_belongs_to_its_question(emptied_callers: Callers) -> None:
    for number in range(4):
        await post(
            emptied_callers,
            told(number, f"{ROAMING}{'roaming-off' if number % 2 else 'roaming-on'}"),
        )
    found = await ask(emptied_callers, "intervals", axis="roaming", limit=1, **RANGE)
    device = await device_id(emptied_callers, PHONE)
    for call in ("intervals?axis=connectivity", "intervals?axis=roaming&order=asc", *CALLS[1:]):
        path = f"/devices/{device}/{call}{'&' if '?' in call else '?'}"
        answer = await emptied_callers.reader.get(
            path, params={**RANGE, "cursor": found["nextCursor"]}
        )
        assert answer.status_code == 400, call


async def test_each_call_is_for_readers(shared_callers: Callers) -> None:
    for call in CALLS:
        path = f"/devices/{uuid4()}/{call}"
        assert (await shared_callers.nobody.get(path)).status_code == 401
        assert (await shared_callers.sink.get(path)).status_code == 403
        assert (await shared_callers.admin.get(path)).status_code == 404
