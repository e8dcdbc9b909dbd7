"""The devices that a question about the fleet means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from receiver.events.axes import HOME, TRUE, Axis
from receiver.projection.status import Answer, Point


@dataclass(frozen=True, slots=True)
class FleetSelection:
    """Chooses devices by their status; an unknown value is no value.

    Attributes:
        roaming, connectivity, network_types: any of these values, as a register has them;
            empty: all.
        countries: devices that roam in any of them: names as sent, or codes in digits; empty: all.
        unknown: devices of which any of these axes is unknown; empty: all.
        last_event_from, last_event_to: of the latest event; from inclusive, to exclusive.
    """

    roaming: Sequence[str] = ()
    countries: Sequence[str] = ()
    connectivity: Sequence[str] = ()
    network_types: Sequence[str] = ()
    unknown: Sequence[Axis] = ()
    last_event_from: datetime | None = None
    last_event_to: datetime | None = None

    def admits(self, answers: Mapping[Axis, Answer], last_event_at: datetime) -> bool:
        """Tells whether a device with these answers is meant."""
        return (
            _is_among(answers[Axis.ROAMING], self.roaming)
            and _is_among(answers[Axis.CONNECTIVITY], self.connectivity)
            and _is_among(answers[Axis.NETWORK_TYPE], self.network_types)
            and (not self.countries or names_any(find_country(answers), self.countries))
            and (not self.unknown or any(is_unknown(axis, answers) for axis in self.unknown))
            and self.admits_time(last_event_at)
        )

    def admits_time(self, last_event_at: datetime) -> bool:
        """Tells whether the time of a latest event is meant."""
        return (self.last_event_from is None or last_event_at >= self.last_event_from) and (
            self.last_event_to is None or last_event_at < self.last_event_to
        )


def find_country(answers: Mapping[Axis, Answer]) -> Point | None:
    """Returns the country of a device that roams; None: it does not, or the country is unknown."""
    if _read_known(answers[Axis.ROAMING]) != TRUE:
        return None
    country = answers[Axis.COUNTRY]
    return None if _read_known(country) in (None, HOME) else country.latest


def names_any(point: Point | None, countries: Sequence[str]) -> bool:
    """Tells whether a point on the axis of the country has one of these names or codes."""
    if point is None:
        return False
    named = list(point.country_name or ())
    if point.country_code is not None:
        named.append(str(point.country_code))
    return any(country in named for country in countries)


def is_unknown(axis: Axis, answers: Mapping[Axis, Answer]) -> bool:
    """Tells whether an axis is unknown; the country of a device at home is known."""
    if axis is not Axis.COUNTRY:
        return _read_known(answers[axis]) is None
    return is_unknown(Axis.ROAMING, answers) or (
        _read_known(answers[Axis.ROAMING]) == TRUE and find_country(answers) is None
    )


def _is_among(answer: Answer, values: Sequence[str]) -> bool:
    return not values or _read_known(answer) in values


def _read_known(answer: Answer) -> str | None:
    """Returns the value of an answer; None: it is unknown."""
    if answer.latest is None or answer.closing is not None:
        return None
    return answer.latest.value
