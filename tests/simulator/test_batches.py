"""Batches: the events of one phone, in order, none of them lost and none of them changed."""

import json
from collections import defaultdict
from dataclasses import replace

import pytest

from receiver.events.forms.batch import split_batch
from receiver.simulator.batches import MEDIA_TYPE, gather_batches
from receiver.simulator.notification import Fault, Notification, Shape
from tests.support.reading import told


def bodies(notification: Notification) -> list[bytes]:
    if notification.shape is Shape.BATCH:
        return [member.body for member in split_batch(notification.body)]
    return [notification.body]


@pytest.mark.parametrize("size", [2, 5, 100])
def test_every_event_is_sent_once_and_in_the_order_of_its_device(size: int) -> None:
    alone: defaultdict[str, list[bytes]] = defaultdict(list)
    together: defaultdict[str, list[bytes]] = defaultdict(list)
    for notification in told(1, 1000, unusual=True):
        alone[notification.device] += bodies(notification)
    for notification in gather_batches(told(1, 1000, unusual=True), size):
        members = bodies(notification)
        assert len(members) == notification.events <= size
        together[notification.device] += members
    assert alone == together


def test_a_batch_says_what_it_is_and_holds_structured_cloudevents_alone() -> None:
    sent = list(gather_batches(told(1, 1000, unusual=True), 5))
    batches = [notification for notification in sent if notification.shape is Shape.BATCH]
    assert max(batch.events for batch in batches) == 5
    for batch in batches:
        assert batch.headers == {"content-type": MEDIA_TYPE}
        assert all(member["specversion"] == "1.0" for member in json.loads(batch.body))
    assert Shape.CLOUDEVENTS not in {notification.shape for notification in sent}


def test_without_a_size_nothing_changes() -> None:
    assert told(1, 1000, unusual=True) == list(gather_batches(told(1, 1000, unusual=True), 1))


def test_what_has_a_fault_is_sent_by_itself() -> None:
    spoilt = [
        replace(notification, fault=Fault.LATE) for notification in told(1, 1000, unusual=True)
    ]
    assert spoilt == list(gather_batches(spoilt, 10))


def test_a_batch_does_not_wait_for_ever() -> None:
    sent = list(gather_batches(told(1, 4000), 100))
    assert any(notification.shape is Shape.BATCH for notification in sent[:2000])


def test_a_batch_tells_what_its_events_tell() -> None:
    alone = [one for notification in told(2, 300) for one in notification.told]
    together = [one for sent in gather_batches(told(2, 300), 10) for one in sent.told]
    assert len(alone) == 300
    assert sorted(alone, key=repr) == sorted(together, key=repr)
