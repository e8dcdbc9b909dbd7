"""The ledger over REST, exact after each 204, and what is told of a subscription."""

import json
from typing import Any

import pytest

from tests.support.asking import PHONE, device_id
from tests.support.callers import Callers
from tests.support.subscribing import (
    REACHABILITY,
    ROAMING,
    answered,
    list_subscriptions,
    post,
    register,
    told,
)


def nested(levels: int) -> list[Any]:
    """A list in a list, so many times."""
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


async def test_a_subscription_says_what_its_events_say(emptied_callers: Callers) -> None:
    await post(
        emptied_callers,
        told(1, f"{ROAMING}subscription-started", initiationReason="SUBSCRIPTION_CREATED"),
        told(2, f"{ROAMING}roaming-on"),
        told(3, f"{ROAMING}roaming-off"),
        told(
            4,
            f"{ROAMING}subscription-ended",
            terminationReason="NETWORK_TERMINATED",
            terminationDescription="a fault",
        ),
    )
    [found] = await list_subscriptions(emptied_callers)
    assert found.pop("asOf").endswith("Z")
    assert found == {
        "credential": "the-sink",
        "subscriptionId": "s-1",
        "state": "ended",
        "uncovered": True,
        "deviceIds": [await device_id(emptied_callers, PHONE)],
        "names": ["roaming-off", "roaming-on"],
        "firstAt": "2026-04-17T07:00:01.000000Z",
        "startedAt": "2026-04-17T07:00:01.000000Z",
        "endedAt": "2026-04-17T07:00:04.000000Z",
        "terminationReason": "NETWORK_TERMINATED",
        "terminationDescription": "a fault",
        "events": {
            "total": 4,
            "byName": {
                "subscription-started": 1,
                "roaming-on": 1,
                "roaming-off": 1,
                "subscription-ended": 1,
            },
            "isComplete": True,
        },
        "lastEventAt": "2026-04-17T07:00:04.000000Z",
        "gaps": [],
    }


async def test_every_event_is_in_the_ledger_as_soon_as_it_is_acknowledged(
    emptied_callers: Callers,
) -> None:
    for number in range(30):
        await post(emptied_callers, told(number, f"{ROAMING}roaming-on", f"s-{number % 3}"))
        found = await list_subscriptions(emptied_callers)
        assert [one["subscriptionId"] for one in found] == [
            f"s-{each}" for each in range(min(number + 1, 3))
        ]
        assert sum(one["events"]["total"] for one in found) == number + 1


async def test_pages_follow_each_other_in_either_order(emptied_callers: Callers) -> None:
    names = [f"s-{number}" for number in range(7)]
    await post(emptied_callers, *(told(1, f"{ROAMING}roaming-on", name) for name in names))
    for order, expected in (("asc", names), ("desc", names[::-1])):
        found: list[str] = []
        cursor: dict[str, Any] = {}
        while True:
            answer = await emptied_callers.reader.get(
                "/subscriptions", params={"order": order, "limit": 3, **cursor}
            )
            page = answer.json()
            found += [one["subscriptionId"] for one in page["items"]]
            if "nextCursor" not in page:
                break
            cursor = {"cursor": page["nextCursor"]}
        assert found == expected


async def test_filters_choose(emptied_callers: Callers) -> None:
    other = {"phoneNumber": "+99999991007"}
    await post(
        emptied_callers,
        told(1, f"{ROAMING}roaming-on", "s-1"),
        told(1, f"{ROAMING}roaming-on", "s-2", other),
        told(2, f"{ROAMING}subscription-ended", "s-2", other),
        told(1, f"{ROAMING}roaming-on", "s-3"),
        told(2, f"{ROAMING}subscription-updated", "s-3", updateReason="SUBSCRIPTION_INACTIVE"),
    )
    await register(emptied_callers, answered("s-4", expiresAt="2026-05-01T00:00:00Z"))
    await register(
        emptied_callers, answered("s-5", expiresAt="2999-05-01T00:00:00Z") | {"device": other}
    )
    for filters, expected in (
        ({"state": "ended"}, ["s-2"]),
        ({"state": "inactive"}, ["s-3"]),
        ({"state": "overdue"}, ["s-4"]),
        ({"state": ["active", "ended"]}, ["s-1", "s-2", "s-5"]),
        ({"subscriptionId": "s-3"}, ["s-3"]),
        ({"credential": "nobody"}, []),
        ({"deviceId": await device_id(emptied_callers, other)}, ["s-2", "s-5"]),
        ({"endsBefore": "2027-01-01T00:00:00Z"}, ["s-4"]),
        ({"endsBefore": "2027-01-01T00:00:00Z", "state": "active"}, []),
    ):
        found = [
            one["subscriptionId"] for one in await list_subscriptions(emptied_callers, **filters)
        ]
        assert (filters, found) == (filters, expected)


async def test_what_replaces_an_ended_subscription_covers_it(emptied_callers: Callers) -> None:
    await post(
        emptied_callers,
        told(1, f"{ROAMING}roaming-on"),
        told(5, f"{ROAMING}subscription-ended"),
    )
    [ended] = await list_subscriptions(emptied_callers)
    assert ended["uncovered"]
    type_ = f"{ROAMING}roaming-on"
    made = answered("s-2", types=[type_], expiresAt="2999-05-01T00:00:00Z")
    await register(emptied_callers, made | {"device": PHONE})
    [ended, replacing] = await list_subscriptions(emptied_callers)
    assert ("uncovered" in ended, replacing["state"]) == (False, "active")


