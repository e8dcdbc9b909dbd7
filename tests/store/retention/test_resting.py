"""A step of retention is followed by a rest that is longer than the step."""

import asyncio
import time

import pytest

from receiver.store.retention.resting import REST_FACTOR, REST_SECONDS_MAX, rest


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of each rest, none of which is waited for."""
    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        taken.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    return taken


async def test_a_rest_is_several_times_as_long_as_the_step(rests: list[float]) -> None:
    await rest(99.5)
    assert rests == [REST_FACTOR * 0.5]


async def test_the_rest_after_a_long_step_is_bounded(rests: list[float]) -> None:
    await rest(0.0)
    assert rests == [REST_SECONDS_MAX]
