"""An independent replay: what raw notifications say of devices, step by step in time.

It imports nothing of what it judges, and is slow and plain on purpose.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from tests.support.raw import MEANINGS, Event, read

MORE_SPECIFIC = ("roaming-status", "roaming-change-country")

# The events that tell how a value becomes another one: for each other value, a set of names.
DATA, SMS = {"connectivity-data", "connectivity"}, {"connectivity-sms", "connectivity"}
GONE = {"connectivity-disconnected"}
LEAVING, RETURNING = {"roaming-on", "roaming-status"}, {"roaming-off", "roaming-status"}
WAYS_OUT: dict[tuple[str, object], list[set[str]]] = {
    ("connectivity", "CONNECTED_DATA"): [{"connectivity-sms"}, GONE],
    ("connectivity", "CONNECTED_SMS"): [DATA, GONE],
    ("connectivity", "CONNECTED"): [GONE],
    ("connectivity", "NOT_CONNECTED"): [DATA, SMS],
    ("roaming", True): [RETURNING],
    ("roaming", False): [LEAVING],
    ("country", None): [LEAVING],
}
ABROAD = [RETURNING, {"roaming-change-country"}]
ROAMING = {*LEAVING, *RETURNING, "roaming-change-country"}
TELLERS = {
    "connectivity": DATA | SMS | GONE,
    "roaming": ROAMING,
    "country": ROAMING,
    "networkType": {"network-type-changed"},
}


class Stretch(NamedTuple):
    """What was true on an axis from one moment on.

    Attributes:
        confirmed_at: of the latest event that says it.
        because: why nobody knows what was true; None: the value is known.
    """

    from_at: datetime
    value: object
    confirmed_at: datetime
    because: str | None = None


class Entry:
    """What the events of one subscription say about it."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.counts = Counter(event.name for event in events)
        self.names = {event.meaning for event in events if event.meaning in MEANINGS}
        phones = {event.device for event in events if event.device != event.subscription}
        # What names no device is of the phones of its subscription.
        self.devices = phones or {event.device for event in events}
        self.first_at = min(event.at for event in events)
        self.last_at = max(event.at for event in events)
        started = [event.at for event in events if event.name == "subscription-started"]
        self.started_at = min(started, default=None)
        ends = [event for event in events if event.meaning == "subscription-ended"]
        end = max(ends, key=lambda event: event.at, default=None)
        self.ended_at = end.at if end is not None else None
        self.reason = end.reason if end is not None else None
        updates = [event for event in events if event.name == "subscription-updated"]
        update = max(updates, key=lambda event: event.at, default=None)
        is_inactive = update is not None and update.reason == "SUBSCRIPTION_INACTIVE"
        self.inactive_at = update.at if update is not None and is_inactive else None

    def document(self) -> dict[str, Any]:
        """An item of `GET /subscriptions`, as far as its events decide it, without its devices."""
        times = {
            "firstAt": self.first_at,
            "startedAt": self.started_at,
            "inactiveAt": self.inactive_at,
            "endedAt": self.ended_at,
            "lastEventAt": self.last_at,
        }
        known = {name: write_time(at) for name, at in times.items() if at is not None}
        reason = {} if self.reason is None else {"terminationReason": self.reason}
        counts = {"total": self.counts.total(), "byName": dict(self.counts), "isComplete": True}
        return {**known, **reason, "names": sorted(self.names), "events": counts}

    def closing(self) -> tuple[datetime, str] | None:
        """When and why it fell silent; None: it goes on."""
        ways = ((self.ended_at, "subscription-ended"), (self.inactive_at, "subscription-inactive"))
        return min(((at, because) for at, because in ways if at is not None), default=None)

    def tells_after(self, moment: datetime) -> bool:
        closing = self.closing()
        return self.first_at <= moment and (closing is None or closing[0] > moment)


