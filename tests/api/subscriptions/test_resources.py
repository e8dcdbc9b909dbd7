"""A subscription as JSON has what is known, and nothing else."""

from dataclasses import replace
from datetime import timedelta

from receiver.api.subscriptions.resources import GAPS_MAX, SubscriptionResource
from receiver.projection.subscriptions.forecast import NOTHING, Forecast, State
from receiver.projection.subscriptions.gaps import Repeat
from receiver.projection.subscriptions.registration import Registration
from receiver.store.subscriptions.entry import Entry
from tests.support.facts import NOON

BARE = Entry(
    key=("operator", "s-1"),
    as_of=NOON,
    device_ids=[],
    told=None,
    registration=Registration(NOON),
    tally=NOTHING,
    description=None,
    state=State.ACTIVE,
    is_uncovered=False,
    is_replaced=False,
    repeats=[],
    missing=0,
    forecast=Forecast(None, None, 0.0),
)


def test_what_is_unknown_is_absent() -> None:
    written = SubscriptionResource.of(BARE).model_dump(
        mode="json", by_alias=True, exclude_none=True
    )
    assert written == {
        "credential": "operator",
        "subscriptionId": "s-1",
        "asOf": "2026-03-01T12:00:00.000000Z",
        "state": "active",
        "deviceIds": [],
        "names": [],
        "registered": {"registeredAt": "2026-03-01T12:00:00.000000Z", "types": []},
        "events": {"total": 0, "byName": {}, "isComplete": True},
        "forecast": {"ratePerDay": 0.0},
        "gaps": [],
    }


def test_of_many_gaps_the_latest_are_listed() -> None:
    minutes = [NOON + timedelta(minutes=number) for number in range(GAPS_MAX + 5)]
    repeats = [Repeat(minute, minute, "roaming-on") for minute in minutes]
    written = SubscriptionResource.of(replace(BARE, repeats=repeats))
    assert [gap.after for gap in written.gaps] == minutes[5:]
