"""All events by arrival, one event with its payload, and the history of a device."""

from typing import Any

import psycopg
import pytest

from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION
from receiver.store.events.ingest import INSERT
from receiver.store.events.paging import walking
from receiver.store.events.paging.walking import Pace
from receiver.store.events.storing.rows import rows_of
from tests.support.arrivals import arrival
from tests.support.asking import PHONE, device_id, notification
from tests.support.callers import Callers


def backwards(number: int, **members: Any) -> dict[str, Any]:
    """Makes an event that happened the earlier the higher its number is."""
    made = notification(59 - number, PHONE, id=f"n-{number}")
    return made | members


async def listed(callers: Callers, query: str) -> dict[str, Any]:
    answer = await callers.reader.get(f"/events?{query}")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def test_events_come_by_arrival_whatever_time_they_tell(emptied_callers: Callers) -> None:
    for number in range(3):
        await emptied_callers.post(backwards(number))
    for order, expected in (("desc", ["n-2", "n-1", "n-0"]), ("asc", ["n-0", "n-1", "n-2"])):
        page = await listed(emptied_callers, f"order={order}")
        assert [event["eventId"] for event in page["items"]] == expected


@pytest.mark.parametrize("order", ["desc", "asc"])
async def test_pages_by_arrival_lose_and_repeat_nothing(
    emptied_callers: Callers, order: str
) -> None:
    for number in range(11):
        await emptied_callers.post(backwards(number))
    seen: list[str] = []
    query = f"order={order}&limit=3"
    page = await listed(emptied_callers, query)
    while True:
        seen += [event["eventId"] for event in page["items"]]
        if "nextCursor" not in page:
            break
        page = await listed(emptied_callers, f"{query}&cursor={page['nextCursor']}")
    assert sorted(seen, key=lambda name: int(name[2:])) == [f"n-{number}" for number in range(11)]