class Replay:
    """What is true of the devices of some notifications, in whatever order they came."""

    def __init__(self, notifications: Iterable[tuple[bytes, Mapping[str, str]]]) -> None:
        events = {event.text: event for one in notifications for event in read(*one)}
        self._own: defaultdict[str, list[Event]] = defaultdict(list)
        self._of_subscription: defaultdict[str, list[Event]] = defaultdict(list)
        for event in events.values():
            self._own[event.device].append(event)
            self._of_subscription[event.subscription].append(event)

    @property
    def devices(self) -> list[str]:
        """Phone numbers, and the ids of subscriptions that are all that some events name."""
        return list(self._own)

    def ledger(self) -> dict[str, Entry]:
        """The entry of each subscription."""
        return {name: Entry(events) for name, events in self._of_subscription.items()}

    def stretches(self, device: str, axis: str) -> list[Stretch]:
        """What was true on an axis, from the first event on."""
        events = self._heard(device)
        subscriptions = _list_entries(events)
        found: list[Stretch] = []
        for number, event in enumerate(events):
            if axis not in event.state:
                continue
            value = event.state[axis]
            if found and found[-1].because is None and found[-1].value == value:
                found[-1] = found[-1]._replace(confirmed_at=event.at)
            else:
                found.append(Stretch(event.at, value, event.at))
            later = [one.at for one in events[number + 1 :] if axis in one.state]
            # At the moment of a closing, what happens is told before it.
            for at, because in _list_losses(axis, value, subscriptions):
                if event.at <= at and not (later and later[0] <= at):
                    found.append(Stretch(at, value, event.at, because))
                    break
        return found

    def status(self, device: str) -> dict[str, Any]:
        """The answer of `GET /devices/{deviceId}/status`, without ids and without `asOf`."""
        answers: dict[str, Any] = {}
        for axis in ("connectivity", "roaming", "networkType"):
            stretches = self.stretches(device, axis)
            if not stretches:
                answers[axis] = {"unknown": True, "because": "never-reported"}
                continue
            last = stretches[-1]
            known = stretches[-1 if last.because is None else -2]
            answer = {
                "value": known.value,
                "since": write_time(known.from_at),
                "confirmedAt": write_time(known.confirmed_at),
            }
            if axis == "roaming" and known.value is True:
                answer |= self._country(device, is_over=last.because is not None)
            if last.because is not None:
                at = write_time(last.from_at)
                answer = {"unknown": True, "because": last.because, "at": at, "last": answer}
            answers[axis] = answer
        return answers | {"lastEventAt": write_time(self._heard(device)[-1].at)}

    def _country(self, device: str, *, is_over: bool) -> dict[str, Any]:
        stretches = self.stretches(device, "country")
        if not stretches or (stretches[-1].because is not None and not is_over):
            return {}
        value = stretches[-1].value
        if not isinstance(value, tuple):
            return {}
        code, names = value
        return {"countryCode": code, "countryName": list(names)}

    def stands_for_another(self, device: str) -> bool:
        """Whether its subscription is about one phone, whose events its events are."""
        phones = {event.device for event in self._of_subscription.get(device, ())} - {device}
        return len(phones) == 1

    def _heard(self, device: str) -> list[Event]:
        """The events of a device and of what stands for it, in time; the more specific later."""
        heard = list(self._own[device])
        for subscription in {event.subscription for event in heard}:
            phones = {event.device for event in self._of_subscription[subscription]}
            if phones - {subscription} == {device}:
                heard += self._own.get(subscription, [])
        heard.sort(key=lambda event: (event.at, event.meaning in MORE_SPECIFIC))
        return heard


def _list_entries(events: Iterable[Event]) -> list[Entry]:
    by_subscription: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_subscription[event.subscription].append(event)
    return [Entry(each) for each in by_subscription.values()]


def _list_losses(
    axis: str, value: object, subscriptions: Sequence[Entry]
) -> Iterator[tuple[datetime, str]]:
    """Yields when nobody would tell any more that a value ended, the earliest first."""
    closed = [(closing, one) for one in subscriptions if (closing := one.closing()) is not None]
    ways = WAYS_OUT.get((axis, value), ABROAD if axis == "country" else [])
    for (at, because), one in sorted(closed, key=lambda pair: pair[0]):
        told = {name for other in subscriptions if other.tells_after(at) for name in other.names}
        for names in (TELLERS[axis], *ways):
            if names & one.names and not names & told:
                yield at, because
                break


def write_time(at: datetime) -> str:
    """As the service writes times."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
