"""The live screen, and its stream over a real connection."""

import asyncio

import httpx
from bs4 import BeautifulSoup

from receiver.events.examples import NOTIFICATION
from tests.support.asking import PHONE, notification
from tests.support.callers import Callers
from tests.support.console import read_page, signed_in

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{7*7}}'


async def test_the_page_begins_with_the_latest_events_that_pass(callers: Callers) -> None:
    await callers.post(NOTIFICATION)
    async with signed_in(callers) as client:
        page = await read_page(client, "/console/live")
        assert len(page.select("#rows tr")) == 1
        page = await read_page(client, "/console/live?kind=connectivity&credential=x&name=")
        assert page.select("#rows tr") == []
        assert page.select("#rows")[0]["data-stream"] == (
            "live/events?kind=connectivity&credential=x&since="
        )


async def test_a_filter_that_is_none_is_said(shared_callers: Callers) -> None:
    async with signed_in(shared_callers) as client:
        page = await read_page(client, "/console/live?kind=nonsense", status=400)
        assert "kind" in page.select("[role=alert]")[0].text


async def read_row(client: httpx.AsyncClient, path: str, callers: Callers) -> str:
    """Returns the first row that a stream tells, of an event that is posted meanwhile."""
    async with asyncio.timeout(20), client.stream("GET", path) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        data: list[str] = []
        is_posted = False
        async for line in answer.aiter_lines():
            if line.startswith("id: ") and not is_posted:
                is_posted = True
                hostile = notification(1, PHONE)
                hostile["data"]["subscriptionId"] = HOSTILE
                await callers.post(hostile)
            elif line.startswith("data: "):
                data.append(line.removeprefix("data: "))
            elif not line and data:
                return "\n".join(data)
    raise AssertionError


async def test_an_event_arrives_as_the_row_that_the_page_would_have(callers: Callers) -> None:
    async with signed_in(callers) as client:
        told = await read_row(client, "/console/live/events", callers)
        page = await read_page(client, "/console/live")
        [row] = page.select("#rows tr")
        assert row.text.split() == BeautifulSoup(told, "html.parser").text.split()
        assert "<script>" not in told
        assert page.select("td script, td img") == []
        assert HOSTILE in row.text


async def test_the_stream_is_for_whoever_signed_in(shared_callers: Callers) -> None:
    answer = await shared_callers.nobody.get("/console/live/events")
    assert answer.status_code == 303
