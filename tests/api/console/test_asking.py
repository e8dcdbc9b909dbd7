"""Questions of pages: answered, counted and audited as those of any caller."""

import pytest

from receiver.api.answers.counting import OTHER
from tests.support.callers import Callers
from tests.support.console import signed_in


async def test_a_page_and_its_questions_are_counted(callers: Callers) -> None:
    async with signed_in(callers) as client:
        before = await callers.count_answers()
        assert (await client.get("/console/fleet")).status_code == 200
        counted = await callers.count_answers() - before
        assert counted[("console", "200", "ok")] == 1
        assert counted[("questions", "200", "ok")] >= 1
        assert not [call for call, *_ in counted if call == OTHER]


async def test_no_header_stands_for_a_session(shared_callers: Callers) -> None:
    headers = {"receiver.session": "x", "cookie": "receiver.session=x; session=x"}
    answer = await shared_callers.nobody.get("/devices", headers=headers)
    assert answer.status_code == 401


async def test_a_session_asks_pages_alone(shared_callers: Callers) -> None:
    async with signed_in(shared_callers) as client:
        assert (await client.get("/devices")).status_code == 401


async def test_questions_are_audited_under_the_name_of_the_caller(
    shared_callers: Callers, capsys: pytest.CaptureFixture[str]
) -> None:
    async with signed_in(shared_callers) as client:
        await client.get("/console/fleet")
    lines = [line for line in capsys.readouterr().out.splitlines() if "GET /devices" in line]
    assert any("the-reader" in line for line in lines)
