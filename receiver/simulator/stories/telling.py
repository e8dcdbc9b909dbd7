"""Believable notifications from a seed; knows neither the clock nor the sink."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from random import Random
from typing import NamedTuple

from receiver.simulator.notification import Notification
from receiver.simulator.stories.dialects import UNUSUAL, USUAL, Dialect
from receiver.simulator.stories.forms import SimulatedEvent
from receiver.simulator.stories.journeys import (
    NETWORK_TYPE,
    REACHABILITY_NAMES,
    ROAMING,
    Change,
    Members,
    Moment,
    describe_change,
    describe_state,
    find_family,
    make_uuid,
    travel,
)
from receiver.simulator.stories.subscriptions import Arrangement, Subscription, subscribe
from receiver.simulator.told import Life, Told

# Coprime to 10**10: no phone number comes back before all were used.
NUMBER_STRIDE = 6_180_339_887
# The golden ratio: its multiples, without their whole part, spread evenly however many there are.
SPREAD = 0.618_033_988_749_895
# One phone in four sets out so shortly before the end that its journey of 2 to 13 hours is under
# way then.
UNDER_WAY_SHARE = 4
UNDER_WAY = timedelta(hours=10)
# Stories that are in memory at once, about 20,000 events of 2 kB: all of them cover all days.
TOGETHER = 1000

MICROSECOND = timedelta(microseconds=1)
ARRANGEMENTS = tuple(Arrangement)
CONNECTIVITY_OF = {name: connectivity for connectivity, name in REACHABILITY_NAMES.items()}
NO_TIME = timedelta()
# The share of phones whose first subscriptions tell the state that they find.
INITIAL_EVENTS_SHARE = 0.7
CREATED = Moment("subscription-started", {"initiationReason": "SUBSCRIPTION_CREATED"})
LIVES = {
    "subscription-started": Life.STARTED,
    "subscription-updated": Life.ACTIVE,
    "subscription-ended": Life.ENDED,
}
ACTIVE = Moment("subscription-updated", {"updateReason": "SUBSCRIPTION_ACTIVE"})
INACTIVE = Moment("subscription-updated", {"updateReason": "SUBSCRIPTION_INACTIVE"})


class _Telling(NamedTuple):
    """One event of one subscription; times count from the beginning of the journey.

    Attributes:
        sent_at: when the provider sends it, not before it happened.
    """

    sent_at: timedelta
    at: timedelta
    moment: Moment


def tell_stories(
    seed: int, count: int, *, until: datetime, days: int, unusual: bool = False
) -> Iterator[Notification]:
    """Yields so many notifications, of one event each: the same for a seed but for their time.

    They come in order of the time of sending, a thousand phones together.

    Args:
        until: the time of the latest possible event, aware UTC.
        days: the time from the first possible event until then.
        unusual: whether dialects of drafts and dialects without a phone number take part.
    """
    rng = Random(seed)  # noqa: S311 - stories must be repeatable, and keep no secret
    first_number, start = rng.getrandbits(33), rng.random()
    dialects = (*USUAL, *UNUSUAL) if unusual else USUAL
    position = 0
    while count > 0:
        together: list[tuple[datetime, Notification]] = []
        end = position + TOGETHER
        while len(together) < count and position < end:
            share = (start + position * SPREAD) % 1
            before = UNDER_WAY if position % UNDER_WAY_SHARE == 0 else timedelta(days=days)
            number = f"+99999{(first_number + position * NUMBER_STRIDE) % 10**10:010}"
            # Every dialect meets every arrangement, each in another round.
            arrangement = ARRANGEMENTS[(position + position // len(dialects)) % len(ARRANGEMENTS)]
            dialect = dialects[position % len(dialects)]
            departure = until - timedelta(microseconds=int(share * (before / MICROSECOND)))
            story = _tell_story(rng, dialect, arrangement, number, departure)
            sent = [(sent_at, one) for sent_at, one in story if sent_at <= until]
            together += sent[: count - len(together)]
            position += 1
        together.sort(key=itemgetter(0))
        yield from (notification for _, notification in together)
        count -= len(together)


def _tell_story(
    rng: Random, dialect: Dialect, arrangement: Arrangement, number: str, departure: datetime
) -> list[tuple[datetime, Notification]]:
    """Returns the notifications about one phone, each with the time of sending, in its order."""
    device_member = _compose_device(_make_identifiers(rng, number), dialect.identifiers)
    changes = travel(rng)
    subscriptions = subscribe(
        rng, arrangement, dialect.words, dialect.termination_reasons, changes[-1].at
    )
    is_told_first = rng.random() < INITIAL_EVENTS_SHARE
    story = []
    for subscription in subscriptions:
        subscription_id = dialect.subscription_id.format(make_uuid(rng))
        prefix = dialect.prefixes[find_family(min(subscription.names))]
        for telling in _tell(subscription, changes, is_told_first):
            name = telling.moment.name
            if name not in dialect.endings:
                continue
            names_device = device_member and name not in dialect.without_device
            occurred_at = _round_down(departure + telling.at, dialect.resolution)
            event = SimulatedEvent(
                type=prefix + dialect.endings[name],
                event_id=make_uuid(rng),
                occurred_at=occurred_at,
                subscription_id=subscription_id,
                device_member=device_member if names_device else {},
                members={**dialect.additions.get(name, {}), **telling.moment.members},
                has_subscription_id=name not in dialect.without_subscription,
                has_data=name not in dialect.without_data,
                device=number if names_device else subscription_id,
            )
            told_name, state = _understand(dialect, telling.moment)
            told = Told(
                event.device,
                subscription_id,
                occurred_at,
                told_name,
                state,
                _find_life(telling.moment),
            )
            notification = replace(dialect.write(event), told=(told,))
            story.append((departure + telling.sent_at, notification))
    story.sort(key=itemgetter(0))
    return story


def _tell(
    subscription: Subscription, changes: Sequence[Change], is_told_first: bool
) -> Iterator[_Telling]:
    """Yields what one subscription tells of a phone and of itself."""

    def tell(at: timedelta, moment: Moment, delay: timedelta = NO_TIME) -> _Telling:
        return _Telling(at + delay, at, moment)

    opened_at = subscription.opened_at
    yield tell(opened_at, CREATED)
    if subscription.pause is not None:
        yield tell(subscription.pause.start, INACTIVE)
        if subscription.pause.end is not None:
            yield tell(subscription.pause.end, ACTIVE)
    if subscription.ended_at is not None:
        end = Moment("subscription-ended", {"terminationReason": subscription.end_reason})
        yield tell(subscription.ended_at, end, subscription.end_delay)
    if is_told_first or opened_at > NO_TIME:
        found = [change.state for change in changes if change.at <= opened_at][-1]
        for moment in describe_state(found):
            if moment.name in subscription.names:
                yield tell(opened_at, moment)
    for before, after in pairwise(changes):
        for moment in describe_change(before.state, after.state):
            if subscription.tells(moment.name, after.at):
                yield tell(after.at, moment)


def _understand(dialect: Dialect, moment: Moment) -> tuple[str, Members]:
    """Returns the name of an event as readers of a dialect know it, and what it says of a phone."""
    name = dialect.meanings.get(moment.name, moment.name)
    members = dict(moment.members)
    if name in CONNECTIVITY_OF:
        return name, {"connectivity": CONNECTIVITY_OF[name]}
    if name == "connectivity":
        return name, {"connectivity": "CONNECTED"}
    if moment.name in ROAMING:
        return name, {"roaming": moment.name != "roaming-off", **members}
    if name == NETWORK_TYPE:
        return name, {"networkType": members["connectedNetworkType"]}
    return name, {}


def _find_life(moment: Moment) -> Life | None:
    if moment == INACTIVE:
        return Life.INACTIVE
    return LIVES.get(moment.name)


def _round_down(at: datetime, resolution: timedelta) -> datetime:
    return at - timedelta(microseconds=at.microsecond % (resolution // MICROSECOND))


def _make_identifiers(rng: Random, number: str) -> Mapping[str, object]:
    """Returns the identifiers of a phone by label: the member, and how it differs from CAMARA's.

    Addresses are of the ranges for documentation (RFC 5737, RFC 3849).
    """
    public, port = f"203.0.113.{1 + rng.getrandbits(7)}", 1024 + rng.getrandbits(15)
    private = f"192.0.2.{1 + rng.getrandbits(7)}"
    ipv6 = f"2001:db8:{rng.getrandbits(16):x}:{rng.getrandbits(16):x}::1"
    return {
        "phoneNumber": number,
        "phoneNumber without plus": number[1:],
        "networkAccessIdentifier": f"{number[1:]}@simulator.invalid",
        "ipv4Address": {"publicAddress": public, "publicPort": port},
        "ipv4Address with privateAddress": {"publicAddress": public, "privateAddress": private},
        # Nokia's legacy form wraps the address, and its port is a string.
        "ipv4Address wrapped": {
            "DeviceIpv4Addr": {"publicAddress": public, "publicPort": str(port)}
        },
        "ipv6Address": ipv6,
        # The members of the drafts of 2023, in which an address may have a prefix length.
        "msisdn": number[1:],
        "ipv4Addr": f"{public}/32",
        "ipv6Addr": ipv6,
    }


def _compose_device(identifiers: Mapping[str, object], labels: Sequence[str]) -> Members:
    """Returns the member `device`, or `ueId` of a draft, with the identifiers of these labels."""
    if not labels:
        return {}
    members = {label.partition(" ")[0]: identifiers[label] for label in labels}
    return {"ueId" if "msisdn" in members else "device": members}
