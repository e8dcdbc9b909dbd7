"""Questions of pages: answered, counted and audited as those of any caller."""

import asyncio

import pytest

from receiver.api.answers.counting import OTHER
from receiver.api.console.asking import Refused, ask_together
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


async def test_what_is_asked_beside_a_refused_question_is_given_up_first() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def refuse() -> None:
        await began.wait()
        raise Refused(400, "INVALID_ARGUMENT", "limit: must be 1 or more", None, "invalid-argument")

    async def take_long() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    with pytest.raises(Refused):
        await ask_together(refuse(), take_long())
    assert ended.is_set()


async def test_answers_come_in_the_order_of_their_questions() -> None:
    async def answer(word: str, turns: int) -> str:
        for _ in range(turns):
            await asyncio.sleep(0)
        return word

    assert await ask_together(answer("a", 3), answer("b", 0)) == ["a", "b"]
