"""What readers ask and get."""

from copy import deepcopy
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION
from tests.support.callers import Callers

PHONE = {"phoneNumber": "+99999991000"}
IPV4 = {"publicAddress": "203.0.113.7", "publicPort": 4711}


def notification(number: int, device: dict[str, Any], **members: Any) -> dict[str, Any]:
    made: dict[str, Any] = deepcopy(NOTIFICATION)
    made |= {"id": f"n-{number}", "time": f"2026-04-17T07:00:{number:02}Z"}
    made["data"]["device"] = device
    return made | members


async def device_id(callers: Callers, device: dict[str, Any]) -> str:
    answer = await callers.reader.post("/devices/retrieve", json={"device": device})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["deviceId"])


async def test_a_device_is_described_by_identifiers_and_first_and_last_event(
    callers: Callers,
) -> None:
    await callers.post(notification(2, {**PHONE, "ipv4Address": IPV4}))
    await callers.post(notification(1, {**PHONE, "ipv6Address": "2001:DB8::0001"}))
    answer = await callers.reader.post("/devices/retrieve", json={"device": PHONE})
    described = answer.json()
    assert described["identifiers"] == [
        {"phoneNumber": "+99999991000"},
        {"ipv4Address": IPV4},
        {"ipv6Address": "2001:db8::1"},
    ]
    assert described["firstEvent"]["eventId"] == "n-1"
    assert described["lastEvent"]["eventId"] == "n-2"
    again = await callers.reader.get(f"/devices/{described['deviceId']}")
    assert again.json() == described


@pytest.mark.parametrize("notation", ["+99999991000", "99999991000", "+99 9999-91000"])
async def test_a_phone_number_is_found_in_any_notation(callers: Callers, notation: str) -> None:
    await callers.post(notification(1, PHONE))
    assert len(await callers.history(device={"phoneNumber": notation})) == 1


async def test_history_is_newest_first_however_it_arrived(callers: Callers) -> None:
    for number in (3, 1, 2):
        await callers.post(notification(number, PHONE))
    whose = await device_id(callers, PHONE)
    for order, expected in (("desc", ["n-3", "n-2", "n-1"]), ("asc", ["n-1", "n-2", "n-3"])):
        answer = await callers.reader.get(f"/devices/{whose}/events", params={"order": order})
        assert [event["eventId"] for event in answer.json()["items"]] == expected
        posted = await callers.history(device=PHONE, order=order)
        assert posted == answer.json()["items"]


async def test_pages_follow_each_other_by_cursor(callers: Callers) -> None:
    for number in range(7):
        await callers.post(notification(number, PHONE))
    whose = await device_id(callers, PHONE)
    seen: list[str] = []
    parameters: dict[str, Any] = {"limit": 3, "kind": "roaming"}
    while True:
        page = (await callers.reader.get(f"/devices/{whose}/events", params=parameters)).json()
        seen += [event["eventId"] for event in page["items"]]
        if "nextCursor" not in page:
            break
        parameters["cursor"] = page["nextCursor"]
    assert seen == [f"n-{number}" for number in reversed(range(7))]


async def test_a_cursor_with_other_filters_or_order_is_400(callers: Callers) -> None:
    for number in range(3):
        await callers.post(notification(number, PHONE))
    first = await callers.reader.post("/events/retrieve", json={"device": PHONE, "limit": 1})
    cursor = first.json()["nextCursor"]
    for other in (
        {"kind": "roaming"},
        {"order": "asc"},
        {"device": {"phoneNumber": "+99999991001"}},
    ):
        question = {"device": PHONE, "cursor": cursor, **other}
        answer = await callers.reader.post("/events/retrieve", json=question)
        assert (answer.status_code, answer.json()["message"]) == (
            400,
            "cursor: belongs to other filters",
        )


async def test_a_repeated_filter_means_or(callers: Callers) -> None:
    await callers.post(NOTIFICATION)
    await callers.post(LEGACY_NOTIFICATION)
    whose = await device_id(callers, PHONE)
    for query, found in (
        ("kind=roaming&kind=connectivity", 2),
        ("kind=roaming", 1),
        ("kind=subscription", 0),
        ("subscriptionId=sub-4711&subscriptionId=sub-4712", 2),
        ("credential=the-sink", 2),
        ("credential=nobody", 0),
        ("occurredFrom=2026-04-17T07:31:01.416474Z&occurredTo=2026-04-17T07:32:10Z", 1),
        ("occurredTo=2026-04-17T09:31:01.416474%2B02:00", 0),
        ("receivedFrom=2026-01-01T00:00:00Z", 2),
    ):
        answer = await callers.reader.get(f"/devices/{whose}/events?{query}")
        assert (answer.status_code, len(answer.json()["items"])) == (200, found), query


async def test_event_names_that_mean_the_same_are_found_by_either(callers: Callers) -> None:
    prefix = "org.camaraproject.device-roaming-status-subscriptions.v0."
    for number, name in enumerate(("subscription-ends", "subscription-ended")):
        data = {"device": PHONE, "subscriptionId": "s", "terminationReason": "NETWORK_TERMINATED"}
        await callers.post(notification(number, PHONE, type=prefix + name, data=data))
    for name in ("subscription-ends", "subscription-ended"):
        assert len(await callers.history(device=PHONE, name=name)) == 2


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
    callers: Callers, identifier: dict[str, Any]
) -> None:
    reported = {
        **PHONE,
        "networkAccessIdentifier": "device@operator.example",
        "ipv4Address": {**IPV4, "privateAddress": "192.0.2.25"},
        "ipv6Address": "2001:db8::1",
    }
    await callers.post(notification(1, reported))
    await callers.post(notification(2, PHONE))
    assert [event["eventId"] for event in await callers.history(device=identifier)] == ["n-1"]
    assert await device_id(callers, identifier) == await device_id(callers, PHONE)


