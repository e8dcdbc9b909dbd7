"""What status a story expects of each device, once all that was told is received.

The judge goes through what was told as a careful reader would, event by event in time. It is
independent of how the service derives its answers, so that each can find the faults of the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from operator import itemgetter

from receiver.simulator.told import Life, Told

Document = dict[str, object]


class Axis(StrEnum):
    """A part of the status, as the answer of the service names it."""

    CONNECTIVITY = "connectivity"
    ROAMING = "roaming"
    NETWORK_TYPE = "networkType"


# The country has an end of its own, but stands within the roaming.
COUNTRY = "country"

# The names that tell how a phone came to be as it is.
_DATA = frozenset({"reachability-data", "connectivity"})
_SMS = frozenset({"reachability-sms"})
_DISCONNECTED = frozenset({"reachability-disconnected"})
_ABROAD = frozenset({"roaming-on", "roaming-status"})
_HOME = frozenset({"roaming-off", "roaming-status"})
_ELSEWHERE = frozenset({"roaming-change-country"})
_TYPE = frozenset({"network-type-changed"})

# By what else a phone may become, the names that would tell it.
ENDS: Mapping[tuple[str, object], tuple[frozenset[str], ...]] = {
    (Axis.CONNECTIVITY, "CONNECTED_DATA"): (_SMS, _DISCONNECTED),
    (Axis.CONNECTIVITY, "CONNECTED_SMS"): (_DATA, _DISCONNECTED),
    (Axis.CONNECTIVITY, "NOT_CONNECTED"): (_DATA, _SMS | _DATA - {"reachability-data"}),
    (Axis.CONNECTIVITY, "CONNECTED"): (_DISCONNECTED,),
    (Axis.ROAMING, True): (_HOME,),
    (Axis.ROAMING, False): (_ABROAD,),
    (COUNTRY, False): (_ABROAD,),
    (COUNTRY, True): (_HOME, _ELSEWHERE),
}
TELLERS: Mapping[str, frozenset[str]] = {
    Axis.CONNECTIVITY: _DATA | _SMS | _DISCONNECTED,
    Axis.ROAMING: _ABROAD | _HOME | _ELSEWHERE,
    COUNTRY: _ABROAD | _HOME | _ELSEWHERE,
    Axis.NETWORK_TYPE: _TYPE,
}


@dataclass(slots=True)
class _Subscription:
    """What a reader knows of a subscription when all is told.

    Attributes:
        names: of the events of the phone that it ever told.
        ended_at, paused_at: from when on it tells nothing more; None: it did not end or pause, or
            its pause is over.
    """

    names: set[str] = field(default_factory=set)
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    paused_at: datetime | None = None

    def hear(self, told: Told) -> None:
        """Takes an event in its order of time."""
        if self.opened_at is None:
            self.opened_at = told.at
        match told.life:
            case None:
                self.names.add(told.name)
            case Life.ENDED:
                self.ended_at = told.at
            case Life.INACTIVE:
                self.paused_at = told.at
            case Life.ACTIVE:
                self.paused_at = None

    @property
    def closing(self) -> tuple[datetime, str] | None:
        """When and why it falls silent for good; a pause that is over never counted."""
        ways = ((self.ended_at, "subscription-ended"), (self.paused_at, "subscription-inactive"))
        return min(((at, why) for at, why in ways if at is not None), default=None)

    def may_tell_after(self, moment: datetime) -> bool:
        """Whether what happens after a moment is told."""
        is_opened = self.opened_at is not None and self.opened_at <= moment
        return is_opened and (self.closing is None or self.closing[0] > moment)


@dataclass(slots=True)
class _Known:
    """What is known on one axis at a moment of the walk; `lost` says when and why it was lost."""

    value: object = None
    since: datetime | None = None
    lost: tuple[datetime, str] | None = None

    def learn(self, value: object, at: datetime) -> None:
        """Takes what an event says; what is told again after a loss begins anew."""
        if value != self.value or self.lost is not None:
            self.value, self.since, self.lost = value, at, None


def expect(told: Iterable[Told]) -> Iterator[Document]:
    """Yields what is expected of each device, in the order in which they are first told of.

    A document is the answer of `GET /devices/{deviceId}/status` without what only the service
    knows; it begins with the phone number of the device, or with the subscription that is all that
    its events name.
    """
    events: defaultdict[str, list[Told]] = defaultdict(list)
    phones: defaultdict[str, set[str]] = defaultdict(set)
    for one in told:
        events[one.device].append(one)
        if one.device != one.subscription_id:
            phones[one.subscription_id].add(one.device)
    nameless: defaultdict[str, list[Told]] = defaultdict(list)
    for subscription_id, named in phones.items():
        # What names no device is of the phone of its subscription, if that is of one phone.
        if len(named) == 1:
            nameless[min(named)] += events.get(subscription_id, [])
    for device, own in events.items():
        heard = sorted([*own, *nameless[device]], key=lambda one: one.at)
        if device.startswith("+"):
            subject: Document = {"device": {"phoneNumber": device}}
        else:
            subject = {"subscriptionId": device}
        yield subject | _walk(heard)


def _walk(heard: list[Told]) -> Document:
    """Returns what is known after all events, each of which may end what was known."""
    subscriptions: defaultdict[str, _Subscription] = defaultdict(_Subscription)
    for one in heard:
        subscriptions[one.subscription_id].hear(one)
    closings = [
        (*each.closing, each) for each in subscriptions.values() if each.closing is not None
    ]
    closings.sort(key=itemgetter(0, 1), reverse=True)
    known = {axis: _Known() for axis in (*Axis, COUNTRY)}

    def close() -> None:
        at, why, closed = closings.pop()
        others = (each.names for each in subscriptions.values() if each.may_tell_after(at))
        told = frozenset[str]().union(*others)
        for axis, one in known.items():
            if one.since is not None and one.lost is None:
                ends = (TELLERS[axis], *_list_ends(axis, one.value))
                if any(names & closed.names and not names & told for names in ends):
                    one.lost = (at, why)

    for one in heard:
        # What happens at the moment of a closing is told before it.
        while closings and closings[-1][0] < one.at:
            close()
        for axis, value in _read(one.state):
            known[axis].learn(value, one.at)
    while closings:
        close()
    return _compose(known) | {"lastEventAt": _format(heard[-1].at)}


def _read(state: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yields the value on each axis; a country is its code and its names, and None at home."""
    for axis in Axis:
        if axis in state:
            yield axis, state[axis]
    if state.get(Axis.ROAMING) is False:
        yield COUNTRY, None
    elif "countryCode" in state:
        yield COUNTRY, {name: state[name] for name in ("countryCode", "countryName")}


def _list_ends(axis: str, value: object) -> tuple[frozenset[str], ...]:
    if axis == Axis.NETWORK_TYPE:
        return (TELLERS[axis],)
    return ENDS[axis, value is not None if axis == COUNTRY else value]


def _compose(known: Mapping[str, _Known]) -> Document:
    """Returns the document of what is known; the country stands beside a roaming that is true."""
    answers: Document = {}
    roaming, country = known[Axis.ROAMING], known[COUNTRY]
    for axis in Axis:
        one = known[axis]
        if one.since is None:
            answers[axis] = {"unknown": True, "because": "never-reported"}
            continue
        value: Document = {"value": one.value, "since": _format(one.since)}
        is_abroad = axis is Axis.ROAMING and one.value is True
        # A country that was lost before the roaming is still the last that was known.
        is_named = country.lost is None or roaming.lost is not None
        if is_abroad and is_named and isinstance(country.value, dict):
            value |= country.value
        if one.lost is None:
            answers[axis] = value
        else:
            at, why = one.lost
            answers[axis] = {"unknown": True, "because": why, "at": _format(at), "last": value}
    return answers


def _format(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
