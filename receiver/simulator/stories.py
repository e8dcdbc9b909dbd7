"""Believable notifications from a seed; knows neither the clock nor the sink."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from receiver.simulator.dialects import UNUSUAL, USUAL, Dialect
from receiver.simulator.forms import SimulatedEvent
from receiver.simulator.journeys import Members, make_uuid, travel
from receiver.simulator.notification import Notification

# A fixed time in the past: the same seed must send the same bytes on any day.
FIRST_DEPARTURE = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
# Short beside the 3 to 8 hours of a journey: a million notifications are 8,300 waves, nine days.
BETWEEN_WAVES = timedelta(seconds=90)
# Coprime to 10**10: no phone number comes back before all were used.
NUMBER_STRIDE = 6_180_339_887


def tell_stories(seed: int, *, unusual: bool = False) -> Iterator[Notification]:
    """Yields notifications without end: always the same for a seed, and no event twice.

    They come in waves of one phone for each dialect; a wave is in order of time.

    Args:
        unusual: whether dialects of drafts and dialects without a phone number take part.
    """
    rng = Random(seed)  # noqa: S311 - stories must be repeatable, and keep no secret
    first_number = rng.getrandbits(33)
    dialects = (*USUAL, *UNUSUAL) if unusual else USUAL
    for wave in itertools.count():
        dated: list[tuple[datetime, Notification]] = []
        for position, dialect in enumerate(dialects, wave * len(dialects)):
            number = f"+99999{(first_number + position * NUMBER_STRIDE) % 10**10:010}"
            dated.extend(_tell_story(rng, dialect, number, FIRST_DEPARTURE + wave * BETWEEN_WAVES))
        dated.sort(key=lambda one: one[0])
        yield from (notification for _, notification in dated)


def _tell_story(
    rng: Random, dialect: Dialect, number: str, departure: datetime
) -> Iterator[tuple[datetime, Notification]]:
    device_member = _compose_device(_make_identifiers(rng, number), dialect.identifiers)
    subscriptions = {
        ending: dialect.subscription_id.format(make_uuid(rng))
        for ending in sorted(set(dialect.endings.values()))
    }
    at = departure
    for moment in travel(rng, dialect.termination_reasons):
        # Always more than a second: times ascend in forms with milliseconds too.
        seconds = (1 if moment.is_immediate else 120) * (1 + 20 * rng.random())
        at += timedelta(microseconds=1 + int(seconds * 1_000_000))
        if moment.family not in dialect.prefixes or moment.name not in dialect.endings:
            continue
        subscription_id = subscriptions[dialect.endings[moment.subscription]]
        event = SimulatedEvent(
            type=dialect.prefixes[moment.family] + dialect.endings[moment.name],
            event_id=make_uuid(rng),
            occurred_at=at,
            subscription_id=subscription_id,
            device_member=device_member,
            members={**dialect.additions.get(moment.name, {}), **moment.members},
            has_subscription_id=moment.name not in dialect.without_subscription,
            has_data=moment.name not in dialect.without_data,
            device=number if device_member else subscription_id,
        )
        yield at, dialect.write(event)


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
