"""Faults on the way to a sink, mixed into stories; pure like the stories."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from random import Random

from receiver.simulator.notification import Fault, Notification, Shape
from receiver.simulator.stories.journeys import Members, pick

# The share of the notifications in stories that get a fault. Most faults are copies beside their
# original, so that one in five of those sent has a fault, and three in twenty are such copies; a
# test counts them.
SHARE = 0.24
COPIES_SHARE = 0.15

# After how many others a notification is sent, least and most.
DELAYS = {Fault.DUPLICATE: (1, 60), Fault.REORDERED: (20, 60), Fault.LATE: (100, 150)}
# These faults leave the notification as it was, and send a faulty copy too.
WITH_ORIGINAL = frozenset(Fault) - {Fault.REORDERED, Fault.LATE}
# These faults leave a notification that is understood.
TELLING = frozenset(DELAYS)

WRONG_TOKEN = {"authorization": "Bearer a-token-that-nobody-was-given"}
WRONG_MEDIA_TYPE = {"content-type": "text/plain"}
UNKNOWN_TYPE = {"type": "org.camaraproject.simulated.v0.nobody-knows-this"}
IMPOSSIBLE: Mapping[Shape, tuple[Members, ...]] = {
    Shape.CLOUDEVENTS: (
        {"time": "yesterday"},
        {"source": ""},
        {"data": ["not", "an", "object"]},
        {"data": {"subscriptionId": ["nobody"]}},
    ),
    Shape.LEGACY: (
        {"eventTime": "yesterday"},
        {"eventType": ""},
        {"eventDetail": ["not", "an", "object"]},
        {"eventTime": 1767606743},
    ),
}


def count_copies(count: int) -> int:
    """Returns how many of so many notifications are copies beside their original."""
    return int(count * COPIES_SHARE)


def mix_faults(
    notifications: Iterable[Notification], seed: int, copies: int
) -> Iterator[Notification]:
    """Yields every notification, some late or out of order, and so many faulty copies of some."""
    rng = Random(f"faults {seed}")  # noqa: S311 - faults must be repeatable, and keep no secret
    delayed: defaultdict[int, list[Notification]] = defaultdict(list)
    for position, notification in enumerate(notifications):
        yield from delayed.pop(position, ())
        fault = pick(rng, _list_possible(notification.shape)) if rng.random() < SHARE else None
        if fault in WITH_ORIGINAL:
            if copies == 0:
                fault = None
            else:
                copies -= 1
        if fault is None or fault in WITH_ORIGINAL:
            yield notification
        if fault is None:
            continue
        faulty = _spoil(rng, notification, fault)
        if fault in DELAYS:
            shortest, longest = DELAYS[fault]
            delayed[position + shortest + int(rng.random() * (longest - shortest))].append(faulty)
        else:
            yield faulty
    for position in sorted(delayed):
        yield from delayed[position]
    for _ in range(copies):
        yield _spoil(rng, notification, Fault.DUPLICATE)


def _list_possible(shape: Shape) -> tuple[Fault, ...]:
    """Returns the faults that a notification of this shape can have."""
    impossible = {Fault.UNKNOWN_TYPE} if shape is not Shape.CLOUDEVENTS else set()
    if shape not in IMPOSSIBLE:
        impossible.add(Fault.IMPOSSIBLE_DATA)
    return tuple(fault for fault in Fault if fault not in impossible)


def _spoil(rng: Random, notification: Notification, fault: Fault) -> Notification:
    body, headers = notification.body, notification.headers
    match fault:
        case Fault.MALFORMED_JSON:
            # An object that is cut off anywhere is no JSON.
            body = body[: 1 + int(rng.random() * (len(body) - 1))]
        case Fault.IMPOSSIBLE_DATA:
            body = _change_members(body, pick(rng, IMPOSSIBLE[notification.shape]))
        case Fault.UNKNOWN_TYPE:
            body = _change_members(body, UNKNOWN_TYPE)
        case Fault.WRONG_TOKEN:
            headers = {**headers, **WRONG_TOKEN}
        case Fault.WRONG_MEDIA_TYPE:
            headers = {**headers, **WRONG_MEDIA_TYPE}
    told = notification.told if fault in TELLING else ()
    return replace(notification, body=body, headers=headers, fault=fault, told=told)


def _change_members(body: bytes, members: Members) -> bytes:
    document = json.loads(body)
    if "event" in document:
        changed = {**document, "event": {**document["event"], **members}}
    else:
        changed = {**document, **members}
    return json.dumps(changed, separators=(",", ":")).encode()
