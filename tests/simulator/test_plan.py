"""A plan: as many events as asked for, always the same, each answered as it says."""

from datetime import UTC, datetime, timedelta

import pytest

from receiver.settings.settings import Settings
from receiver.simulator.notification import Shape
from receiver.simulator.plan import BATCH_SIZE_MAX, Forms, Plan, find_unusable
from tests.support.judging import judge_status
from tests.support.reading import NOW, UNTIL
from tests.support.sink import TOKEN

PLANS = [
    Plan(until=UNTIL, count=600),
    Plan(until=UNTIL, count=600, forms=Forms.ALL),
    Plan(until=UNTIL, seed=2, count=600, batch=7),
    Plan(until=UNTIL, seed=3, count=600, forms=Forms.ALL, batch=100),
    Plan(until=UNTIL, seed=4, count=1200, faults=True),
    Plan(until=UNTIL, seed=5, count=1200, forms=Forms.ALL, batch=5, faults=True),
]


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_our_own_reading_answers_every_notification_as_expected(plan: Plan) -> None:
    for sent in plan.make_notifications():
        assert judge_status(sent.body, dict(sent.headers)) == sent.expected, sent


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_a_plan_holds_as_many_events_as_asked_for_and_never_changes(plan: Plan) -> None:
    sent = list(plan.make_notifications())
    assert sum(notification.events for notification in sent) == plan.count
    assert sent == list(plan.make_notifications())


def test_without_batches_a_notification_is_an_event_about_a_phone() -> None:
    sent = list(Plan(until=UNTIL, count=500).make_notifications())
    assert {notification.events for notification in sent} == {1}
    assert {notification.fault for notification in sent} == {None}
    assert all(notification.device.startswith("+99999") for notification in sent)


def test_all_forms_are_sent_when_asked_for() -> None:
    usual = {
        notification.shape for notification in Plan(until=UNTIL, count=400).make_notifications()
    }
    assert usual == {Shape.CLOUDEVENTS, Shape.HYBRID, Shape.LEGACY}
    every = {
        sent.shape
        for sent in Plan(
            until=UNTIL, count=300, forms=Forms.ALL, batch=20, faults=True
        ).make_notifications()
    }
    assert every == set(Shape)


def test_the_largest_batch_fits_into_a_body_of_the_default_limit() -> None:
    plan = Plan(until=UNTIL, count=1000, forms=Forms.ALL)
    largest = max(len(sent.body) for sent in plan.make_notifications())
    limit = Settings.model_fields["body_limit_bytes"].default
    assert BATCH_SIZE_MAX * (largest + 1) + 1 <= limit


@pytest.mark.parametrize(
    ("changed", "option"),
    [
        ({}, None),
        ({"url": "ftp://127.0.0.1/"}, "--to"),
        ({"url": "127.0.0.1:8000/notifications"}, "--to"),
        ({"url": "http://[::1/"}, "--to"),
        ({"url": "http://user:word@127.0.0.1/"}, "--to"),
        ({"token": "two\nlines"}, "--token"),
        ({"token": "schlüssel"}, "--token"),
        ({"token": ""}, "--token"),
        ({"plan": Plan(until=UNTIL, days=0)}, "--days"),
        ({"plan": Plan(until=UNTIL, days=3650)}, None),
        ({"plan": Plan(until=UNTIL, days=3651)}, "--days"),
        ({"plan": Plan(until=NOW)}, None),
        ({"plan": Plan(until=NOW + timedelta(seconds=1))}, "--until"),
        ({"plan": Plan(until=datetime(2011, 12, 31, tzinfo=UTC))}, "--until"),
        ({"plan": Plan(until=UNTIL, seed=-1)}, "--seed"),
        ({"plan": Plan(until=UNTIL, count=0)}, "--count"),
        ({"plan": Plan(until=UNTIL, batch=0)}, "--batch"),
        ({"plan": Plan(until=UNTIL, batch=BATCH_SIZE_MAX)}, None),
        ({"plan": Plan(until=UNTIL, batch=BATCH_SIZE_MAX + 1)}, "--batch"),
        ({"rate": 0.0}, "--rate"),
        ({"rate": float("inf")}, "--rate"),
        ({"rate": float("nan")}, "--rate"),
        ({"rate": 0.5}, None),
    ],
)
def test_an_option_that_cannot_be_used_is_named(
    changed: dict[str, object], option: str | None
) -> None:
    usable = {
        "plan": Plan(until=UNTIL),
        "url": "http://127.0.0.1:9/",
        "token": TOKEN,
        "rate": None,
        "now": NOW,
    }
    unusable = find_unusable(**(usable | changed))  # type: ignore[arg-type] # several types above
    assert option == (unusable and unusable[0])


def test_a_reason_never_repeats_the_token() -> None:
    for url in ("nonsense", "http://127.0.0.1:9/"):
        plan = Plan(until=UNTIL, count=0)
        unusable = find_unusable(plan, url=url, token="s3cret\n", rate=None, now=NOW)  # noqa: S106 - opens nothing
        assert unusable is not None
        assert "s3cret" not in unusable[1]
