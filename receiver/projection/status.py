"""The status of a device: on each axis the value now, or why it is not known.

A register keeps of all events on an axis what later ones cannot change: it merges by greatest and
least, so that the same events give the same register in any order, with any repetition. The
projector keeps registers in tables; an answer merges them with the events not projected yet.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from typing_extensions import TypeAliasType

from receiver.events.axes import HOME, TRUE, Axis, list_said
from receiver.projection.coverage import Loss, find_uncovering
from receiver.projection.fact import LEAST, Fact, Rank, after_all_at
from receiver.projection.ledger import Closing

NEVER_REPORTED = "never-reported"

# Of a time of which the months are dropped; no status is of one.
NOT_KEPT = "not-kept"

# Why a value is not known.
UnknownReason = TypeAliasType(
    "UnknownReason", Literal["never-reported", "subscription-ended", "subscription-inactive"]
)


class Point(NamedTuple):
    """What one event says on an axis.

    Attributes:
        country_code: only on the axis of the country; None: the event names none.
        country_name: likewise.
        event_id: the `id` under which readers find the event.
    """

    rank: Rank
    value: str
    country_code: int | None
    country_name: tuple[str, ...] | None
    event_id: str


class Register(NamedTuple):
    """What the events of a device say on one axis.

    Attributes:
        latest: the point that decides.
        contradiction: the greatest rank of an event with another value; `LEAST`: there is none.
        first_at: of the earliest event on the axis.
        since: of the earliest event of the value above the contradiction; None: it is not known,
            because a contradiction came late.
    """

    latest: Point
    contradiction: Rank
    first_at: datetime
    since: datetime | None


class Answer(NamedTuple):
    """The value on one axis, but for when it began.

    Attributes:
        latest: the latest point; None: nothing was ever reported.
        after: the value began with the first event of it above this rank.
        first_at: of the earliest event on the axis.
        since: of the first event of the value above `after`; None: only the events tell.
        closing: since when and why the value is not known; None: it is known.
    """

    latest: Point | None
    after: Rank
    first_at: datetime | None
    since: datetime | None
    closing: Closing | None


def merge(one: Register, other: Register) -> Register:
    """Returns what two parts of the events say together."""
    latest = max(one.latest, other.latest, key=_rank)
    others = [each.latest.rank for each in (one, other) if each.latest.value != latest.value]
    contradiction = max(one.contradiction, other.contradiction, *others)
    told = [
        _begin(each, contradiction)
        for each in (one, other)
        if each.latest.value == latest.value and each.latest.rank > contradiction
    ]
    return Register(
        latest,
        contradiction,
        min(one.first_at, other.first_at),
        None if None in told else min(at for at in told if at is not None),
    )


def _begin(part: Register, contradiction: Rank) -> datetime | None:
    """Returns when the value began in a part of the events; None: a contradiction lies within."""
    is_whole = part.contradiction == contradiction
    is_above = part.since is not None and part.since > contradiction.at
    return part.since if is_whole or is_above else None


def fold(facts: Iterable[Fact]) -> dict[Axis, Register]:
    """Returns the registers of the events of one device."""
    registers: dict[Axis, Register] = {}
    for fact in facts:
        for axis, point in read_points(fact).items():
            said = Register(point, LEAST, point.rank.at, point.rank.at)
            registers[axis] = merge(registers[axis], said) if axis in registers else said
    return registers


def read_points(fact: Fact) -> Mapping[Axis, Point]:
    """Returns what an event says on each axis on which it says something."""
    points = {}
    for axis, value in list_said(fact.status):
        is_country = axis is Axis.COUNTRY and fact.status.roaming is not False
        code = fact.status.country_code if is_country else None
        name = fact.status.country_name if is_country else None
        points[axis] = Point(fact.rank, value, code, name, fact.event_id)
    return points


def answer(axis: Axis, register: Register | None, losses: Iterable[Loss]) -> Answer:
    """Returns the value on one axis, or why it is not known.

    A value told after a closing is known again until the next closing.

    Args:
        register: of the device and of what links to it; None: nothing was ever reported.
        losses: of the subscriptions of both.
    """
    if register is None:
        return Answer(None, LEAST, None, None, None)
    latest = register.latest
    closings = find_uncovering(axis, latest.value, losses)
    if not closings:
        return Answer(latest, register.contradiction, register.first_at, register.since, None)
    before = [after_all_at(closing.at) for closing in closings if closing.at < latest.rank.at]
    after = [closing for closing in closings if closing.at >= latest.rank.at]
    above = max([register.contradiction, *before])
    is_since = above == register.contradiction or (
        register.since is not None and register.since > above.at
    )
    return Answer(
        latest,
        above,
        register.first_at,
        register.since if is_since else None,
        after[0] if after else None,
    )


def find_beginning(axis: Axis, answer: Answer, facts: Iterable[Fact]) -> datetime | None:
    """Returns since when the value of an answer holds; None: nothing was ever reported."""
    if answer.latest is None or answer.after == LEAST:
        return answer.first_at
    beginnings = [answer.latest.rank.at]
    for fact in facts:
        point = read_points(fact).get(axis)
        if point is not None and point.value == answer.latest.value:
            beginnings += [point.rank.at] * (point.rank > answer.after)
    return min(beginnings)


def find_country(country: Answer, roaming: Answer) -> Point | None:
    """Returns the country of a device that roams, or that roamed when that was last known.

    Args:
        country: the answer on the axis of the country.
        roaming: the answer on the axis of roaming.

    Returns:
        None: it did not roam, or no event says where.
    """
    latest = country.latest
    is_known = country.closing is None or roaming.closing is not None
    if roaming.latest is None or roaming.latest.value != TRUE or not is_known:
        return None
    return None if latest is None or latest.value == HOME else latest


def _rank(point: Point) -> Rank:
    return point.rank
