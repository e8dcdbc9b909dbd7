"""The screen of senders, as it is read."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from receiver.api.console.senders.texts import shorten, show_marks
from receiver.api.console.senders.views import SOURCE_LENGTH
from receiver.events.examples import NOTIFICATION
from receiver.store.credentials.credentials import Role, create_credential
from receiver.store.senders import questions
from tests.support.callers import Callers
from tests.support.console import read_page, signed_in
from tests.support.hostile import HOSTILE, require_harmless


def fresh(**changed: Any) -> dict[str, Any]:
    """A notification of now, whose time has no zone."""
    time = datetime.now(UTC).isoformat().removesuffix("+00:00")
    return {**NOTIFICATION, "time": time, **changed}


async def test_a_sender_its_findings_and_its_refusals_are_shown(callers: Callers) -> None:
    for number in range(3):
        assert (await callers.post(fresh(id=str(number)))).status_code == 204
    await callers.post({"specversion": "1.0"})
    async with signed_in(callers) as client:
        page = await read_page(client, "/console/senders")
        [card] = page.select("section.sender")
        assert card.select("h2")[0].text == "the-sink"
        words = [one.text for one in card.select(".figures dt, .figures dd")]
        figures = dict(zip(words[::2], words[1::2], strict=True))
        assert figures["Events"].startswith("3 ")
        assert figures["Sources"] == "1"
        [drawing] = card.select("svg[role=img]")
        assert "3 events" in drawing["aria-label"]
        assert "1 refused" in card.select("summary")[0].text
        assert "1 waiting" in page.select("a.button")[0].text
        # A reader is told how many and why, and not which.
        assert card.select("details a") == []
        [tag] = [one for one in card.select("a.tag") if "time-without-zone" in one.text]
        shown = await read_page(
            client, f"/console/senders/{str(tag['href']).removeprefix('senders/')}"
        )
        assert "RFC 3339" in shown.text
        [report] = shown.select("pre.report")
        assert NOTIFICATION["data"]["device"]["phoneNumber"] in report.text
        [event] = shown.select("td.time a")
        assert str(event["href"]).startswith("../../events/")
        sources = await read_page(client, "/console/senders/sources?credential=the-sink")
        assert NOTIFICATION["source"] in sources.select("tbody th")[0].text


async def test_without_events_the_screen_says_so(shared_callers: Callers) -> None:
    async with signed_in(shared_callers) as client:
        page = await read_page(client, "/console/senders?window=month")
        assert "never used" in page.text or "nothing stored" in page.text
        assert page.select(".chips a[aria-current]")[0].text == "30 days"
        shown = await read_page(client, "/console/senders/findings/time-missing?window=week")
        assert "No event of the last 7 days has it." in shown.text
        sources = await read_page(client, "/console/senders/sources?credential=nobody")
        assert "Nothing of this credential" in sources.text


async def test_a_credential_beyond_what_was_counted_is_not_said_to_be_silent(
    callers: Callers, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "SENDERS_MAX", 1)
    digest = hashlib.sha256(b"token-of-second").digest()
    create_credential(conninfo, "second", Role.SINK, digest, None)
    for number in range(2):
        await callers.post(fresh(id=str(number)))
    second = {"authorization": "Bearer token-of-second"}
    assert (await callers.post(fresh(id="3"), headers=second)).status_code == 204
    async with signed_in(callers) as client:
        page = await read_page(client, "/console/senders")
        [card] = [one for one in page.select("section.sender") if "second" in one.text]
        assert "not among the events that were counted" in card.text
        assert "1 more" in page.text


async def test_a_finding_that_there_is_not_has_no_page(shared_callers: Callers) -> None:
    async with signed_in(shared_callers) as client:
        page = await read_page(client, "/console/senders/findings/nonsense", status=404)
        assert "There is no such page" in page.text


async def test_texts_of_a_sender_are_shown_as_text(callers: Callers) -> None:
    for number, text in enumerate(HOSTILE):
        notification = fresh(id=f"{number}{text}"[:256], source=text)
        assert (await callers.post(notification)).status_code == 204
    # The latest one is the example of its finding.
    told = {**NOTIFICATION["data"], "note": HOSTILE}
    await callers.post(fresh(id=HOSTILE[1], source=HOSTILE[0], data=told))
    async with signed_in(callers) as client:
        page = require_harmless(await client.get("/console/senders/sources?credential=the-sink"))
        shown = [one.text for one in page.select("tbody th")]
        written = [shorten(show_marks(text), SOURCE_LENGTH) for text in HOSTILE]
        assert sorted(shown) == sorted(written)
        for text in HOSTILE:
            answer = await client.get("/console/senders/sources", params={"credential": text})
            assert text in require_harmless(answer).select("h1")[0].text
        report = require_harmless(
            await client.get("/console/senders/findings/time-without-zone")
        ).select("pre.report")[0]
        assert HOSTILE[0] in report.text
        assert "\u202e" not in report.text
