"""Single-flight: callers share a refresh that starts after they asked, at a bounded rate."""

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress

import pytest

from receiver.single_flight import SharedRefresh
from tests.support.loop_clock import LoopClock

# Longer than any test takes, so that only a clock put ahead brings a refresh whose turn it is not.
INTERVAL_SECONDS = 3600.0

# Short enough to wait for in a test, for a refresh that never ends by itself.
LIMIT_SECONDS = 0.05


class Refresh:
    """A refresh that a test holds and lets go; counts how often it started and ended."""

    def __init__(self) -> None:
        self.started = 0
        self.ended = 0
        self.may_end = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> None:
        self.started += 1
        await self.may_end.wait()
        self.ended += 1
        if self.error is not None:
            raise self.error

    async def wait_for_start(self, number: int) -> None:
        await wait_until(lambda: self.started >= number)


async def wait_until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0)


async def some_turns() -> None:
    """Lets everything run that waits for no time to pass."""
    for _ in range(20):
        await asyncio.sleep(0)


def shared(
    refresh: Refresh, interval_seconds: float = 0.0, limit_seconds: float = 60.0
) -> SharedRefresh:
    return SharedRefresh(
        refresh,
        interval_seconds=interval_seconds,
        limit_seconds=limit_seconds,
        name="refresh of a test",
    )


async def test_callers_that_come_together_share_one_refresh() -> None:
    refresh = Refresh()
    refresh.may_end.set()
    call = shared(refresh)
    await asyncio.gather(*(call() for _ in range(10)))
    assert (refresh.started, refresh.ended) == (1, 1)


async def test_a_caller_during_a_refresh_gets_the_next_one() -> None:
    refresh = Refresh()
    call = shared(refresh)
    first = asyncio.create_task(call())
    await refresh.wait_for_start(1)
    later = [asyncio.create_task(call()) for _ in range(3)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert refresh.started == 1
    refresh.may_end.set()
    await asyncio.gather(first, *later)
    assert (refresh.started, refresh.ended) == (2, 2)


async def test_every_waiting_caller_gets_the_error_and_the_next_refresh_starts_anew() -> None:
    refresh = Refresh()
    refresh.may_end.set()
    refresh.error = RuntimeError("away")
    call = shared(refresh)
    outcomes = await asyncio.gather(call(), call(), return_exceptions=True)
    assert [outcome is refresh.error for outcome in outcomes] == [True, True]
    refresh.error = None
    await call()
    assert refresh.started == 2


async def test_a_caller_that_gives_up_ends_no_refresh_of_the_others() -> None:
    refresh = Refresh()
    call = shared(refresh)
    impatient, patient = (asyncio.create_task(call()) for _ in range(2))
    await refresh.wait_for_start(1)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    refresh.may_end.set()
    await patient
    assert (refresh.started, refresh.ended) == (1, 1)


async def test_refreshes_start_no_closer_together_than_the_interval(clock: LoopClock) -> None:
    refresh = Refresh()
    refresh.may_end.set()
    call = shared(refresh, INTERVAL_SECONDS)
    await call()
    for number in (1, 2):
        asked = asyncio.create_task(call())
        for _ in range(2):
            await some_turns()
            assert refresh.started == number
            clock.advance(INTERVAL_SECONDS / 2)
        await asked
        assert refresh.started == number + 1


async def test_closing_cancels_the_running_refresh_and_the_next() -> None:
    refresh = Refresh()
    call = shared(refresh)
    running = asyncio.create_task(call())
    await refresh.wait_for_start(1)
    following = asyncio.create_task(call())
    await asyncio.sleep(0)
    await call.close()
    outcomes = await asyncio.gather(running, following, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 2
    assert (refresh.started, refresh.ended) == (1, 0)


async def test_closing_what_never_ran_is_harmless() -> None:
    refresh = Refresh()
    await shared(refresh).close()
    assert refresh.started == 0


async def test_a_caller_that_joins_takes_what_the_running_refresh_finds() -> None:
    refresh = Refresh()
    call = shared(refresh)
    first = asyncio.create_task(call())
    await refresh.wait_for_start(1)
    joined = asyncio.create_task(call.join())
    await asyncio.sleep(0)
    refresh.may_end.set()
    await asyncio.gather(first, joined)
    assert (refresh.started, refresh.ended) == (1, 1)


async def test_callers_that_join_nothing_share_a_refresh_of_their_own() -> None:
    refresh = Refresh()
    refresh.may_end.set()
    call = shared(refresh)
    for number in (1, 2):
        await asyncio.gather(call.join(), call.join())
        assert refresh.started == number


async def test_a_caller_that_stops_waiting_leaves_what_it_joined() -> None:
    refresh = Refresh()
    call = shared(refresh)
    first = asyncio.create_task(call())
    await refresh.wait_for_start(1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call.join(), 0.01)
    refresh.may_end.set()
    await first
    assert refresh.ended == 1


async def test_a_refresh_that_hangs_is_given_up_and_holds_no_later_caller_up() -> None:
    refresh = Refresh()
    call = shared(refresh, limit_seconds=LIMIT_SECONDS)
    first, waiting = asyncio.create_task(call()), asyncio.create_task(call.join())
    with pytest.raises(TimeoutError):
        await first
    with pytest.raises(TimeoutError):
        await waiting
    refresh.may_end.set()
    await call()
    assert (refresh.started, refresh.ended) == (2, 1)


async def test_a_refresh_that_does_not_end_when_it_is_cancelled_is_left_behind() -> None:
    started, may_end = 0, asyncio.Event()

    async def stubborn() -> None:
        nonlocal started
        started += 1
        while started == 1 and not may_end.is_set():
            with suppress(asyncio.CancelledError):
                await may_end.wait()

    call = SharedRefresh(stubborn, interval_seconds=0, limit_seconds=LIMIT_SECONDS, name="stubborn")
    outcomes = await asyncio.gather(call(), call(), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [TimeoutError] * 2
    await call()
    assert started == 2
    may_end.set()
    await call.close()


async def test_an_error_of_a_refresh_that_was_given_up_reaches_nobody() -> None:
    may_raise = asyncio.Event()

    async def raises_late() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            may_raise.set()
            raise RuntimeError("too late")

    call = SharedRefresh(raises_late, interval_seconds=0, limit_seconds=LIMIT_SECONDS, name="late")
    with pytest.raises(TimeoutError):
        await call()
    await may_raise.wait()


async def test_an_error_that_no_caller_waits_for_is_not_reported() -> None:
    refresh, reported = Refresh(), 0

    def report(_loop: asyncio.AbstractEventLoop, _context: dict[str, object]) -> None:
        nonlocal reported
        reported += 1

    asyncio.get_running_loop().set_exception_handler(report)
    call = shared(refresh)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call(), 0.01)
    refresh.error = RuntimeError("away")
    refresh.may_end.set()
    await wait_until(lambda: refresh.ended == 1)
    for _ in range(5):
        await asyncio.sleep(0)
    # The error has frames that hold the task.
    refresh.error = None
    del call
    gc.collect()
    assert (refresh.ended, reported) == (1, 0)
