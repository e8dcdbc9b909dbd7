"""The clock of a running loop, put ahead by a test, so that a pause of a minute takes no time."""

import asyncio
from collections.abc import AsyncIterator

import pytest


class LoopClock:
    """Is the loop's clock, and further ahead with each `advance`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._time = loop.time
        self._ahead_seconds = 0.0

    def time(self) -> float:
        return self._time() + self._ahead_seconds

    def advance(self, seconds: float) -> None:
        self._ahead_seconds += seconds


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LoopClock]:
    """The clock of the test's loop."""
    loop = asyncio.get_running_loop()
    advanced = LoopClock(loop)
    with monkeypatch.context() as patch:
        patch.setattr(loop, "time", advanced.time)
        yield advanced
