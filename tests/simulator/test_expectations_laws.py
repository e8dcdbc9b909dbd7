"""The story, a replay of the raw bytes and the folds of the service answer the same of a phone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from receiver.events.axes import Axis
from receiver.events.event import Event
from receiver.projection import ledger, status
from receiver.projection.coverage import list_losses
from receiver.projection.fact import Fact
from receiver.simulator.expectations import Document, expect
from receiver.simulator.notification import Notification
from receiver.simulator.plan import Forms, Plan
from tests.support.reading import NOW, UNTIL, understood
from tests.support.replay import Replay, write_time

NAMES = {
    Axis.CONNECTIVITY: "connectivity",
    Axis.ROAMING: "roaming",
    Axis.NETWORK_TYPE: "networkType",
}
PLANS = [Plan(until=UNTIL, seed=seed, count=1500, forms=Forms.ALL) for seed in range(1, 4)]


def by_device(sent: Sequence[Notification]) -> dict[str, Document]:
    """What to expect of each device."""
    documents = {}
    for document in expect(told for notification in sent for told in notification.told):
        device = document.pop("device", None)
        subject = device["phoneNumber"] if isinstance(device, dict) else document["subscriptionId"]
        document.pop("subscriptionId", None)
        documents[str(subject)] = document
    return documents


def without(members: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A document without some members, wherever they stand."""
    return {
        name: without(value, *names) if isinstance(value, dict) else value
        for name, value in members.items()
        if name not in names
    }


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_a_replay_of_what_was_sent_answers_as_its_story_expects(plan: Plan) -> None:
    sent = list(plan.make_notifications())
    expected = by_device(sent)
    replay = Replay((notification.body, notification.headers) for notification in sent)
    assert set(replay.devices) == expected.keys()
    for device, document in expected.items():
        assert without(replay.status(device), "confirmedAt") == document, device


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_the_folds_answer_as_the_story_expects(plan: Plan) -> None:
    sent = list(plan.make_notifications())
    events: defaultdict[str, list[Event]] = defaultdict(list)
    phones: defaultdict[str, set[str]] = defaultdict(set)
    for event in map(understood, sent):
        device, subscription_id = event.device.phone_number, str(event.subscription_id)
        events[device or subscription_id].append(event)
        phones[subscription_id] |= {device} if device else set()
    for device, document in by_device(sent).items():
        linked = [each for each, named in phones.items() if named == {device}]
        heard = [event for each in (device, *linked) for event in events[each]]
        answers = without(document, "countryCode", "countryName", "lastEventAt")
        assert fold(heard) == answers, device


def fold(heard: Sequence[Event]) -> Document:
    facts = [
        Fact(
            "operator",
            event.subscription_id,
            event.name,
            event.occurred_at,
            NOW,
            event.digest,
            event.status,
            "",
        )
        for event in heard
    ]
    registers, subscriptions = status.fold(facts), list(ledger.fold(facts).values())
    document: Document = {}
    for axis, name in NAMES.items():
        answer = status.answer(axis, registers.get(axis), list_losses(subscriptions))
        since = status.find_beginning(axis, answer, facts)
        if answer.latest is None or since is None:
            document[name] = {"unknown": True, "because": status.NEVER_REPORTED}
            continue
        value = {"true": True, "false": False}.get(answer.latest.value, answer.latest.value)
        known: Document = {"value": value, "since": write_time(since)}
        if answer.closing is not None:
            at, because = write_time(answer.closing.at), answer.closing.reason
            known = {"unknown": True, "because": because, "at": at, "last": known}
        document[name] = known
    return document
