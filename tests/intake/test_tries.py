"""A batch is tried again where that is safe, and is the same batch each time."""

import asyncio
from collections.abc import Sequence

import pytest

from receiver.errors import CommitRefused, CommitUnknown, Unavailable
from receiver.events.event import Arrival
from receiver.intake import tries
from receiver.intake.outage import Outage
from receiver.intake.queue import QueueItem
from receiver.intake.tries import TRIES, UNKNOWN, Tries
from tests.support.arrivals import arrival

AWAY = CommitRefused("the database cannot be reached", "unreachable")
LOST = CommitUnknown("the connection was lost during the commit")


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "PAUSE_SECONDS", 0.001)


class Trial:
    """Tries over a commit that raises the next of its faults, and then stores."""

    def __init__(self, *faults: Exception, patience_seconds: float = 30) -> None:
        self._faults = list(faults)
        self.tried: list[list[str]] = []
        self.failures: list[str] = []
        self.outage = Outage()
        self._tries = Tries(
            self._commit,
            patience_seconds=patience_seconds,
            outage=self.outage,
            count_failure=self.failures.append,
        )

    async def _commit(self, batch: Sequence[Arrival]) -> None:
        self.tried.append([item.arrival_id for item in batch])
        if self._faults:
            raise self._faults.pop(0)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        batch = [QueueItem(arrival(n), loop.create_future(), loop.time(), 1) for n in range(3)]
        await self._tries.commit(batch)


async def test_a_batch_that_certainly_is_not_stored_is_tried_on_and_stays_the_same() -> None:
    missing = CommitRefused("the partition of this month is missing", "partition-missing")
    trial = Trial(*[AWAY] * 20, missing)
    await trial.run()
    assert len(trial.tried) == 22
    assert all(ids == trial.tried[0] for ids in trial.tried)
    assert trial.failures == ["unreachable"] * 20 + ["partition-missing"]


async def test_a_batch_that_may_be_stored_is_tried_a_few_times_and_stays_the_same() -> None:
    trial = Trial(*[LOST] * (TRIES - 1))
    await trial.run()
    assert len(trial.tried) == TRIES
    assert all(ids == trial.tried[0] for ids in trial.tried)
    trial = Trial(*[LOST] * TRIES)
    with pytest.raises(CommitUnknown):
        await trial.run()
    assert trial.failures == [UNKNOWN] * TRIES


async def test_an_outage_gives_a_batch_that_may_be_stored_no_further_tries() -> None:
    trial = Trial(*[AWAY, LOST] * TRIES)
    with pytest.raises(CommitUnknown):
        await trial.run()
    assert len(trial.tried) == 2 * TRIES


@pytest.mark.parametrize("fault", [AWAY, LOST])
async def test_a_batch_for_which_nobody_waits_is_not_tried_again(fault: Exception) -> None:
    trial = Trial(fault, patience_seconds=0)
    with pytest.raises(type(fault)):
        await trial.run()
    assert len(trial.tried) == 1


async def test_what_nobody_foresaw_is_not_tried_again() -> None:
    trial = Trial(Unavailable("SQLSTATE XX000"))
    with pytest.raises(Unavailable):
        await trial.run()
    assert (len(trial.tried), trial.failures) == (1, [])


async def test_the_outage_begins_with_a_failure_and_ends_with_a_success() -> None:
    trial = Trial(AWAY, LOST)
    await trial.run()
    assert len(trial.failures) == 2
    assert trial.outage.reason is None