async def test_a_network_access_identifier_means_its_own_device_once_it_had_several(
    callers: Callers,
) -> None:
    shared = {"networkAccessIdentifier": "shared@operator.example"}
    await callers.post(notification(1, {**PHONE, **shared}))
    await callers.post(notification(2, {"phoneNumber": "+99999991002", **shared}))
    answer = await callers.reader.post("/devices/retrieve", json={"device": shared})
    assert (answer.status_code, answer.json()["code"]) == (422, "SERVICE_NOT_APPLICABLE")
    await callers.post(notification(3, shared))
    described = await callers.reader.post("/devices/retrieve", json={"device": shared})
    assert described.json()["lastEvent"]["eventId"] == "n-3"


async def test_of_several_identifiers_the_phone_number_is_used(callers: Callers) -> None:
    await callers.post(notification(1, PHONE))
    both = {**PHONE, "ipv6Address": "2001:db8::99"}
    assert len(await callers.history(device=both)) == 1


@pytest.mark.parametrize("path", ["/devices/retrieve", "/events/retrieve"])
@pytest.mark.parametrize(
    "device",
    [PHONE, {"ipv6Address": "2001:db8::1"}, {"networkAccessIdentifier": "a@b.example"}],
    ids=str,
)
async def test_an_identifier_never_seen_is_404(
    callers: Callers, path: str, device: dict[str, Any]
) -> None:
    answer = await callers.reader.post(path, json={"device": device})
    assert (answer.status_code, answer.json()["code"]) == (404, "IDENTIFIER_NOT_FOUND")


async def test_a_device_never_seen_is_404_and_a_known_one_without_matches_is_empty(
    callers: Callers,
) -> None:
    for path in (f"/devices/{uuid4()}", f"/devices/{uuid4()}/events"):
        answer = await callers.reader.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "IDENTIFIER_NOT_FOUND")
    await callers.post(notification(1, PHONE))
    whose = await device_id(callers, PHONE)
    answer = await callers.reader.get(f"/devices/{whose}/events?kind=subscription")
    assert (answer.status_code, answer.json()) == (200, {"items": []})


WRONG_QUERIES = [
    ("limit=0", "limit"),
    ("limit=1001", "limit"),
    ("limit=many", "limit"),
    ("order=sideways", "order"),
    ("kind=weather", "kind"),
    ("occurredFrom=yesterday", "occurredFrom"),
    ("occurredFrom=2026-04-17T07:31:01", "occurredFrom"),
    ("occuredFrom=2026-04-17T07:31:01Z", "occuredFrom"),
    ("%2B99999991000=1", "…: unknown"),
    ("cursor=%21%21", "cursor"),
    ("cursor=AAAA", "cursor"),
    ("type=a%00b", "type"),
    ("receivedTo=0.5", "receivedTo"),
    ("receivedTo=2026-04-17", "receivedTo"),
    ("&".join(["kind=roaming"] * 21), "kind"),
]


@pytest.mark.parametrize(("query", "named"), WRONG_QUERIES)
async def test_a_wrong_filter_is_400_and_names_itself(
    callers: Callers, query: str, named: str
) -> None:
    answer = await callers.reader.get(f"/devices/{uuid4()}/events?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert named in answer.json()["message"]


WRONG_BODIES: list[tuple[Any, str]] = [
    ({}, "device"),
    ({"device": {}}, "device"),
    ({"device": {"phoneNumber": None}}, "device"),
    ({"device": {"phoneNumber": "not-a-number"}}, "device.phoneNumber"),
    ({"device": {"phoneNumber": 99999991000}}, "device.phoneNumber"),
    ({"device": {"msisdn": "+99999991000"}}, "device.msisdn"),
    ({"device": {"+99999991000": 1}}, "device.…: unknown"),
    ({"device": {"ipv6Address": "203.0.113.7"}}, "device.ipv6Address"),
    ({"device": {"ipv4Address": {"privateAddress": "192.0.2.25"}}}, "device.ipv4Address"),
    ({"device": {"ipv4Address": {"publicAddress": "203.0.113.7", "publicPort": 0}}}, "publicPort"),
    ([], "body"),
]


@pytest.mark.parametrize(
    ("body", "named"), WRONG_BODIES, ids=[str(body) for body, _ in WRONG_BODIES]
)
@pytest.mark.parametrize("path", ["/devices/retrieve", "/events/retrieve"])
async def test_a_wrong_body_is_400_and_names_the_member_never_its_value(
    callers: Callers, path: str, body: Any, named: str
) -> None:
    answer = await callers.reader.post(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert named in answer.json()["message"]
    for value in ("not-a-number", "99999991000", "203.0.113.7"):
        assert value not in answer.text


async def test_a_body_that_is_not_json_is_400(callers: Callers) -> None:
    answer = await callers.reader.post(
        "/events/retrieve", content=b"{'", headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")


async def test_the_id_of_an_event_is_the_one_psql_shows(callers: Callers, conninfo: str) -> None:
    await callers.post(notification(1, PHONE))
    [event] = await callers.history(device=PHONE)
    with psycopg.connect(conninfo) as connection:
        shown = connection.execute("SELECT event_id FROM reporting.event").fetchall()
    assert shown == [(event["id"],)]
