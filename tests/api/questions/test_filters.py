"""What readers may ask: filters, identifiers, and what is refused."""

from typing import Any
from uuid import uuid4

import pytest

from receiver.api.questions.filters import EventFilters
from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION
from tests.support.asking import PHONE, device_id, notification
from tests.support.callers import Callers


@pytest.mark.parametrize("notation", ["+99999991000", "99999991000", "+99 9999-91000"])
async def test_a_phone_number_is_found_in_any_notation(
    shared_callers: Callers, notation: str
) -> None:
    await shared_callers.post(notification(1, PHONE))
    assert len(await shared_callers.history(device={"phoneNumber": notation})) == 1


async def test_a_repeated_filter_means_or(emptied_callers: Callers) -> None:
    await emptied_callers.post(NOTIFICATION)
    await emptied_callers.post(LEGACY_NOTIFICATION)
    whose = await device_id(emptied_callers, PHONE)
    for query, found in (
        ("kind=roaming&kind=connectivity", 2),
        ("kind=roaming", 1),
        ("kind=subscription", 0),
        ("subscriptionId=sub-4711&subscriptionId=sub-4712", 2),
        ("credential=the-sink", 2),
        ("credential=nobody", 0),
        ("name=an-event-of-tomorrow", 0),
        ("occurredFrom=2026-04-17T07:31:01.416474Z&occurredTo=2026-04-17T07:32:10Z", 1),
        ("occurredTo=2026-04-17T09:31:01.416474%2B02:00", 0),
        ("receivedFrom=2026-01-01T00:00:00Z", 2),
    ):
        answer = await emptied_callers.reader.get(f"/devices/{whose}/events?{query}")
        assert (answer.status_code, len(answer.json()["items"])) == (200, found), query


async def test_event_names_that_mean_the_same_are_found_by_either(emptied_callers: Callers) -> None:
    prefix = "org.camaraproject.device-roaming-status-subscriptions.v0."
    for number, name in enumerate(("subscription-ends", "subscription-ended")):
        data = {"device": PHONE, "subscriptionId": "s", "terminationReason": "NETWORK_TERMINATED"}
        await emptied_callers.post(notification(number, PHONE, type=prefix + name, data=data))
    for name in ("subscription-ends", "subscription-ended"):
        assert len(await emptied_callers.history(device=PHONE, name=name)) == 2


async def test_of_several_identifiers_the_phone_number_is_used(emptied_callers: Callers) -> None:
    await emptied_callers.post(notification(1, PHONE))
    both = {**PHONE, "ipv6Address": "2001:db8::99"}
    assert len(await emptied_callers.history(device=both)) == 1


WRONG_QUERIES = [
    ("limit=0", "limit"),
    ("limit=1001", "limit"),
    ("limit=many", "limit"),
    ("order=sideways", "order"),
    ("kind=weather", "kind.0: must be 'connectivity', "),
    ("finding=nope", "finding.0: must be one of the values that the OpenAPI lists"),
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
    shared_callers: Callers, query: str, named: str
) -> None:
    answer = await shared_callers.reader.get(f"/devices/{uuid4()}/events?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert named in answer.json()["message"]


async def test_a_null_member_of_a_question_is_as_if_it_were_absent(
    emptied_callers: Callers,
) -> None:
    await emptied_callers.post(notification(1, PHONE))
    optional = EventFilters.model_fields.values()
    nulls = {field.alias: None for field in optional}
    device = {**PHONE, "ipv6Address": None, "ipv4Address": None}
    answer = await emptied_callers.reader.post("/events/retrieve", json={**nulls, "device": device})
    assert (answer.status_code, len(answer.json()["items"])) == (200, 1)
    for body, named in (
        ({"device": None}, "device: is required"),
        ({"device": PHONE, "limt": None}, "limt: unknown"),
    ):
        answer = await emptied_callers.reader.post("/events/retrieve", json=body)
        assert (answer.status_code, answer.json()["message"]) == (400, named)


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
    shared_callers: Callers, path: str, body: Any, named: str
) -> None:
    answer = await shared_callers.reader.post(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert named in answer.json()["message"]
    for value in ("not-a-number", "99999991000", "203.0.113.7"):
        assert value not in answer.text


async def test_a_body_that_is_not_json_is_400(shared_callers: Callers) -> None:
    answer = await shared_callers.reader.post(
        "/events/retrieve", content=b"{'", headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
