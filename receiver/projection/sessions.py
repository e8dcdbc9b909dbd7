"""Roaming sessions: intervals of roaming, with the countries that the device visited in each."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from receiver.events.axes import HOME, TRUE
from receiver.projection.intervals import Interval, cut


class Stay(NamedTuple):
    """A time in one country.

    Attributes:
        to_at: None: it lasts.
        code, name: as the latest event of the stay says.
    """

    from_at: datetime
    to_at: datetime | None
    code: int | None
    name: tuple[str, ...] | None


class Session(NamedTuple):
    """A time of roaming.

    Attributes:
        roaming: when; `ended_because` tells why nobody knows whether it went on after it.
        stays: the earliest first; without the times in which the country is not known.
    """

    roaming: Interval
    stays: Sequence[Stay]


def list_sessions(roaming: Iterable[Interval], countries: Sequence[Interval]) -> list[Session]:
    """Returns a session for each interval of roaming.

    Args:
        roaming: intervals on the axis of roaming.
        countries: those on the axis of the country, the earliest first.
    """
    return [Session(one, _list_stays(one, countries)) for one in roaming if one.value == TRUE]


def _list_stays(roaming: Interval, countries: Sequence[Interval]) -> list[Stay]:
    return [
        Stay(one.from_at, one.to_at, one.country_code, one.country_name)
        for one in cut(countries, roaming.from_at, roaming.to_at)
        if one.value is not None and one.value != HOME
    ]
