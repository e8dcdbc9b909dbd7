"""The questions of one page: few at a time, each with a limit."""

import asyncio
from typing import Any, cast

from receiver.api.console.asking import Asking
from receiver.api.console.device.reading import read_device
from tests.support.drawn import week, write

DEVICE = {"deviceId": "0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa"}
AT_ONCE = 6
OLDEST = "2026-04-19T00:00:00.000000Z"


class CountingApi:
    """Answers with what was asked, and counts how many ask at a time."""

    def __init__(self, *, has_more: bool) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.waiting = 0
        self.most = 0
        self.members = {"nextCursor": "more"} if has_more else {}

    async def get(self, path: str, parameters: dict[str, Any] | None = None) -> Any:
        self.asked.append((path, parameters or {}))
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        await asyncio.sleep(0)
        self.waiting -= 1
        return {"asked": parameters, "items": [{"from": OLDEST}], **self.members}


async def read(
    is_now: bool = False, cursor: str | None = None, has_more: bool = False
) -> tuple[CountingApi, Any]:
    api = CountingApi(has_more=has_more)
    return api, await read_device(cast("Asking", api), DEVICE, week(is_now=is_now), cursor)


async def test_few_questions_are_asked_at_a_time_and_each_list_has_a_limit() -> None:
    api, answers = await read()
    assert api.most <= AT_ONCE
    lists = [asked for path, asked in api.asked if not path.endswith(("/status", "/availability"))]
    assert [asked for asked in lists if not 0 < asked["limit"] <= 1000] == []
    assert set(answers.intervals) == {"connectivity", "roaming", "network-type"}


async def test_everything_is_asked_of_the_window() -> None:
    _, answers = await read()
    start, end = write(week().start), write(week().end)
    for answer in (*answers.intervals.values(), answers.sessions, answers.availability):
        asked = answer["asked"]
        assert (asked["from"], asked["to"]) == (
            start.replace(".000000", ""),
            end.replace(".000000", ""),
        )
    assert answers.marks["asked"]["occurredFrom"] == answers.sessions["asked"]["from"]


async def test_the_present_has_no_end_and_rows_go_on_at_their_cursor() -> None:
    _, answers = await read(is_now=True, cursor="next")
    assert answers.rows["asked"] == {"occurredTo": None, "limit": 50, "cursor": "next"}
    assert answers.sessions["asked"]["to"] is None


async def test_no_country_is_asked_of_the_time_whose_intervals_are_left_out() -> None:
    _, answers = await read(has_more=True)
    assert answers.sessions["asked"]["from"] == OLDEST
