"""The subscriptions through which a provider tells of a phone: which names, and from when to when.

A provider knows nothing of the others: each arrangement is one that customers really make, and the
gaps of some are gaps in what anybody can know of the phone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from random import Random

from receiver.simulator.stories.journeys import find_family, pick


class Arrangement(Enum):
    """How a customer subscribes to the events of a phone."""

    STEADY = "one subscription for each family, all open"
    PER_NAME = "one for each event name, as from 0.6 on, all open"
    RENEWED = "one for each family, and before it ends, the next one"
    ENDED = "one for each family; all end after the journey"
    PARTLY_ENDED = "one for each event name; some end on the way"
    GAP = "one for each family; some time after its end, the next one"
    PAUSED = "one for each family, inactive for some time, some for ever"


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a subscription is inactive; `end` None: it stays so."""

    start: timedelta
    end: timedelta | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription; times count from the beginning of the journey.

    Attributes:
        names: of the events that it tells.
        opened_at: it tells the state that it finds then.
        ended_at: None: it is open.
        end_reason: in the words of CAMARA.
        end_delay: how long after its end the last notification is sent.
    """

    names: frozenset[str]
    opened_at: timedelta = timedelta()
    ended_at: timedelta | None = None
    end_reason: str = ""
    end_delay: timedelta = timedelta()
    pause: Pause | None = None

    def tells(self, name: str, at: timedelta) -> bool:
        """Whether it tells of what happens at a moment."""
        is_paused = self.pause is not None and (
            self.pause.start <= at and (self.pause.end is None or at < self.pause.end)
        )
        is_open = self.opened_at < at and (self.ended_at is None or at < self.ended_at)
        return name in self.names and is_open and not is_paused


def subscribe(
    rng: Random,
    arrangement: Arrangement,
    words: Mapping[str, str],
    reasons: Sequence[str],
    length: timedelta,
) -> list[Subscription]:
    """Returns the subscriptions of one phone.

    Args:
        words: the names of events of the phone, each with the word that the provider has for it.
        reasons: for an end, that the provider knows.
        length: of the journey.
    """
    families = _group(words, find_family)
    if arrangement is Arrangement.ENDED:
        return [_end(rng, names, reasons, (1.01, 1.2), length) for names in families]
    if arrangement is Arrangement.PAUSED:
        return [Subscription(names, pause=_pause(rng, length)) for names in families]
    if arrangement is Arrangement.STEADY:
        return [Subscription(names) for names in families]
    if arrangement in (Arrangement.PER_NAME, Arrangement.PARTLY_ENDED):
        is_partly = arrangement is Arrangement.PARTLY_ENDED
        return [
            _end(rng, names, reasons, (0.3, 1.1), length)
            if is_partly and rng.random() < 0.5
            else Subscription(names)
            for names in _group(words, words.__getitem__)
        ]
    sign = -1 if arrangement is Arrangement.RENEWED else 1
    subscriptions = []
    for names in families:
        first = _end(rng, names, reasons, (0.3, 0.6), length)
        away = _part(rng, (0.05, 0.25), length)
        next_one = Subscription(names, opened_at=(first.ended_at or length) + sign * away)
        subscriptions += [first, next_one]
    return subscriptions


def _group(words: Iterable[str], key: Callable[[str], str]) -> list[frozenset[str]]:
    """Returns the names with one key together; each provider has its subscriptions in one order."""
    groups: dict[str, list[str]] = {}
    for name in words:
        groups.setdefault(key(name), []).append(name)
    return [frozenset(group) for group in groups.values()]


def _end(
    rng: Random,
    names: frozenset[str],
    reasons: Sequence[str],
    part: tuple[float, float],
    length: timedelta,
) -> Subscription:
    """Returns a subscription that ends in a part of the journey.

    One in three ends is told late, often after what happened next.
    """
    is_late = rng.random() < 1 / 3
    return Subscription(
        names,
        ended_at=_part(rng, part, length),
        end_reason=pick(rng, reasons),
        end_delay=_part(rng, (0.1, 0.6), length) if is_late else timedelta(),
    )


def _pause(rng: Random, length: timedelta) -> Pause:
    start = _part(rng, (0.3, 0.6), length)
    duration = _part(rng, (0.1, 0.3), length)
    return Pause(start, start + duration if rng.random() < 0.5 else None)


def _part(rng: Random, part: tuple[float, float], length: timedelta) -> timedelta:
    """Returns a time between two parts of a length, in whole milliseconds."""
    least, most = part
    share = least + (most - least) * rng.random()
    return timedelta(milliseconds=int(share * (length / timedelta(milliseconds=1))))
