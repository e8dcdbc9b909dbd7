"""The state of a subscription at a moment, and how much of it is left.

The rhythm of a subscription is the longest pause between two of its events, known from
`RHYTHM_EVENTS` events on. It is silent once nothing came for `SILENCE_FACTOR` times as long, and
for `SILENCE_LEAST` at least.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from receiver.projection.ledger import INACTIVE, Subscription
from receiver.projection.subscriptions.registration import Registration

# With fewer events one long pause is all that is known.
RHYTHM_EVENTS = 5
SILENCE_FACTOR = 3
# A night without events is no news.
SILENCE_LEAST = timedelta(days=1)

# The rate is that of so many days, or of the life of a younger subscription.
RATE_TIME = timedelta(days=7)
DAY = timedelta(days=1)
# The least time of a rate where only the latest events were counted; they may come in one batch.
HOUR = timedelta(hours=1)


class State(StrEnum):
    """What can be said of a subscription; the first that holds, from `ended` upwards."""

    ACTIVE = "active"
    SILENT = "silent"
    INACTIVE = "inactive"
    OVERDUE = "overdue"
    ENDED = "ended"


class Moment(NamedTuple):
    """An event of a subscription, as far as it is counted.

    Attributes:
        name: as sent.
        at: when it counts.
        is_charged: whether it counts against the largest number: it is not about the subscription.
    """

    name: str
    at: datetime
    is_charged: bool


class Retired(NamedTuple):
    """Events of one name that were counted before their month was dropped.

    Attributes:
        charged: those that count against the largest number.
        first_at, last_at: when the earliest and the latest count.
        longest_pause: between one of them and the event of the subscription before it, in their
            month; None: there is none.
    """

    name: str
    events: int
    charged: int
    first_at: datetime
    last_at: datetime
    longest_pause: timedelta | None


class Tally(NamedTuple):
    """The events of a subscription, counted.

    Attributes:
        counts: by event name as sent.
        charged: those that count against the largest number.
        lately: of these, those of the last `RATE_TIME`.
        last_at: when the latest event counts; None: there is none.
        longest_pause: between two events that follow each other; None: there are fewer than two.
        counted_since: when the earliest one arrived that was counted; None: all were counted, and
            not only the latest ones.
    """

    counts: Mapping[str, int]
    charged: int
    lately: int
    last_at: datetime | None
    longest_pause: timedelta | None
    counted_since: datetime | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def is_whole(self) -> bool:
        """Whether all events were counted."""
        return self.counted_since is None


NOTHING = Tally({}, 0, 0, None, None, None)


class Forecast(NamedTuple):
    """How much of a subscription is left; None: not known.

    Attributes:
        events_left: until the registered number is reached.
        days_left: until the registered expiry; below 0: it passed.
        rate_per_day: of the events that count against the number.
    """

    events_left: int | None
    days_left: float | None
    rate_per_day: float


def retire(moments: Iterable[Moment]) -> list[Retired]:
    """Returns the events of a subscription in one month, counted by name."""
    in_time = sorted(moments, key=lambda moment: moment.at)
    by_name: dict[str, list[tuple[Moment, timedelta | None]]] = {}
    for earlier, moment in zip([None, *in_time], in_time, strict=False):
        pause = None if earlier is None else moment.at - earlier.at
        by_name.setdefault(moment.name, []).append((moment, pause))
    return [
        Retired(
            name,
            len(those),
            sum(moment.is_charged for moment, _ in those),
            those[0][0].at,
            those[-1][0].at,
            max((pause for _, pause in those if pause is not None), default=None),
        )
        for name, those in by_name.items()
    ]


def count(moments: Iterable[Moment], now: datetime, retired: Collection[Retired] = ()) -> Tally:
    """Returns the tally of all events of a subscription, in whatever order they come.

    An event of a time of which the months are dropped shortens no pause.

    Args:
        retired: the events of dropped months.
    """
    kept = list(moments)
    charged = [moment for moment in kept if moment.is_charged]
    spans = [(moment.at, moment.at) for moment in kept]
    spans += [(each.first_at, each.last_at) for each in retired]
    pauses = [each.longest_pause for each in retired if each.longest_pause is not None]
    last_at = None
    for first, last in sorted(spans):
        if last_at is not None and first >= last_at:
            pauses.append(first - last_at)
        last_at = last if last_at is None else max(last_at, last)
    counts = Counter(moment.name for moment in kept)
    for each in retired:
        counts[each.name] += each.events
    return Tally(
        counts=counts,
        charged=len(charged) + sum(each.charged for each in retired),
        lately=sum(moment.at > now - RATE_TIME for moment in charged),
        last_at=last_at,
        longest_pause=max(pauses, default=None),
        counted_since=None,
    )


def find_state(
    subscription: Subscription, registration: Registration | None, tally: Tally, now: datetime
) -> State:
    """Returns the state at a moment."""
    if subscription.end is not None:
        return State.ENDED
    expires_at = None if registration is None else registration.expires_at
    if expires_at is not None and expires_at <= now:
        return State.OVERDUE
    if subscription.update is not None and subscription.update[2] == INACTIVE:
        return State.INACTIVE
    return State.SILENT if is_silent(tally, now) else State.ACTIVE


def is_silent(tally: Tally, now: datetime) -> bool:
    """Tells whether nothing came for longer than the rhythm allows."""
    if tally.last_at is None or tally.longest_pause is None or tally.total < RHYTHM_EVENTS:
        return False
    return now - tally.last_at > max(SILENCE_FACTOR * tally.longest_pause, SILENCE_LEAST)


def forecast(
    subscription: Subscription, registration: Registration | None, tally: Tally, now: datetime
) -> Forecast:
    """Returns how much is left of a subscription that has not ended."""
    age = min(max(now - subscription.first_at, DAY), RATE_TIME)
    if tally.counted_since is not None:
        age = min(age, max(now - tally.counted_since, HOUR))
    events_left, days_left = None, None
    if registration is not None:
        if registration.max_events is not None:
            left = max(registration.max_events - tally.charged, 0)
            # More events than were counted leave nothing of a number that these reach.
            events_left = left if tally.is_whole or not left else None
        if registration.expires_at is not None:
            days_left = (registration.expires_at - now) / DAY
    return Forecast(events_left, days_left, tally.lately / (age / DAY))
