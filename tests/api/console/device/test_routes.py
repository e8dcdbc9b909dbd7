"""The screens of a device: the search, the week of a phone, and one of its events."""

import json

import httpx
import pytest

from receiver.api.console.rendering import POLICY
from tests.support.asking import notification
from tests.support.callers import Callers
from tests.support.console import read_page, submit
from tests.support.device_story import FILE, PHONE_NUMBER, WEEK

BATCH = {"content-type": "application/cloudevents-batch+json"}
OTHER = {"phoneNumber": "+99999993000"}
ROWS = "section:last-of-type td:first-child a"

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "\u202ereversed\u2066",
)


async def test_a_device_is_found_however_its_number_is_typed(
    window: httpx.AsyncClient, phone: str
) -> None:
    for typed in (f"  {PHONE_NUMBER} ", PHONE_NUMBER.replace("999", " 999"), phone[-36:]):
        answer = await submit(window, "/console/devices", {"identifier": typed})
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            phone.removeprefix("/console/"),
        )


@pytest.mark.parametrize(
    ("typed", "status"),
    [("+99999998888", 404), ("nobody@operator.example", 404), ("", 400), ("<b>x</b>", 400)],
)
async def test_what_is_not_found_is_a_page_that_says_so(
    window: httpx.AsyncClient, typed: str, status: int
) -> None:
    answer = await submit(window, "/console/devices", {"identifier": typed})
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert "<b>x" not in answer.text


async def test_the_page_says_what_is_true_now(window: httpx.AsyncClient, phone: str) -> None:
    page = await read_page(window, phone)
    assert page.h1 is not None
    assert page.h1.text == PHONE_NUMBER
    figures = [card.text for card in page.select(".cards .figure")]
    # How many subscriptions are silent depends on the day.
    assert figures[:3] == ["Data", "Home network", "5G"]
    assert figures[3].endswith("active of 5")
    [confirmed] = {link["href"] for link in page.select(".cards .card:first-child a")}
    assert str(confirmed).startswith("../events/")


async def test_the_week_has_its_bands_countries_and_marks(
    window: httpx.AsyncClient, phone: str
) -> None:
    page = await read_page(window, phone + WEEK)
    [desk, handheld] = page.select("svg.timeline")
    for drawing in (desk, handheld):
        titles = list(dict.fromkeys(title.text for title in drawing.select("rect > title")))
        assert [title for title in titles if "Not connected" in title] == [
            f"Connectivity: Not connected, from {begin} to {end}, {length}"
            for begin, end, length in (
                ("2026-04-14 02:12:40", "2026-04-14 06:41:03", "4 h 28 min"),
                ("2026-04-15 07:30:20", "2026-04-15 11:52:41", "4 h 22 min"),
                ("2026-04-17 18:20:30", "2026-04-17 21:35:10", "3 h 14 min"),
            )
        ]
        countries = [title.split(",")[0] for title in titles if title.startswith("Country")]
        assert set(countries) == {
            "Country: Unknown",
            "Country: Home",
            "Country: Abroad",
            "Country: France",
            "Country: Spain",
        }
        assert "its subscription ended" in " ".join(titles)
        marks = [title.text for title in drawing.select(".mark title")]
        assert len(marks) == 2
    words = [text.text for text in desk.select("text")]
    assert {"France", "Spain", "reachable 92%", "2 countries abroad", "subscription expired"} < set(
        words
    )
    assert "2 late" in words


async def test_every_band_that_an_event_begins_leads_to_it(
    window: httpx.AsyncClient, phone: str
) -> None:
    page = await read_page(window, phone + WEEK)
    links = page.select("svg.desk a:has(rect.bad)")
    assert len(links) >= 3
    event = await window.get(httpx.URL(f"http://x{phone}").join(str(links[0]["href"])).path)
    assert "reachability-disconnected" in event.text


async def test_the_tables_say_what_the_drawing_shows(window: httpx.AsyncClient, phone: str) -> None:
    page = await read_page(window, phone + WEEK)
    assert {svg["aria-hidden"] for svg in page.select("svg")} == {"true"}
    lanes = page.select("details table")
    assert len(lanes) == 4
    assert "Spain" in lanes[1].text
    assert "subscription expired" in lanes[3].text


async def test_links_lead_to_other_times_and_spans(window: httpx.AsyncClient, phone: str) -> None:
    page = await read_page(window, phone + WEEK)
    chips = {link.text: str(link["href"]) for link in page.select(".chips a")}
    assert list(chips) == ["Earlier", "Day", "Week", "Month", "Later", "Now"]
    for name in ("Earlier", "Later", "Now"):
        path = httpx.URL(f"http://x{phone}").join(chips[name])
        await read_page(window, f"{path.path}?{path.query.decode()}")


async def test_rows_are_paged_until_their_end(window: httpx.AsyncClient, phone: str) -> None:
    count = len(FILE.read_text().splitlines())
    page = await read_page(window, phone + WEEK)
    assert len(page.select("section:last-of-type tbody tr")) == count
    assert page.select(".pager a") == []