async def test_whoever_follows_gets_what_an_open_transaction_adds(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    await emptied_callers.post(backwards(1))
    with psycopg.connect(callers_conninfo) as other:
        other.execute(INSERT, {"rows": rows_of([arrival(2)])})
        await emptied_callers.post(backwards(3))
        page = await listed(emptied_callers, "order=asc")
        assert [event["eventId"] for event in page["items"]] == ["n-1"]
        newest = await listed(emptied_callers, "")
        assert [event["eventId"] for event in newest["items"]] == ["n-3", "n-1"]
        other.commit()
    rest = await listed(emptied_callers, f"order=asc&cursor={page['nextCursor']}")
    assert [event["eventId"] for event in rest["items"]] == ["event-2", "n-3"]
    assert "nextCursor" not in rest


async def test_a_page_that_ends_early_leads_to_what_is_behind_it(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        await callers.post(backwards(number, id=number if number == 0 else f"n-{number}"))
    pace = Pace(first_step=2, seconds=0)
    monkeypatch.setattr(walking, "USUAL", pace)
    query = "finding=id-not-a-string&limit=1"
    page = await listed(callers, query)
    assert (page["items"], "nextCursor" in page) == ([], True)
    pages = 1
    while not page["items"]:
        page = await listed(callers, f"{query}&cursor={page['nextCursor']}")
        pages += 1
    assert [event["eventId"] for event in page["items"]] == ["0"]
    assert pages == 3


async def test_no_event_at_all_is_an_empty_page(emptied_callers: Callers) -> None:
    assert await listed(emptied_callers, "") == {"items": []}


async def test_what_happened_to_a_subscription_is_a_filter(emptied_callers: Callers) -> None:
    await emptied_callers.post(NOTIFICATION)
    await emptied_callers.post(LEGACY_NOTIFICATION)
    page = await listed(emptied_callers, "subscriptionId=sub-4712")
    assert [event["kind"] for event in page["items"]] == ["connectivity"]


async def test_findings_are_a_filter(emptied_callers: Callers) -> None:
    await emptied_callers.post(NOTIFICATION)
    await emptied_callers.post(backwards(1, time="2026-04-17T07:31:01"))
    await emptied_callers.post(backwards(2, id=2))
    for query, expected in (
        ("finding=time-without-zone", ["n-1"]),
        ("finding=time-without-zone&finding=id-not-a-string", ["2", "n-1"]),
        ("finding=byte-order-mark", []),
    ):
        page = await listed(emptied_callers, query)
        assert [event["eventId"] for event in page["items"]] == expected


PAYLOADS = [
    b'{"specversion":"1.0","id":"1","source":"s","type":"t.x",\n\t"data":{"b":1.50,"a":1e2}}',
    '{ "specversion" : "1.0", "id":"\\u0031", "source":"é", "type":"t", "x":"\\/" }'.encode(),
    b'\n  {"specversion":"1.0","id":"1","source":"s","type":"t","a":1,"a":2}  \n',
]


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_an_event_comes_with_its_payload_to_the_letter(
    emptied_callers: Callers, payload: bytes
) -> None:
    headers = {"content-type": "application/json"}
    assert (
        await emptied_callers.sink.post("/notifications", content=payload, headers=headers)
    ).is_success
    [event] = (await listed(emptied_callers, ""))["items"]
    answer = await emptied_callers.reader.get(f"/events/{event['id']}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.content.endswith(b',"payload":' + payload + b"}")
    shown = answer.json()
    del shown["payload"]
    assert shown == event


@pytest.mark.parametrize("event_id", ["nobody", "AAAA", "A" * 43, "_" * 43, "%C3%A9"])
async def test_an_id_nobody_was_given_is_404(emptied_callers: Callers, event_id: str) -> None:
    answer = await emptied_callers.reader.get(f"/events/{event_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_findings_are_reported_by_sender_type_and_day(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    await emptied_callers.post(NOTIFICATION)
    for number in (1, 2):
        await emptied_callers.post(backwards(number, time=f"2026-04-17T07:31:0{number}"))
    with psycopg.connect(callers_conninfo) as connection:
        [row] = connection.execute(
            "SELECT credential, source, type, day = (now() AT TIME ZONE 'UTC')::date, finding,"
            " events, first_received_at < last_received_at, last_sender_event_id"
            " FROM reporting.finding"
        ).fetchall()
    assert row == (
        "the-sink",
        NOTIFICATION["source"],
        NOTIFICATION["type"],
        True,
        "time-without-zone",
        2,
        True,
        "n-2",
    )


async def test_history_is_newest_first_however_it_arrived(emptied_callers: Callers) -> None:
    for number in (3, 1, 2):
        await emptied_callers.post(notification(number, PHONE))
    whose = await device_id(emptied_callers, PHONE)
    for order, expected in (("desc", ["n-3", "n-2", "n-1"]), ("asc", ["n-1", "n-2", "n-3"])):
        answer = await emptied_callers.reader.get(
            f"/devices/{whose}/events", params={"order": order}
        )
        assert [event["eventId"] for event in answer.json()["items"]] == expected
        posted = await emptied_callers.history(device=PHONE, order=order)
        assert posted == answer.json()["items"]


async def test_pages_follow_each_other_by_cursor(emptied_callers: Callers) -> None:
    for number in range(7):
        await emptied_callers.post(notification(number, PHONE))
    whose = await device_id(emptied_callers, PHONE)
    seen: list[str] = []
    parameters: dict[str, Any] = {"limit": 3, "kind": "roaming"}
    while True:
        page = (
            await emptied_callers.reader.get(f"/devices/{whose}/events", params=parameters)
        ).json()
        seen += [event["eventId"] for event in page["items"]]
        if "nextCursor" not in page:
            break
        parameters["cursor"] = page["nextCursor"]
    assert seen == [f"n-{number}" for number in reversed(range(7))]


async def test_a_cursor_with_other_filters_or_order_is_400(emptied_callers: Callers) -> None:
    for number in range(3):
        await emptied_callers.post(notification(number, PHONE))
    first = await emptied_callers.reader.post(
        "/events/retrieve", json={"device": PHONE, "limit": 1}
    )
    cursor = first.json()["nextCursor"]
    for other in (
        {"kind": "roaming"},
        {"order": "asc"},
        {"device": {"phoneNumber": "+99999991001"}},
    ):
        question = {"device": PHONE, "cursor": cursor, **other}
        answer = await emptied_callers.reader.post("/events/retrieve", json=question)
        assert (answer.status_code, answer.json()["message"]) == (
            400,
            "cursor: belongs to other filters",
        )


async def test_the_id_of_an_event_is_the_one_psql_shows(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    await emptied_callers.post(notification(1, PHONE))
    [event] = await emptied_callers.history(device=PHONE)
    with psycopg.connect(callers_conninfo) as connection:
        shown = connection.execute("SELECT event_id FROM reporting.event").fetchall()
    assert shown == [(event["id"],)]


@pytest.mark.parametrize("has_time", [True, False])
async def test_a_redelivery_is_counted_whether_its_sender_gave_a_time_or_none(
    emptied_callers: Callers, has_time: bool
) -> None:
    sent = {name: value for name, value in NOTIFICATION.items() if has_time or name != "time"}
    for _ in range(3):
        assert (await emptied_callers.post(sent)).status_code == 204
    [event] = (await listed(emptied_callers, ""))["items"]
    assert event["deliveries"] == 3
    assert ("time-missing" in event.get("findings", [])) is not has_time
