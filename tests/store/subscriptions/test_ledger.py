"""The pages of the ledger end where they must."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.projection.subscriptions.forecast import State
from receiver.projection.subscriptions.registration import Registration
from receiver.store.events.ingest import Ingest
from receiver.store.subscriptions import ledger as module
from receiver.store.subscriptions.ledger import Ledger
from receiver.store.subscriptions.questions import LedgerSelection
from receiver.store.subscriptions.registrations import Registrations
from tests.support.facts import DEVICES, NOON, STATUSES, Told

ENDED = LedgerSelection(states=[State.ENDED])


def told(subscription: str, name: str = "roaming-on", minute: int = 0) -> Told:
    return Told(DEVICES[0], subscription, name, STATUSES[name][0], minute, 0, 0)


async def test_a_filter_that_few_pass_ends_a_page_early_and_goes_on(
    ledger: Ledger, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKED_AT_LIMIT", 4)
    names = [f"s-{number}" for number in range(9)]
    await ingest.commit(
        [told(name).arrival for name in names] + [told("s-8", "subscription-ended", 1).arrival]
    )
    pages: list[list[str]] = []
    after = None
    while not pages or after is not None:
        page, after = await ledger.page(ENDED, order="asc", after=after, limit=2)
        pages.append([entry.key[1] for entry in page])
    assert pages == [[], [], ["s-8"]]


async def test_a_page_that_is_full_has_an_end_only_where_more_may_follow(
    ledger: Ledger, ingest: Ingest
) -> None:
    await ingest.commit(
        [told(name, "subscription-ended").arrival for name in ("s-1", "s-2")]
        + [told("s-3").arrival]
    )
    page, after = await ledger.page(ENDED, order="asc", after=None, limit=1)
    assert ([entry.key[1] for entry in page], after) == (["s-1"], ("operator", "s-1"))
    page, after = await ledger.page(LedgerSelection(), order="asc", after=None, limit=3)
    assert (len(page), after) == (3, None)


async def test_a_registered_subscription_that_never_told_anything_is_in_the_ledger(
    ledger: Ledger, engine: AsyncEngine
) -> None:
    ends = NOON + timedelta(days=36_500)
    told = Registration(NOON, expires_at=ends, max_events=7)
    await Registrations(engine).register(("jwt:client", "s-1"), told)
    [entry], after = await ledger.page(LedgerSelection(), order="asc", after=None, limit=3)
    assert (entry.key, entry.registration, after) == (("jwt:client", "s-1"), told, None)
    assert (entry.told, entry.device_ids, entry.state) == (None, [], State.ACTIVE)
    assert entry.forecast is not None
    assert entry.forecast.events_left == 7


async def test_what_is_over_and_uncovered_is_found_by_itself(
    ledger: Ledger, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKED_AT_LIMIT", 4)
    # All of one device: what `s-9` tells covers the ends of the first eight.
    covered = [f"s-{number}" for number in range(8)]
    ended = [told(name, "subscription-ended", 1) for name in covered]
    other = told("t-1", "roaming-on"), told("t-1", "subscription-ended", 1)
    alone = [one._replace(device=DEVICES[1]) for one in other]
    await ingest.commit(
        [one.arrival for one in [*(told(name) for name in covered), *ended, told("s-9"), *alone]]
    )
    for is_uncovered, expected in ((True, ["t-1"]), (False, [*covered, "s-9"])):
        selection = LedgerSelection(is_uncovered=is_uncovered)
        found: list[str] = []
        after, is_first = None, True
        while is_first or after is not None:
            page, after = await ledger.page(selection, order="asc", after=after, limit=3)
            found += [entry.key[1] for entry in page]
            is_first = False
        assert found == expected