async def test_rows_go_further_back_page_by_page(
    window: httpx.AsyncClient, shared_callers: Callers
) -> None:
    batch = [notification(number, OTHER) for number in range(1, 60)]
    answer = await shared_callers.sink.post(
        "/notifications", content=json.dumps(batch), headers=BATCH
    )
    assert answer.status_code == 204, answer.text
    found = await submit(window, "/console/devices", {"identifier": OTHER["phoneNumber"]})
    first = f"/console/{found.headers['location']}?span=day&to=2026-04-18T00%3A00%3A00Z"
    page = await read_page(window, first)
    rows = [one.text for one in page.select(ROWS)]
    [further] = page.select(".pager a")
    path = httpx.URL(f"http://x{first}").join(str(further["href"]))
    back = await read_page(window, f"{path.path}?{path.query.decode()}")
    rows += [one.text for one in back.select(ROWS)]
    assert len(rows) == 59
    assert len(set(rows)) == 59
    [latest] = back.select(".pager a")
    assert latest.text == "Latest"
    # The window stays as it was.
    assert back.select_one("#timeline") == page.select_one("#timeline")


@pytest.mark.parametrize(
    "query", ["?span=year", "?to=yesterday", "?cursor=nonsense", "?to=9999-12-31"]
)
async def test_an_address_that_no_page_makes_is_an_error_page(
    window: httpx.AsyncClient, phone: str, query: str
) -> None:
    await read_page(window, phone + query, 400)


async def test_a_device_or_an_event_that_nobody_knows_is_a_page(
    window: httpx.AsyncClient,
) -> None:
    await read_page(window, "/console/devices/0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa", 404)
    await read_page(window, "/console/devices/nonsense", 400)
    await read_page(window, "/console/events/nonsense", 404)


async def test_an_event_is_shown_whole_with_its_findings(
    window: httpx.AsyncClient, phone: str
) -> None:
    page = await read_page(window, phone + WEEK)
    [row] = [row for row in page.select("section:last-of-type tr") if "without plus" in row.text]
    assert row.select_one(".tag[title='The phone number lacked its plus sign.']") is not None
    link = row.select_one("a")
    assert link is not None
    event = await read_page(window, "/console" + str(link["href"]).removeprefix(".."))
    assert "CAMARA, PhoneNumber" in event.text
    pretty, raw = (one.text for one in event.select("pre"))
    [sent] = [line for line in FILE.read_text().splitlines() if '"99999992000"' in line]
    assert raw in sent
    assert json.loads(raw) == json.loads(pretty) == json.loads(sent)["body"]
    assert len(pretty.splitlines()) > 10


async def test_what_a_sender_writes_is_shown_as_text(
    window: httpx.AsyncClient, shared_callers: Callers
) -> None:
    phone_number, long = "+99999994000", "x" * 10_000
    batch = [
        {
            "specversion": "1.0",
            "id": f"{kind}-{number}-{text}",
            "source": f"{text}{long[:1500]}",
            "type": f"org.example.{text}.v0.{segment}",
            "time": f"2026-04-17T0{number}:00:00Z",
            "data": {
                "device": {
                    "phoneNumber": phone_number,
                    "networkAccessIdentifier": f"{text}@operator.example",
                },
                "subscriptionId": f"{text}-{kind}",
                **data,
            },
        }
        for number, text in enumerate(HOSTILE)
        for kind, segment, data in (
            ("network", "network-type-changed", {"connectedNetworkType": text}),
            ("roaming", "roaming-change-country", {"countryName": [text], "countryCode": 1}),
            (
                "end",
                "subscription-ended",
                {"terminationReason": text, "terminationDescription": text},
            ),
            ("unknown", text.replace(".", ""), {"member": text + long}),
        )
    ]
    answer = await shared_callers.sink.post(
        "/notifications", content=json.dumps(batch), headers=BATCH
    )
    assert answer.status_code == 204, answer.text
    found = await submit(window, "/console/devices", {"identifier": phone_number})
    path = f"/console/{found.headers['location']}?span=day&to=2026-04-17T12%3A00%3A00Z"
    assert (await window.get(path)).headers["content-security-policy"] == POLICY
    page = await read_page(window, path)
    links = [str(link["href"]) for link in page.select(ROWS)]
    assert len(links) == len(batch)
    # Those of the last text, and of each text the latest.
    chosen = {*links[:4], *links[::4]}
    events = [await read_page(window, "/console" + link.removeprefix("..")) for link in chosen]
    for one in (page, *events):
        assert one.select("script, img, main [onerror], [style]") == []
    titles = " ".join(title.text for title in page.select("svg title"))
    for text in HOSTILE:
        assert text in titles
        assert text.lower() in page.text.lower()
        assert [one for one in events if text in json.loads(one.select("pre")[1].text)["source"]]
