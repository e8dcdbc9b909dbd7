"""What goes wrong on the way to a sink, mixed into stories; pure like them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from random import Random

from receiver.simulator.journeys import Members, pick
from receiver.simulator.notification import Fault, Notification, Shape

# Of the notifications told. As most faults are copies, it makes one in five of those sent.
SHARE = 0.24

# How many others are told before it is sent, from and to; a story goes by in about 120.
DELAYS = {Fault.DUPLICATE: (1, 60), Fault.REORDERED: (20, 60), Fault.LATE: (100, 150)}
COPIED = frozenset(Fault) - {Fault.REORDERED, Fault.LATE}

WRONG_TOKEN = {"authorization": "Bearer a-token-that-nobody-was-given"}
WRONG_MEDIA_TYPE = {"content-type": "text/plain"}
UNKNOWN_TYPE = {"type": "org.camaraproject.simulated.v0.nobody-knows-this"}
IMPOSSIBLE: Mapping[Shape, tuple[Members, ...]] = {
    Shape.CLOUDEVENTS: (
        {"time": "yesterday"},
        {"source": ""},
        {"data": ["not", "an", "object"]},
        {"data": {"device": "nobody"}},
    ),
    Shape.LEGACY: (
        {"eventTime": "yesterday"},
        {"eventType": ""},
        {"eventDetail": ["not", "an", "object"]},
        {"eventDetail": {"device": "nobody"}},
    ),
}


def mixed(notifications: Iterable[Notification], seed: int) -> Iterator[Notification]:
    """Tells all of them, some twice, late or out of order, and spoilt copies of some."""
    rng = Random(f"faults {seed}")  # noqa: S311 - faults must be repeatable, and keep no secret
    held: defaultdict[int, list[Notification]] = defaultdict(list)
    for position, notification in enumerate(notifications):
        yield from held.pop(position, ())
        fault = pick(rng, _possible(notification.shape)) if rng.random() < SHARE else None
        if fault is None or fault in COPIED:
            yield notification
        if fault is None:
            continue
        faulty = _faulty(rng, notification, fault)
        if fault in DELAYS:
            shortest, longest = DELAYS[fault]
            held[position + shortest + int(rng.random() * (longest - shortest))].append(faulty)
        else:
            yield faulty
    for position in sorted(held):
        yield from held[position]


def _possible(shape: Shape) -> tuple[Fault, ...]:
    """The faults that such a notification can have."""
    impossible = {Fault.UNKNOWN_TYPE} if shape is not Shape.CLOUDEVENTS else set()
    if shape not in IMPOSSIBLE:
        impossible.add(Fault.IMPOSSIBLE_DATA)
    return tuple(fault for fault in Fault if fault not in impossible)


def _faulty(rng: Random, notification: Notification, fault: Fault) -> Notification:
    body, headers = notification.body, notification.headers
    match fault:
        case Fault.MALFORMED_JSON:
            # What is left of an object is none, wherever it was cut off.
            body = body[: 1 + int(rng.random() * (len(body) - 1))]
        case Fault.IMPOSSIBLE_DATA:
            body = _changed(body, pick(rng, IMPOSSIBLE[notification.shape]))
        case Fault.UNKNOWN_TYPE:
            body = _changed(body, UNKNOWN_TYPE)
        case Fault.WRONG_TOKEN:
            headers = {**headers, **WRONG_TOKEN}
        case Fault.WRONG_MEDIA_TYPE:
            headers = {**headers, **WRONG_MEDIA_TYPE}
    return replace(notification, body=body, headers=headers, fault=fault)


def _changed(body: bytes, members: Members) -> bytes:
    document = json.loads(body)
    if "event" in document:
        changed = {**document, "event": {**document["event"], **members}}
    else:
        changed = {**document, **members}
    return json.dumps(changed, separators=(",", ":")).encode()
