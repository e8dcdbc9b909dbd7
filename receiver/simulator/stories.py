"""Believable notifications from a seed; knows neither the clock nor where they are sent."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from receiver.simulator.dialects import UNUSUAL, USUAL, Dialect
from receiver.simulator.journeys import Members, journey, random_uuid
from receiver.simulator.notification import Notification
from receiver.simulator.wrappings import Saying

# A fixed past instant, because the same seed must send the same bytes on any day.
FIRST_DEPARTURE = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
# Far below a journey's hours, so that even millions of notifications stay in the past.
BETWEEN_WAVES = timedelta(seconds=90)
# Coprime to 10**10, so that no number comes back before all of them were used.
NUMBER_STRIDE = 6_180_339_887


def notifications(seed: int, *, unusual: bool = False) -> Iterator[Notification]:
    """Notifications without end: for a seed always the same, no two the same event.

    They come in waves of one phone for each dialect, a wave in order of time.

    Args:
        unusual: also those that a history by phone number does not find, and those that no
            release published.
    """
    rng = Random(seed)  # noqa: S311 - stories must be repeatable, and keep no secret
    first_number = rng.getrandbits(33)
    dialects = (*USUAL, *UNUSUAL) if unusual else USUAL
    for wave in itertools.count():
        told: list[tuple[datetime, Notification]] = []
        for position, dialect in enumerate(dialects, wave * len(dialects)):
            number = f"+99999{(first_number + position * NUMBER_STRIDE) % 10**10:010}"
            told.extend(_story(rng, dialect, number, FIRST_DEPARTURE + wave * BETWEEN_WAVES))
        told.sort(key=lambda moment: moment[0])
        yield from (notification for _, notification in told)


def _story(
    rng: Random, dialect: Dialect, number: str, departure: datetime
) -> Iterator[tuple[datetime, Notification]]:
    subject = _subject(_identifiers(rng, number), dialect.identifiers)
    subscriptions = {
        about: dialect.subscription_id.format(random_uuid(rng))
        for about in sorted(set(dialect.words.values()))
    }
    at = departure
    for moment in journey(rng, dialect.termination_reasons):
        # Always more than a second, so that times ascend in milliseconds too.
        seconds = (1 if moment.at_once else 120) * (1 + 20 * rng.random())
        at += timedelta(microseconds=1 + int(seconds * 1_000_000))
        if moment.family not in dialect.prefixes or moment.name not in dialect.words:
            continue
        subscription_id = subscriptions[dialect.words[moment.about]]
        saying = Saying(
            type=dialect.prefixes[moment.family] + dialect.words[moment.name],
            event_id=random_uuid(rng),
            occurred_at=at,
            subscription_id=subscription_id,
            subject=subject,
            said={**dialect.additions.get(moment.name, {}), **moment.members},
            names_subscription=moment.name not in dialect.without_subscription,
            has_data=moment.name not in dialect.without_data,
            about=number if subject else subscription_id,
        )
        yield at, dialect.wrap(saying)


def _identifiers(rng: Random, number: str) -> Mapping[str, object]:
    """All that may be said of a phone, by member and, after a space, how it differs from CAMARA's.

    Addresses are of the ranges kept for documentation.
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
        # Nokia's older form wraps the address and sends its port as a string.
        "ipv4Address wrapped": {
            "DeviceIpv4Addr": {"publicAddress": public, "publicPort": str(port)}
        },
        "ipv6Address": ipv6,
        # The words of the drafts of 2023, which allow a prefix length too.
        "msisdn": number[1:],
        "ipv4Addr": f"{public}/32",
        "ipv6Addr": ipv6,
    }


def _subject(identifiers: Mapping[str, object], said: Sequence[str]) -> Members:
    """The member that says whom an event is about: `device`, or a draft's `ueId`."""
    if not said:
        return {}
    members = {label.partition(" ")[0]: identifiers[label] for label in said}
    return {"ueId" if "msisdn" in members else "device": members}
