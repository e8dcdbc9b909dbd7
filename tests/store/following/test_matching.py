"""A selection chooses the same events here and in the database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from receiver.events.examples import LEGACY_NOTIFICATION
from receiver.store.connections.engine import question_engine
from receiver.store.events.history import History
from receiver.store.events.selection import Selection
from receiver.store.events.stored_event import StoredEvent
from receiver.store.following.matching import matcher
from tests.support.asking import PHONE, notification
from tests.support.callers import Callers


async def test_a_filter_passes_what_it_passes_in_the_database(
    callers: Callers, conninfo: str
) -> None:
    for number in range(6):
        members: dict[str, Any] = {"source": f"source {number % 2}"}
        if number == 3:
            members["type"] = "org.camaraproject.unheard-of"
        if number == 4:
            members["time"] = "2026-04-17T07:00:04"
        await callers.post(notification(number, PHONE, **members))
    await callers.post(LEGACY_NOTIFICATION)
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
    )
    history = History(engine)

    async def select(selection: Selection) -> list[StoredEvent]:
        events, _ = await history.page(
            selection, order="asc", after=None, limit=100, limit_bytes=10**9
        )
        return events

    stored = await select(Selection())
    assert len(stored) == 7
    middle = stored[3]
    filters: list[dict[str, Any]] = [
        *({"types": [kind]} for kind in {event.type for event in stored}),
        *({"kinds": [kind]} for kind in {event.kind for event in stored}),
        *({"names": [name]} for name in {event.name for event in stored}),
        {"sources": ["source 0"]},
        {"sources": ["source 0", "source 1"]},
        {"credentials": ["the-sink"]},
        {"credentials": ["nobody"]},
        {"subscription_ids": [str(middle.subscription_id)]},
        {"subscription_ids": [str(stored[-1].subscription_id), "none"]},
        {"findings": [name for event in stored for name in event.findings][:1]},
        {"occurred_from": middle.occurred_at},
        {"occurred_to": middle.occurred_at},
        {"received_from": middle.received_at},
        {"received_to": middle.received_at},
        {"received_to": middle.received_at + timedelta(microseconds=1)},
    ]
    pairs = zip(filters, [*filters[5:], *filters[:5]], strict=True)
    for one, other in [*((each, {}) for each in filters), *pairs]:
        selection = replace(Selection(), **one | other)
        matches = matcher(selection)
        assert [event for event in stored if matches(event)] == await select(selection), selection
    await engine.dispose()
