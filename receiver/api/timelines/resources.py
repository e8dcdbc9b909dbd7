"""What was when, as JSON."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from receiver.api.answers.resource import Resource, Time
from receiver.api.timelines import examples
from receiver.api.timelines.questions import TimelineAxis
from receiver.events.axes import TRUE, Axis
from receiver.projection.availability import Lengths, sum_days
from receiver.projection.intervals import Interval
from receiver.projection.sessions import Session, Stay
from receiver.projection.status import NEVER_REPORTED, UnknownReason

NOT_CONNECTED = "NOT_CONNECTED"
MICROSECONDS = 1_000_000


class Spell(Resource):
    """A time from one moment to another."""

    from_at: Time = Field(alias="from", description="Inclusive.")
    to_at: Time | None = Field(default=None, alias="to", description="Exclusive; absent: it lasts.")


class CutSpell(Spell):
    """A time within a page; what began before the page or goes on after it is cut there."""

    seconds: float = Field(ge=0, description="How long it is, by now where it lasts.")
    began_earlier: Literal[True] | None = Field(
        default=None, description="It began before `from`, where the page begins."
    )
    ends_later: Literal[True] | None = Field(
        default=None, description="It goes on at `to`, where the page ends."
    )


class KnownInterval(CutSpell):
    """A time in which the value was the same."""

    value: bool | str = Field(description="As in the status; a boolean on the axis `roaming`.")


class UnknownInterval(CutSpell):
    """A time in which nothing told the value: unknown is not false."""

    unknown: Literal[True] = Field(default=True, description="Always true; a value has none.")
    because: UnknownReason | Literal["not-kept"] = Field(
        description="What makes it unknown; `not-kept`: the events of that time are kept no more."
    )


class TimelinePage(Resource):
    """A page of what was when, of one device."""

    device_id: UUID = Field(description="Which device.")
    as_of: Time = Field(description="Every event that was acknowledged before is in the answer.")
    from_at: Time = Field(alias="from", description="Where the page begins.")
    to_at: Time | None = Field(
        default=None, alias="to", description="Where it ends; absent: it has no end."
    )
    next_cursor: str | None = Field(
        default=None, description="Send it as `cursor` for the next page; absent on the last one."
    )


class IntervalPage(TimelinePage):
    """The values of a device on one axis; together they cover the page."""

    model_config = ConfigDict(json_schema_extra={"example": examples.INTERVALS})

    axis: TimelineAxis = Field(description="As asked for.")
    items: Sequence[KnownInterval | UnknownInterval] = Field(description="In the order asked for.")


class StayResource(Spell):
    """A time in one country."""

    country_code: int | None = Field(
        default=None, description="As sent: an MCC, or a calling code."
    )
    country_name: list[str] | None = Field(
        default=None, description="As sent: ISO 3166 alpha-2 codes, or names."
    )


class SessionResource(CutSpell):
    """A time of roaming."""

    because: UnknownReason | None = Field(
        default=None,
        description="Why nothing tells whether the device roamed after `to`; absent: it did not.",
    )
    countries: list[StayResource] = Field(
        description="Where it was, the earliest first; without the times in which nothing told it."
    )


class SessionPage(TimelinePage):
    """The roaming sessions of a device."""

    model_config = ConfigDict(json_schema_extra={"example": examples.SESSIONS})

    items: Sequence[SessionResource] = Field(description="In the order asked for.")


class AvailabilityResource(Resource):
    """For how long the network reached a device; unknown counts apart."""

    available_seconds: float = Field(description="Of all values but `NOT_CONNECTED`.")
    unavailable_seconds: float = Field(description="Of `NOT_CONNECTED`.")
    unknown_seconds: float = Field(description="Of the time in which nothing told it.")
    seconds: dict[str, float] = Field(description="Of each value.")


class DayResource(AvailabilityResource):
    """One day in UTC."""

    day: date = Field(description="As YYYY-MM-DD.")


class AvailabilityPage(TimelinePage):
    """The availability of a device."""

    model_config = ConfigDict(json_schema_extra={"example": examples.AVAILABILITY})

    total: AvailabilityResource = Field(description="Of the days of this page together.")
    days: list[DayResource] = Field(description="The first and the last one may be in part.")


def write_interval(
    axis: Axis, interval: Interval, now: datetime
) -> KnownInterval | UnknownInterval:
    members = _cut_spell(interval, now)
    if interval.value is None:
        because = interval.because or NEVER_REPORTED
        return UnknownInterval.model_validate({**members, "because": because})
    value = interval.value == TRUE if axis is Axis.ROAMING else interval.value
    return KnownInterval.model_validate({**members, "value": value})


def write_session(session: Session, now: datetime) -> SessionResource:
    because = session.roaming.ended_because
    countries = [_write_stay(stay) for stay in session.stays]
    members = {**_cut_spell(session.roaming, now), "because": because, "countries": countries}
    return SessionResource.model_validate(members)


def write_days(days: Mapping[date, Lengths]) -> dict[str, object]:
    """Returns the days and their sum, as members of a page."""
    return {
        "total": AvailabilityResource.model_validate(_seconds(sum_days(days))),
        "days": [
            DayResource.model_validate({"day": day, **_seconds(lengths)})
            for day, lengths in days.items()
        ],
    }


def _cut_spell(interval: Interval, now: datetime) -> dict[str, object]:
    return {
        "from_at": interval.from_at,
        "to_at": interval.to_at,
        "seconds": interval.seconds(now),
        "began_earlier": True if interval.began_earlier else None,
        "ends_later": True if interval.ends_later else None,
    }


def _write_stay(stay: Stay) -> StayResource:
    return StayResource.model_validate(
        {
            "from_at": stay.from_at,
            "to_at": stay.to_at,
            "country_code": stay.code,
            "country_name": None if stay.name is None else list(stay.name),
        }
    )


def _seconds(lengths: Lengths) -> dict[str, object]:
    known = {value: length for value, length in lengths.items() if value is not None}
    unavailable = known.get(NOT_CONNECTED, 0)
    return {
        "available_seconds": (sum(known.values()) - unavailable) / MICROSECONDS,
        "unavailable_seconds": unavailable / MICROSECONDS,
        "unknown_seconds": lengths[None] / MICROSECONDS,
        "seconds": {value: length / MICROSECONDS for value, length in sorted(known.items())},
    }
