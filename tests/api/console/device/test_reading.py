"""The questions of one page: few at a time, each with a limit."""

import asyncio
from typing import Any, cast

from receiver.api.console.asking import Asking
from receiver.api.console.device.reading import read_device
from tests.support.drawn import week, write

DEVICE = {"deviceId": "0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa"}
AT_ONCE = 6


class CountingApi:
    """Answers with what was asked, and counts how many ask at a time."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.waiting = 0
        self.most = 0

    async def get(self, path: str, parameters: dict[str, Any] | None = None) -> Any:
        self.asked.append((path, parameters or {}))
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        await asyncio.sleep(0)
        self.waiting -= 1
        return path, parameters


async def read(is_now: bool, cursor: str | None = None) -> tuple[CountingApi, Any]:
    api = CountingApi()
    return api, await read_device(cast("Asking", api), DEVICE, week(is_now=is_now), cursor)


async def test_few_questions_are_asked_at_a_time_and_each_list_has_a_limit() -> None:
    api, answers = await read(is_now=False)
    assert api.most <= AT_ONCE
    lists = [asked for path, asked in api.asked if not path.endswith(("/status", "/availability"))]
    assert [asked for asked in lists if not 0 < asked["limit"] <= 1000] == []
    assert set(answers.intervals) == {"connectivity", "roaming", "network-type"}


async def test_everything_is_asked_of_the_window() -> None:
    _, answers = await read(is_now=False)
    start, end = write(week().start), write(week().end)
    for _, asked in (*answers.intervals.values(), answers.sessions, answers.availability):
        assert (asked["from"], asked["to"]) == (
            start.replace(".000000", ""),
            end.replace(".000000", ""),
        )
    assert answers.marks[1]["occurredFrom"] == answers.sessions[1]["from"]


async def test_the_present_has_no_end_and_rows_go_on_at_their_cursor() -> None:
    _, answers = await read(is_now=True, cursor="next")
    assert answers.rows[1] == {"occurredTo": None, "limit": 50, "cursor": "next"}
    assert answers.sessions[1]["to"] is None
