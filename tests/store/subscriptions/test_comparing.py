"""What was told twice is looked for among few events, and few devices of a subscription."""

import pytest

from receiver.store.events.ingest import Ingest
from receiver.store.subscriptions import comparing
from receiver.store.subscriptions import ledger as module
from receiver.store.subscriptions.ledger import Ledger
from receiver.store.subscriptions.questions import LedgerSelection
from tests.support.facts import DEVICES, STATUSES, Told

ONE = Told(DEVICES[0], "s-1", "roaming-status", STATUSES["roaming-status"][0], 0, 0, 0)


async def test_few_devices_of_a_subscription_are_compared(
    ledger: Ledger, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [
        ONE._replace(device=device, minute=minute + 4 * number).arrival
        for number, device in enumerate(DEVICES[:2])
        for minute in range(2)
    ]
    await ingest.commit(told)
    found = []
    for devices in (2, 1):
        monkeypatch.setattr(comparing, "COMPARED_DEVICES", devices)
        [entry], _ = await ledger.page(LedgerSelection(), order="asc", after=None, limit=3)
        found.append((len(entry.device_ids), len(entry.repeats)))
    assert found == [(2, 2), (2, 1)]


async def test_a_list_compares_fewer_events_than_are_compared_of_what_is_named(
    ledger: Ledger, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LISTED_COMPARED", 2)
    await ingest.commit([ONE._replace(minute=minute).arrival for minute in range(4)])
    found = []
    for selection in (LedgerSelection(), LedgerSelection(subscription_ids=["s-1"])):
        [entry], _ = await ledger.page(selection, order="asc", after=None, limit=3)
        found.append(len(entry.repeats))
    assert found == [1, 3]
