"""How the tests of the simulation read what it tells, by themselves and as the receiver does."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from receiver.events import registry
from receiver.events.event import Event
from receiver.intake import modes
from receiver.simulator.notification import Notification, Shape
from receiver.simulator.stories.telling import tell_stories

NOW = datetime(2026, 3, 1, tzinfo=UTC)
# When the stories of the tests end.
UNTIL = datetime(2026, 2, 1, 6, tzinfo=UTC)
DAYS = 7


def told(seed: int, count: int, *, unusual: bool = False) -> list[Notification]:
    return list(tell_stories(seed, count, until=UNTIL, days=DAYS, unusual=unusual))


def body(notification: Notification) -> dict[str, Any]:
    decoded = json.loads(notification.body)
    assert isinstance(decoded, dict)
    return decoded


def detail(notification: Notification) -> dict[str, Any]:
    """What is said of the device, wherever the form puts it."""
    members = body(notification)
    if notification.shape is Shape.BINARY:
        return members
    members = members.get("event", members)
    said = members.get("eventDetail", members.get("data", {}))
    assert isinstance(said, dict)
    return said


def attribute(notification: Notification, name: str, legacy_name: str) -> str:
    members = {name: notification.headers.get(f"ce-{name}"), **body(notification)}
    return str(members[name] or members.get("event", members)[legacy_name])


def event_type(notification: Notification) -> str:
    return attribute(notification, "type", "eventType")


def occurred_at(notification: Notification) -> datetime:
    return datetime.fromisoformat(attribute(notification, "time", "eventTime"))


def understood(notification: Notification) -> Event:
    """What the receiver makes of a notification that holds one event."""
    headers = dict(notification.headers)
    (member,) = modes.open_content(headers, notification.body, len(notification.body)).split()
    return registry.understand(member.read(), NOW)


def by_device(sent: list[Notification]) -> dict[str, list[Notification]]:
    stories: defaultdict[str, list[Notification]] = defaultdict(list)
    for notification in sent:
        stories[notification.device].append(notification)
    return stories
