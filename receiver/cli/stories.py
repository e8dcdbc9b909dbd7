"""Believable notifications from a seed; knows neither the clock nor where they are sent."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal, TypeVar
from uuid import UUID

from receiver.events.event import Form

T = TypeVar("T")
Members = Mapping[str, object]

# A fixed past instant, because the same seed must send the same bytes on any day.
FIRST_DEPARTURE = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
# Far below a journey's hours, so that even millions of notifications stay in the past.
BETWEEN_WAVES = timedelta(seconds=90)
# Coprime to 10**10, so that no number comes back before all of them were used.
NUMBER_STRIDE = 6_180_339_887

# The two countries visited, each with its MCC; they share a border.
ROUTES = (
    (("FR", 208), ("BE", 206)),
    (("ES", 214), ("FR", 208)),
    (("AT", 232), ("IT", 222)),
    (("NL", 204), ("DE", 262)),
    (("CH", 228), ("IT", 222)),
    (("CZ", 230), ("PL", 260)),
)
SUBSCRIBED = ("roaming-status", "reachability-data", "network-type-changed")


@dataclass(frozen=True, slots=True)
class Notification:
    """One POST to a sink.

    Attributes:
        device: the phone number that the story is about, as it stands in the body.
    """

    body: bytes
    media_type: str
    device: str
    form: Form


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happens to a phone, in the words of the newest API versions.

    Attributes:
        about: the event name that its subscription is for.
        at_once: it follows the moment before within seconds.
    """

    about: str
    name: str
    members: Members = field(default_factory=dict)
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of provider writes what happens.

    Attributes:
        prefixes: what its event types begin with, by family; it reports no other family.
        words: how they end, by event name; it reports no other name.
        addresses: what it says of a device beside the phone number.
        additions: members that its events have beyond those of the newest versions, by name.
    """

    form: Form
    prefixes: Mapping[str, str]
    words: Mapping[str, str]
    addresses: Literal["none", "ipv4", "wrapped ipv4", "ipv4 and ipv6"]
    additions: Mapping[str, Members] = field(default_factory=dict)


def notifications(seed: int, count: int) -> Iterator[Notification]:
    """The first `count` notifications of a seed: always the same, no two the same event.

    They come in waves of one phone for each dialect, a wave in order of time.
    """
    return itertools.islice(_endless(seed), count)


def _endless(seed: int) -> Iterator[Notification]:
    rng = Random(seed)  # noqa: S311 - stories must be repeatable, and keep no secret
    first_number = rng.getrandbits(33)
    for wave in itertools.count():
        told: list[tuple[datetime, Notification]] = []
        for position, dialect in enumerate(DIALECTS, wave * len(DIALECTS)):
            number = f"+99999{(first_number + position * NUMBER_STRIDE) % 10**10:010}"
            told.extend(_story(rng, dialect, number, FIRST_DEPARTURE + wave * BETWEEN_WAVES))
        told.sort(key=lambda moment: moment[0])
        yield from (notification for _, notification in told)


def _story(
    rng: Random, dialect: Dialect, number: str, departure: datetime
) -> Iterator[tuple[datetime, Notification]]:
    device = _device(rng, number, dialect)
    subscriptions = {about: _uuid(rng) for about in sorted(set(dialect.words.values()))}
    if dialect.form is Form.CLOUDEVENTS:
        write, media_type, timespec = _cloudevent, "application/cloudevents+json", "microseconds"
    else:
        write, media_type, timespec = _legacy, "application/json", "milliseconds"
    at = departure
    for moment in _journey(rng):
        # Always more than a second, so that times ascend in milliseconds too.
        seconds = (1 if moment.at_once else 120) * (1 + 20 * rng.random())
        at += timedelta(microseconds=1 + int(seconds * 1_000_000))
        family = moment.about.partition("-")[0]
        if family not in dialect.prefixes or moment.name not in dialect.words:
            continue
        envelope = write(
            dialect.prefixes[family] + dialect.words[moment.name],
            _uuid(rng),
            at.replace(tzinfo=None).isoformat(timespec=timespec) + "Z",
            subscriptions[dialect.words[moment.about]],
            {"device": device, **dialect.additions.get(moment.name, {}), **moment.members},
        )
        body = json.dumps(envelope, separators=(",", ":")).encode()
        yield at, Notification(body, media_type, number, dialect.form)


def _journey(rng: Random) -> Iterator[Moment]:
    route = _pick(rng, ROUTES)
    first, second = ({"countryCode": mcc, "countryName": [alpha_2]} for alpha_2, mcc in route)
    for about in SUBSCRIBED:
        yield Moment(about, "subscription-started", {"initiationReason": "SUBSCRIPTION_CREATED"})
        yield Moment(about, "subscription-updated", {"updateReason": "SUBSCRIPTION_ACTIVE"}, True)
    yield Moment("reachability-data", "reachability-data")
    yield _network_type("5G")
    yield Moment("roaming-on", "roaming-on")
    yield Moment("roaming-status", "roaming-status", {"roaming": True, **first}, at_once=True)
    yield _network_type(_pick(rng, ("2G", "3G", "4G")))
    yield from (Moment(name, name) for name in REACHABILITY)
    yield Moment("roaming-change-country", "roaming-change-country", second)
    if rng.random() < 0.5:
        yield from (Moment(name, name) for name in REACHABILITY)
    yield Moment("roaming-off", "roaming-off")
    yield Moment("roaming-status", "roaming-status", {"roaming": False}, at_once=True)
    yield _network_type(_pick(rng, ("4G", "5G")))
    for about in SUBSCRIBED:
        reason = _pick(rng, ("SUBSCRIPTION_EXPIRED", "NETWORK_TERMINATED"))
        yield Moment(about, "subscription-ended", {"terminationReason": reason}, at_once=True)


def _network_type(connected: str) -> Moment:
    name = "network-type-changed"
    return Moment(name, name, {"connectedNetworkType": connected})


def _device(rng: Random, number: str, dialect: Dialect) -> Members:
    # Addresses come from the ranges that are kept for documentation.
    public, port = f"203.0.113.{1 + rng.getrandbits(7)}", 1024 + rng.getrandbits(15)
    ipv4: Members = {"publicAddress": public, "publicPort": port}
    ipv6 = f"2001:db8:{rng.getrandbits(16):x}:{rng.getrandbits(16):x}::1"
    # Nokia's older form wraps the address and sends its port as a string.
    wrapped = {"DeviceIpv4Addr": {"publicAddress": public, "publicPort": str(port)}}
    addresses: Mapping[str, Members] = {
        "none": {},
        "ipv4": {"ipv4Address": ipv4},
        "ipv4 and ipv6": {"ipv4Address": ipv4, "ipv6Address": ipv6},
        "wrapped ipv4": {"ipv4Address": wrapped},
    }
    return {"phoneNumber": number, **addresses[dialect.addresses]}


def _cloudevent(
    event_type: str, event_id: str, time: str, subscription_id: str, said: Members
) -> Members:
    api = event_type.split(".")[2]
    return {
        "id": event_id,
        "source": f"https://simulator.invalid/{api}/v0/subscriptions/{subscription_id}",
        "type": event_type,
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "time": time,
        "data": {"subscriptionId": subscription_id, **said},
    }


def _legacy(
    event_type: str, event_id: str, time: str, subscription_id: str, said: Members
) -> Members:
    event = {"eventType": event_type, "eventTime": time, "eventDetail": said}
    return {"eventSubscriptionId": subscription_id, "event": event}


def _pick(rng: Random, choices: Sequence[T]) -> T:
    # `Random.choice` has drawn differently from one Python version to the next.
    return choices[int(rng.random() * len(choices))]


def _uuid(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def _prefixes(roaming: str, reachability: str, network: str = "") -> dict[str, str]:
    apis = {"roaming": roaming, "reachability": reachability, "network": network}
    return {family: f"org.camaraproject.{api}.v0." for family, api in apis.items() if api}


ROAMING = ("roaming-status", "roaming-on", "roaming-off", "roaming-change-country")
REACHABILITY = ("reachability-disconnected", "reachability-sms", "reachability-data")
LIFE_CYCLE = ("subscription-started", "subscription-updated", "subscription-ended")
UNTIL_0_7 = {name: name for name in (*ROAMING, *REACHABILITY, "network-type-changed")}
UNTIL_0_7["subscription-ended"] = "subscription-ends"
UNTIL_0_5 = UNTIL_0_7 | {
    name: name.replace("reachability", "connectivity") for name in REACHABILITY
}
FROM_0_8 = UNTIL_0_7 | {name: name for name in LIFE_CYCLE}
LEGACY = {name: name.upper().replace("-", "_") for name in ROAMING}
LEGACY["subscription-ended"] = "SUBSCRIPTION_ENDS"
NOKIA_LEGACY = {
    "roaming-status": "ROAMING_STATUS",
    "roaming-change-country": "ROAMING_STATUS",
    "reachability-data": "CONNECTIVITY",
    "reachability-disconnected": "CONNECTIVITY",
    "subscription-ended": "ROAMING_STATUS",  # whatever the subscription was for
}
NOKIA_ADDITIONS: Mapping[str, Members] = {
    "roaming-change-country": {"roaming": True},
    "reachability-data": {"deviceStatus": "REACHABLE"},
    "reachability-disconnected": {"deviceStatus": "UNREACHABLE"},
}

OLDER = _prefixes("roaming-status-subscriptions", "device-reachability-status-subscriptions")
NEWER = _prefixes(
    "device-roaming-status-subscriptions",
    "device-reachability-status-subscriptions",
    "connected-network-type-subscriptions",
)
NO_PREFIX = {"roaming": "", "reachability": ""}
DIALECTS = (
    Dialect(Form.CLOUDEVENTS, _prefixes("device-status", "device-status"), UNTIL_0_5, "ipv4"),
    Dialect(Form.CLOUDEVENTS, OLDER, UNTIL_0_7, "ipv4"),
    Dialect(Form.CLOUDEVENTS, NEWER, UNTIL_0_7, "ipv4 and ipv6"),
    Dialect(Form.CLOUDEVENTS, NEWER, FROM_0_8, "none"),
    Dialect(Form.LEGACY, {"roaming": ""}, LEGACY, "none"),
    Dialect(Form.LEGACY, NO_PREFIX, NOKIA_LEGACY, "wrapped ipv4", NOKIA_ADDITIONS),
)
