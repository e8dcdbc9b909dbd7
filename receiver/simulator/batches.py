"""CloudEvents batches (1.0.2, JSON) of what would be sent one by one."""

from collections.abc import Iterable, Iterator, Sequence

from receiver.simulator.notification import Notification, Shape

MEDIA_TYPE = "application/cloudevents-batch+json"

# Far more than there are phones in a wave of stories: a batch left behind belongs to an old one.
OPEN_LIMIT = 64


def in_batches(notifications: Iterable[Notification], size: int) -> Iterator[Notification]:
    """Puts up to `size` CloudEvents of one phone, in order, into one POST; leaves the rest alone.

    What is not a CloudEvent in structured mode, or has a fault, is sent by itself.
    """
    opened: dict[str, list[Notification]] = {}
    for notification in notifications:
        if size == 1 or notification.shape is not Shape.CLOUDEVENTS or notification.fault:
            yield notification
            continue
        members = opened.setdefault(notification.device, [])
        members.append(notification)
        if len(members) == size:
            yield _batch(opened.pop(notification.device))
        elif len(opened) > OPEN_LIMIT:
            yield _batch(opened.pop(next(iter(opened))))
    yield from map(_batch, opened.values())


def _batch(members: Sequence[Notification]) -> Notification:
    body = b"[" + b",".join(member.body for member in members) + b"]"
    headers = {"content-type": MEDIA_TYPE}
    return Notification(body, headers, members[0].device, Shape.BATCH, events=len(members))
