"""The screen of the fleet."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup

from receiver.api.console.asking import Asking
from receiver.api.console.fleet import routes
from receiver.api.questions.examples import DEVICE_ID, STATUS
from receiver.store.fleet import counting
from tests.api.questions.test_fleet import PHONES, told
from tests.api.questions.test_status import API, ROAMING, post
from tests.support.callers import Callers
from tests.support.console import read_page, signed_in

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "\u202eRTL\u202c",
    "x" * 10_000,
)


@pytest.fixture(autouse=True)
def counts_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(counting, "REST", 0)


async def read_fleet(client: httpx.AsyncClient, devices: int) -> BeautifulSoup:
    """Returns the page as soon as it counts so many devices."""
    while True:
        page = await read_page(client, "/console/fleet")
        figure = page.select_one(".figure")
        if figure is not None and figure.text == str(devices):
            return page
        await asyncio.sleep(0.05)


def cells(page: BeautifulSoup) -> list[list[str]]:
    rows = page.select("table.devices tbody tr")
    return [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in rows]


async def test_an_empty_service_says_what_to_do(emptied_callers: Callers) -> None:
    async with signed_in(emptied_callers) as client:
        page = await read_page(client, "/console/fleet")
    assert "receiver simulate" in page.get_text()
    assert page.select("svg, table, .figure") == []


async def test_each_number_leads_to_as_many_rows(emptied_callers: Callers) -> None:
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
    async with signed_in(emptied_callers) as client:
        page = await read_fleet(client, 5)
        links = [
            *((each, each.select_one(".figure")) for each in page.select(".cards a")),
            *((each, each.find_next("strong")) for each in page.select(".legend a, .bars a")),
        ]
        assert len(links) == 4 + 3 + 1 + 1 + 1
        for link, number in links:
            assert number is not None
            shown = await read_page(client, f"/console/{link['href']}".replace("#devices", ""))
            assert len(cells(shown)) == int(number.text), link["href"]
        assert page.select_one('.stack [fill="url(#hatch)"]') is not None
        chips = [each.text for each in page.select(".chips a")]
        assert chips[:3] == ["All 5", "Not connected 1", "Connectivity unknown 3"]
        current = [each.text for each in page.select(".chips [aria-current]")]
        assert current == ["All 5"]
        named = {row[0]: row for row in cells(page)}
        assert set(named) == {phone["phoneNumber"] for phone in PHONES}
        assert named[PHONES[0]["phoneNumber"]][2].startswith("Roaming, France")
        assert "subscription ended" in named[PHONES[1]["phoneNumber"]][2]
        for name in named:
            assert name not in "".join(str(each["href"]) for each in page.select("[href]"))


async def test_pages_are_turned_with_their_filters(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "ROWS", 2)
    await post(callers, *(told(n, n, f"{API}reachability-data") for n in range(5)))
    async with signed_in(callers) as client:
        place = "/console/fleet?connectivity=CONNECTED_DATA&country=&roaming="
        found = []
        for number in range(3):
            page = await read_page(client, place)
            found += [row[0] for row in cells(page)]
            pager = {each.text: str(each["href"]) for each in page.select(".pager a")}
            assert ("First page" in pager, "Next page" in pager) == (number > 0, number < 2)
            place = f"/console/{pager.get('Next page', '')}".replace("#devices", "")
        assert sorted(found) == sorted(phone["phoneNumber"] for phone in PHONES)
        first = urlsplit(pager["First page"])
        assert parse_qs(first.query) == {"connectivity": ["CONNECTED_DATA"]}
        nobody = await read_page(client, "/console/fleet?connectivity=NOT_CONNECTED")
        assert "No device passes these filters" in nobody.get_text()
        chosen = nobody.select_one("select[name=connectivity] [selected]")
        assert chosen is not None
        assert chosen["value"] == "NOT_CONNECTED"
        await read_page(client, "/console/fleet?country=France", status=400)


@pytest.mark.parametrize("text", HOSTILE, ids=("script", "tag", "template", "marks", "long"))
async def test_what_senders_write_is_text(
    shared_callers: Callers, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    value = {"value": text, "since": STATUS["asOf"], "confirmedAt": STATUS["asOf"], "eventId": "e"}
    counted = {"values": [{"value": text, "devices": 3}], "unknown": 1, "others": 2}
    answers: dict[str, Any] = {
        "/devices/summary": {
            "asOf": STATUS["asOf"],
            "devices": 6,
            "connectivity": counted,
            "roaming": {"roaming": 3, "atHome": 1, "unknown": 2},
            "country": {"values": [{"countryName": [text], "devices": 3}], "unknown": 1},
            "networkType": counted,
            "heard": {"lastHour": 1, "lastDay": 2},
        },
        "/devices": {
            "items": [
                {
                    "deviceId": DEVICE_ID,
                    "device": {"phoneNumber": text, "networkAccessIdentifier": text},
                    "connectivity": value,
                    "roaming": {**value, "value": True, "countryName": [text]},
                    "networkType": value,
                    "lastEventAt": STATUS["lastEventAt"],
                }
            ],
            "nextCursor": "abc",
        },
    }

    async def answer(_self: object, path: str, _parameters: object = ()) -> Any:
        return answers[path]

    monkeypatch.setattr(Asking, "get", answer)
    async with signed_in(shared_callers) as client:
        page = await read_page(client, "/console/fleet")
    assert page.select("script, img") == []
    assert page.get_text().count(text) >= 8
