"""The questions for a range of time."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field
from typing_extensions import TypeAliasType

from receiver.api.answers.faults import expected
from receiver.api.paging import PageQuestion, Question, Text, TimeFilter

# No event lies outside of these years.
FIRST_YEAR, LAST_YEAR = 2000, 2100


def _require_year(time: AwareDatetime) -> AwareDatetime:
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise expected(f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
    return time


RangeTime = Annotated[TimeFilter, AfterValidator(_require_year)]

_FROM = Field(
    default=None, alias="from", description="Inclusive; 31 days before the end where absent."
)
_TO = Field(default=None, description="Exclusive; the present where absent.")

# The countries of a device are told with its roaming sessions.
TimelineAxis = TypeAliasType("TimelineAxis", Literal["connectivity", "roaming", "network-type"])


class SessionsQuestion(PageQuestion):
    """Asks for a page of roaming sessions in a range of time."""

    from_: RangeTime | None = _FROM
    to: RangeTime | None = _TO


class IntervalsQuestion(SessionsQuestion):
    """Asks for a page of intervals on one axis in a range of time."""

    axis: TimelineAxis = Field(description="The part of the status.")


class AvailabilityQuestion(Question):
    """Asks for the availability in a range of time."""

    from_: RangeTime | None = Field(
        default=None,
        alias="from",
        description="Inclusive. Where absent: 31 days before the end, or the first event that says "
        "whether the device is reached, if that is later.",
    )
    to: RangeTime | None = _TO
    cursor: Text | None = Field(
        default=None, description="`nextCursor` of the page before, with the same range."
    )
