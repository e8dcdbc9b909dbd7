"""Events of one device, and the intervals that they make."""

from datetime import datetime, timedelta

from receiver.events.axes import Axis
from receiver.events.event import Status
from receiver.projection import ledger
from receiver.projection.intervals import Interval, list_intervals
from tests.support.facts import DEVICES, NOON, Told

DATA = Status(connectivity="CONNECTED_DATA")
SMS = Status(connectivity="CONNECTED_SMS")
GONE = Status(connectivity="NOT_CONNECTED")
NAMES = {DATA: "connectivity-data", SMS: "connectivity-sms", GONE: "connectivity-disconnected"}


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def event(said: Status, minute: int, name: str = "", subscription: str = "s-1") -> Told:
    return Told(DEVICES[0], subscription, name or NAMES[said], said, minute, 0, 0)


def end(minute: int, subscription: str = "s-1") -> Told:
    return event(Status(), minute, "subscription-ended", subscription)


def intervals(*events: Told, axis: Axis = Axis.CONNECTIVITY) -> list[Interval]:
    facts = [each.fact for each in events]
    return list_intervals(axis, facts, list(ledger.fold(facts).values()))
