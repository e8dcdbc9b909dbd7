"""A run of reprocessing: named rows or all that is refused, and every one counted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from receiver.app.storing import Storing
from receiver.errors import RefusalNotFound
from receiver.events.examples import NOTIFICATION
from receiver.intake import reprocessing_run
from receiver.intake.reprocessing_run import ReprocessingSummary, reprocess_many
from receiver.settings.settings import Settings
from receiver.store.quarantine.entries import QuarantineEntry, RefusalState
from tests.support.refused import body_of, keep


def entry(reason: str, state: RefusalState = RefusalState.REFUSED) -> QuarantineEntry:
    now = datetime.now(UTC)
    return QuarantineEntry(1, now, "operator", reason, None, 1, state, now)


@asynccontextmanager
async def open_storing(settings: Settings) -> AsyncIterator[Storing]:
    storing = Storing(settings)
    async with storing.storing():
        yield storing


def keep_understood(conninfo: str, number: int) -> None:
    """Keeps notifications that are understood by now; the keys begin with 1."""
    for event_id in range(number):
        keep(conninfo, body_of({**NOTIFICATION, "id": str(event_id)}))


async def reprocess(settings: Settings, *keys: int, parallel: int = 2) -> ReprocessingSummary:
    summary = ReprocessingSummary()
    async with open_storing(settings) as storing:
        await reprocess_many(
            storing.reprocessing, storing.quarantine, summary, keys=keys, parallel=parallel
        )
    return summary


async def test_everything_refused_is_reprocessed_over_several_pages(
    settings: Settings, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reprocessing_run, "PAGE_SIZE", 2)
    keep_understood(conninfo, 5)
    keep(conninfo, b"{")
    summary = await reprocess(settings)
    assert (summary.stored, summary.refused) == (5, 1)
    again = await reprocess(settings)
    assert (again.stored, again.refused) == (0, 1)


async def test_named_rows_alone_are_reprocessed_each_once(
    settings: Settings, conninfo: str
) -> None:
    keep_understood(conninfo, 3)
    summary = await reprocess(settings, 3, 1, 3)
    assert (summary.stored, summary.refused) == (2, 0)
    rest = await reprocess(settings)
    assert rest.stored == 1


async def test_an_empty_quarantine_is_no_work(settings: Settings) -> None:
    summary = await reprocess(settings)
    assert summary.compose_text().splitlines() == ["stored         0", "refused again  0"]


async def test_what_was_done_is_counted_before_an_error_ends_the_run(
    settings: Settings, conninfo: str
) -> None:
    keep_understood(conninfo, 2)
    summary = ReprocessingSummary()
    async with open_storing(settings) as storing:
        with pytest.raises(RefusalNotFound):
            await reprocess_many(
                storing.reprocessing, storing.quarantine, summary, keys=[999, 1, 2], parallel=2
            )
    assert summary.stored == 1


def test_reasons_that_differ_in_a_number_are_one_and_the_most_frequent_comes_first() -> None:
    summary = ReprocessingSummary()
    for reason in ("no id", "line 1 column 7: not JSON", "line 22 column 3: not JSON"):
        summary.count(entry(reason))
    summary.count(entry("", RefusalState.STORED))
    assert summary.compose_text().splitlines() == [
        "stored         1",
        "refused again  3",
        "       2  line N column N: not JSON",
        "       1  no id",
    ]


def test_reasons_beyond_the_limit_share_one_line() -> None:
    summary = ReprocessingSummary()
    limit = reprocessing_run.REASONS_MAX
    for position in range(limit + 3):
        summary.count(entry("x" * (position + 1)))
    lines = summary.compose_text().splitlines()
    assert len(lines) == 2 + limit + 1
    assert "       3  other reasons" in lines