async def test_a_registration_is_answered_as_it_was_understood(emptied_callers: Callers) -> None:
    made = answered(expiresAt="2999-05-17T07:00:00+02:00")
    made["subscription"]["sinkCredential"] = {"credentialType": "ACCESSTOKEN", "accessToken": "x"}
    first = await emptied_callers.registrar.post("/subscriptions", json=made)
    again = await emptied_callers.admin.post("/subscriptions", json=made)
    assert (first.status_code, again.status_code) == (201, 200)
    registered = again.json()["registered"]
    assert registered.pop("registeredAt") == first.json()["registered"]["registeredAt"]
    assert registered == {
        "startsAt": "2026-04-17T07:00:00.000000Z",
        "expiresAt": "2999-05-17T05:00:00.000000Z",
        "maxEvents": 100,
        "types": made["subscription"]["types"],
        "device": PHONE,
    }
    assert again.json()["state"] == "active"
    assert again.json()["forecast"]["eventsLeft"] == 100


async def test_a_later_registration_changes_what_it_says_and_nothing_else(
    emptied_callers: Callers,
) -> None:
    before = await register(emptied_callers, answered(expiresAt="2999-05-17T07:00:00Z"))
    changed = {"id": "s-1", "expiresAt": "2999-06-01T00:00:00Z"}
    after = await register(emptied_callers, {"credential": "the-sink", "subscription": changed})
    expected = before["registered"] | {"expiresAt": "2999-06-01T00:00:00.000000Z"}
    assert after["registered"] == expected


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"id": None}, "subscription.id"),
        ({"id": "x" * 257}, "subscription.id"),
        ({"id": "s\0"}, "subscription"),
        ({"id": "\ud800"}, "subscription"),
        ({"any": 10**30}, "subscription"),
        ({"any": nested(300)}, "subscription"),
        ({"expiresAt": "soon-secret"}, "subscription.expiresAt"),
        ({"startsAt": 17}, "subscription.startsAt"),
        ({"types": [17]}, "subscription.types"),
        (
            {"config": {"subscriptionMaxEvents": "many-secret"}},
            "subscription.config.subscriptionMaxEvents",
        ),
    ],
)
async def test_a_member_without_a_meaning_is_named_and_not_repeated(
    shared_callers: Callers, members: dict[str, Any], named: str
) -> None:
    answer = await shared_callers.registrar.post(
        "/subscriptions",
        content=json.dumps(answered(**members)),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"{named}: ")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("device", "named"),
    [
        ({"phoneNumber": "secret"}, "device.phoneNumber"),
        ({"networkAccessIdentifier": "secret\ud800@operator.example"}, "device"),
        ({"networkAccessIdentifier": "secret\0@operator.example"}, "device"),
        ({"ipv4Address": {"publicAddress": "203.0.113.7"}}, "device"),
        ({}, "device"),
    ],
)
async def test_a_device_that_cannot_be_found_again_is_refused(
    shared_callers: Callers, device: dict[str, Any], named: str
) -> None:
    answer = await shared_callers.registrar.post(
        "/subscriptions",
        content=json.dumps(answered() | {"device": device}),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"{named}: ")
    assert "secret" not in answer.text


async def test_a_credential_that_sends_nothing_is_refused(shared_callers: Callers) -> None:
    for name in ("nobody", "the-reader"):
        answer = await shared_callers.registrar.post(
            "/subscriptions", json=answered() | {"credential": name}
        )
        assert (answer.status_code, answer.json()["message"].split(":")[0]) == (400, "credential")


async def test_roles_decide_who_registers_and_who_reads(emptied_callers: Callers) -> None:
    for caller, reads, registers in (
        (emptied_callers.nobody, 401, 401),
        (emptied_callers.sink, 403, 403),
        (emptied_callers.reader, 200, 403),
        (emptied_callers.registrar, 200, 201),
        (emptied_callers.admin, 200, 200),
    ):
        assert (await caller.get("/subscriptions")).status_code == reads
        assert (await caller.post("/subscriptions", json=answered())).status_code == registers
    assert (await emptied_callers.registrar.post("/notifications", json={})).status_code == 403
    assert (await emptied_callers.registrar.get("/quarantine")).status_code == 403
    asked = await emptied_callers.registrar.post("/devices/retrieve", json={"device": PHONE})
    assert asked.status_code == 404


async def test_a_missing_event_is_named_in_its_two_kinds(emptied_callers: Callers) -> None:
    await post(
        emptied_callers,
        told(1, f"{ROAMING}roaming-off", "off"),
        told(2, f"{ROAMING}roaming-on", "on"),
        told(6, f"{ROAMING}roaming-on", "on"),
        told(7, f"{REACHABILITY}reachability-data", "data"),
        told(
            8, f"{REACHABILITY}subscription-ended", "data", terminationReason="MAX_EVENTS_REACHED"
        ),
    )
    made = answered("data")
    made["subscription"]["config"] = {"subscriptionDetail": {}, "subscriptionMaxEvents": 3}
    await register(emptied_callers, made | {"device": PHONE})
    [data, off, on] = await list_subscriptions(emptied_callers)
    assert off["gaps"] == []
    assert on["gaps"] == [
        {
            "because": "repeated-event",
            "isProven": False,
            "name": "roaming-on",
            "after": "2026-04-17T07:00:02.000000Z",
            "until": "2026-04-17T07:00:06.000000Z",
        }
    ]
    assert data["gaps"] == [{"because": "max-events-reached", "isProven": True, "missing": 2}]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "A" * 40, "%"])
async def test_what_is_no_cursor_is_refused(shared_callers: Callers, cursor: str) -> None:
    answer = await shared_callers.reader.get("/subscriptions", params={"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("cursor: ")
