"""Pages: their headers, and errors as pages."""

import pytest

from receiver.api.console.rendering import HEADERS
from receiver.events.examples import NOTIFICATION
from tests.support.callers import Callers
from tests.support.console import read_page, signed_in


async def test_every_page_forbids_what_is_foreign_and_is_kept_nowhere(
    shared_callers: Callers,
) -> None:
    async with signed_in(shared_callers) as client:
        answer = await client.get("/console/fleet")
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


async def test_an_error_is_a_page(shared_callers: Callers) -> None:
    async with signed_in(shared_callers) as client:
        page = await read_page(client, "/console/fleet?connectivity=nonsense", status=400)
        [sentence] = page.select("[role=alert]")
        assert "connectivity" in sentence.text
        assert "nonsense" not in page.text


async def test_a_form_beyond_the_limit_is_an_error_page(shared_callers: Callers) -> None:
    async with signed_in(shared_callers) as client:
        answer = await client.post(
            "/console/sign-in",
            data={"token": "x" * 70_000},
            headers={"sec-fetch-site": "same-origin"},
        )
        assert answer.status_code == 413


async def test_a_page_that_fails_is_counted_with_the_reason_of_its_question(
    callers: Callers,
) -> None:
    async with signed_in(callers) as client:
        before = await callers.count_answers()
        await read_page(client, "/console/fleet?connectivity=nonsense", status=400)
        counted = await callers.count_answers() - before
        assert counted[("console", "400", "invalid-argument")] == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/console", "/console/", "/console/fleet", "/console/none"])
async def test_a_notification_that_meets_a_page_is_kept_as_at_any_wrong_path(
    emptied_callers: Callers, method: str, path: str
) -> None:
    before = await emptied_callers.count_answers()
    answer = await emptied_callers.sink.request(method, path, json=NOTIFICATION)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    counted = await emptied_callers.count_answers() - before
    assert counted[("notifications", "404", "wrong-path")] == 1
    [kept] = (await emptied_callers.admin.get("/quarantine")).json()["items"]
    assert kept["credential"] == "the-sink"
