"""Each POST is answered once, counted, and never forgotten."""

import asyncio
from datetime import UTC, datetime

import pytest

from receiver.api.sink.posted import Posted
from receiver.api.sink.responder import Responder
from receiver.errors import QueueFull
from receiver.metrics.metrics import Metrics
from receiver.metrics.reading import Reading
from tests.support.exposition import value
from tests.support.requests import Request

NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(queue_limit_notifications=1)


def counted(metrics: Metrics, status: int, reason: str) -> float | None:
    text = metrics.exposition(Reading()).decode()
    labels = {"call": "notifications", "status": str(status), "reason": reason}
    return value(text, "receiver_answers_total", labels)


async def test_a_confirmed_request_is_204_at_once_and_counted_with_its_turn(
    metrics: Metrics,
) -> None:
    responder, requests = Responder(metrics), [Request() for _ in range(3)]
    for request in requests:
        responder.confirm(Posted(request, NOW))
    assert [request.answers[0][0] for request in requests] == [204, 204, 204]
    await asyncio.sleep(0)
    assert counted(metrics, 204, "ok") == 3


async def test_a_failed_request_is_answered_and_counted_with_its_reason(metrics: Metrics) -> None:
    responder, request = Responder(metrics), Request()
    responder.fail(Posted(request, NOW), QueueFull("full"))
    assert [status for status, _ in request.answers] == [503]
    assert counted(metrics, 503, "queue-full") == 1


@pytest.mark.parametrize(("error", "status"), [(QueueFull("full"), 503), (ValueError(), 500)])
async def test_an_error_of_later_steps_is_the_answer(
    metrics: Metrics, error: Exception, status: int
) -> None:
    responder, request = Responder(metrics), Request()

    async def steps() -> None:
        await asyncio.sleep(0)
        raise error

    responder.start(Posted(request, NOW), steps())
    await asyncio.sleep(0.01)
    assert [status for status, _ in request.answers] == [status]


async def test_closing_ends_what_still_waits_with_an_answer(metrics: Metrics) -> None:
    responder, request = Responder(metrics), Request()
    ended = asyncio.Event()

    async def steps() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    responder.start(Posted(request, NOW), steps())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await responder.aclose()
    assert ended.is_set()
    assert [status for status, _ in request.answers] == [503]
    assert counted(metrics, 503, "stopping") == 1
