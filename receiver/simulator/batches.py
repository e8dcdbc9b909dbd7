"""CloudEvents batches (1.0.2, JSON) of notifications that would be sent one by one."""

from collections.abc import Iterable, Iterator, Sequence

from receiver.simulator.notification import Notification, Shape

MEDIA_TYPE = "application/cloudevents-batch+json"

# Of the thousand phones whose stories are told together, a few dozen travel at a time; beyond it,
# the oldest batch is sent as it is.
OPEN_LIMIT = 64


def gather_batches(notifications: Iterable[Notification], size: int) -> Iterator[Notification]:
    """Gathers up to `size` CloudEvents of one phone, in order, into one batch.

    A notification that has a fault or is no CloudEvent in structured mode stays by itself.
    """
    opened: dict[str, list[Notification]] = {}
    for notification in notifications:
        if size == 1 or notification.shape is not Shape.CLOUDEVENTS or notification.fault:
            yield notification
            continue
        members = opened.setdefault(notification.device, [])
        members.append(notification)
        if len(members) == size:
            yield _join(opened.pop(notification.device))
        elif len(opened) > OPEN_LIMIT:
            yield _join(opened.pop(next(iter(opened))))
    yield from map(_join, opened.values())


def _join(members: Sequence[Notification]) -> Notification:
    body = b"[" + b",".join(member.body for member in members) + b"]"
    headers = {"content-type": MEDIA_TYPE}
    told = tuple(told for member in members for told in member.told)
    return Notification(
        body, headers, members[0].device, Shape.BATCH, events=len(members), told=told
    )
