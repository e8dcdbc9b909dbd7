"""The quarantine, as admins see it and others do not."""

from receiver.events.examples import NOTIFICATION
from tests.support.callers import Callers
from tests.support.console import read_page, signed_in, submit
from tests.support.hostile import HOSTILE, require_harmless
from tests.support.refused import JSON, body_of, keep, listed


async def test_a_body_that_is_good_now_is_stored_by_the_form_and_leads_to_its_event(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    keep(callers_conninfo, body_of(NOTIFICATION), "application/cloudevents+json")
    async with signed_in(emptied_callers, "admin") as client:
        listing = await read_page(client, "/console/quarantine")
        [link] = listing.select("#items ~ .scroll td.time a")
        item = await read_page(client, f"/console/{link['href']}")
        assert "yesterday: not understood" in item.select(".reason")[0].text
        assert "+99999991000" in item.select("pre")[0].text
        path = f"/console/{link['href']}"
        answer = await submit(client, f"{path}/reprocess")
        assert answer.status_code == 303
        assert str(answer.next_request.url.path) == path  # type: ignore[union-attr]
        item = await read_page(client, path)
        [done] = item.select(".done")
        assert "Understood and stored" in done.text
        assert item.select("form.act") == []
        [event] = done.select("a")
        found = await emptied_callers.reader.get(f"/events/{str(event['href']).rsplit('/', 1)[1]}")
        assert found.json()["device"] == NOTIFICATION["data"]["device"]
        assert "Nothing waits" in (await read_page(client, "/console/quarantine")).text
        stored = await read_page(client, "/console/quarantine?state=stored")
        assert "stored" in stored.select("#items ~ .scroll tbody .tag")[0].text


async def test_a_body_that_is_still_wrong_stays_with_the_reason_of_today(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    keep(callers_conninfo, b"{")
    [refused] = await listed(emptied_callers)
    path = f"/console/quarantine/{refused['id']}"
    async with signed_in(emptied_callers, "admin") as client:
        assert (await submit(client, f"{path}/reprocess")).status_code == 303
        item = await read_page(client, path)
        assert "refused again" in item.select("[role=status]")[0].text
        assert "not valid JSON" in item.select(".reason")[0].text
        assert len(item.select("form.act")) == 1


async def test_others_than_admins_are_told_who_may(callers: Callers, conninfo: str) -> None:
    keep(conninfo, b'{"private": 1}')
    [refused] = await listed(callers)
    async with signed_in(callers) as client:
        for path in ("/console/quarantine", f"/console/quarantine/{refused['id']}"):
            page = await read_page(client, path, status=403)
            assert "for admins" in page.text
            assert "private" not in page.text
        answer = await submit(client, f"/console/quarantine/{refused['id']}/reprocess")
        assert answer.status_code == 403
    assert [item["state"] for item in await listed(callers)] == ["refused"]
    counted = await callers.count_answers()
    assert counted[("console", "403", "permission-denied")] == 3


async def test_the_list_has_pages_and_filters(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    for number in range(52):
        keep(callers_conninfo, b"{", credential=f"sender-{number % 2}")
    async with signed_in(emptied_callers, "admin") as client:
        first = await read_page(client, "/console/quarantine")
        assert len(first.select("#items ~ .scroll tbody tr")) == 50
        [older] = first.select(".pager a")
        second = await read_page(client, f"/console/{older['href']}")
        assert len(second.select("#items ~ .scroll tbody tr")) == 2
        [newest] = second.select(".pager a")
        assert newest.text == "Newest"
        own = await read_page(client, "/console/quarantine?state=&credential=sender-1")
        assert len(own.select("#items ~ .scroll tbody tr")) == 26
        assert own.select("#credential")[0]["value"] == "sender-1"
        await read_page(client, "/console/quarantine?state=nonsense", status=400)


async def test_one_that_is_not_there_is_an_error_page(shared_callers: Callers) -> None:
    async with signed_in(shared_callers, "admin") as client:
        await read_page(client, "/console/quarantine/AAAAAAAAAAE", status=404)
        await read_page(client, "/console/quarantine/nonsense", status=404)


async def test_texts_of_a_sender_are_shown_as_text(emptied_callers: Callers) -> None:
    async with signed_in(emptied_callers, "admin") as client:
        for text in HOSTILE:
            body = f'{{"id": "{text}"'.encode()
            headers = {"content-type": JSON, "user-agent": ascii(text)}
            await emptied_callers.sink.post("/notifications", content=body, headers=headers)
            [newest, *_] = await listed(emptied_callers)
            page = require_harmless(await client.get(f"/console/quarantine/{newest['id']}"))
            assert "\u202e" not in page.select("pre")[0].text
            shown = page.select("pre")[0].text.replace("⟨U+202E⟩", "\u202e")
            assert shown.replace("⟨U+2066⟩", "\u2066") == body.decode()
        require_harmless(await client.get("/console/quarantine"))
