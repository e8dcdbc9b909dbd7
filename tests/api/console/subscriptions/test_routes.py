"""The screens of subscriptions."""

import json

from tests.support.asking import PHONE as DEVICE
from tests.support.callers import Callers
from tests.support.console import read_page, signed_in, submit
from tests.support.subscribing import ROAMING, post, told

PHONE: str = DEVICE["phoneNumber"]
ANSWER = {"id": "s-7", "types": [f"{ROAMING}roaming-on"], "expiresAt": "2126-05-17T07:00:00Z"}
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{7*7}}'


async def test_an_ended_subscription_stands_where_it_belongs(emptied_callers: Callers) -> None:
    await post(
        emptied_callers,
        told(1, f"{ROAMING}roaming-on"),
        told(2, f"{ROAMING}subscription-ended", terminationReason="NETWORK_TERMINATED"),
    )
    async with signed_in(emptied_callers) as client:
        for show, expected in (("uncovered", 1), ("ended", 1), ("all", 1), ("silent", 0), ("", 0)):
            page = await read_page(client, f"/console/subscriptions?show={show}")
            assert len(page.select("tbody a.mono[href*=one]")) == expected, show
            assert len(page.select("tbody .empty")) == 1 - expected
        page = await read_page(client, "/console/subscriptions?show=ended")
        [row] = page.select("tbody tr")
        assert [tag.text for tag in row.select(".tag")] == ["ended", "not replaced"]
        assert "network terminated" in row.text
        [link] = row.select("a[href*=one]")
        one = await read_page(client, f"/console/{link['href']}")
        assert "roaming-on" in one.text
        assert PHONE in one.text


async def test_a_page_leads_to_the_next_one(emptied_callers: Callers) -> None:
    notifications = [
        told(1, f"{ROAMING}roaming-on", subscription=f"s-{number:03}") for number in range(51)
    ]
    await post(emptied_callers, *notifications)
    async with signed_in(emptied_callers) as client:
        page = await read_page(client, "/console/subscriptions?show=all")
        assert len(page.select("tbody tr")) == 50
        [following] = page.select("a[rel=next]")
        page = await read_page(client, f"/console/{following['href']}")
        assert len(page.select("tbody tr")) == 1
        assert page.select("a[rel=next]") == []


async def test_a_registrar_tells_of_a_subscription_by_a_form(emptied_callers: Callers) -> None:
    fields = {"credential": "the-sink", "subscription": json.dumps(ANSWER), "phoneNumber": PHONE}
    async with signed_in(emptied_callers, "registrar") as client:
        answer = await submit(client, "/console/subscriptions/tell", fields)
        assert answer.status_code == 303
        page = await read_page(client, f"/console/subscriptions/{answer.headers['location']}")
        assert "2126-05-17 07:00:00" in page.text
        assert PHONE in page.text
        page = await read_page(client, "/console/subscriptions?show=all")
        assert "s-7" in page.text


async def test_what_is_wrong_in_a_form_is_said_beside_what_was_written(
    emptied_callers: Callers,
) -> None:
    async with signed_in(emptied_callers, "admin") as client:
        for subscription, word in (("{", "JSON"), ('{"id": []}', "subscription")):
            fields = {"credential": "the-sink", "subscription": subscription}
            answer = await submit(client, "/console/subscriptions/tell", fields)
            assert answer.status_code == 400
            assert word in answer.text.split('role="alert"')[1].split("</p>")[0]
            assert "the-sink" in answer.text


async def test_a_reader_may_not_tell(emptied_callers: Callers) -> None:
    fields = {"credential": "the-sink", "subscription": json.dumps(ANSWER)}
    async with signed_in(emptied_callers) as client:
        page = await read_page(client, "/console/subscriptions/tell")
        assert page.select("main form") == []
        assert (await submit(client, "/console/subscriptions/tell", fields)).status_code == 403


async def test_what_senders_write_is_text(emptied_callers: Callers) -> None:
    end = f"{ROAMING}subscription-ended"
    await post(
        emptied_callers,
        told(1, f"{ROAMING}roaming-on", subscription=HOSTILE),
        told(
            2,
            end,
            subscription=HOSTILE,
            terminationReason=HOSTILE[:60],
            terminationDescription=HOSTILE,
        ),
    )
    async with signed_in(emptied_callers) as client:
        page = await read_page(client, "/console/subscriptions?show=ended")
        [link] = page.select("tbody a[href*=one]")
        one = await read_page(client, f"/console/{link['href']}")
        for shown in (page, one):
            assert shown.select("script, img") == []
            assert HOSTILE in shown.text


async def test_a_subscription_that_is_unknown_is_no_page(shared_callers: Callers) -> None:
    async with signed_in(shared_callers) as client:
        path = "/console/subscriptions/one?credential=x&subscription=y"
        await read_page(client, path, status=404)
