"""What a status says to a retrieve call."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest

from receiver.api.camara.reading import NEVER_TOLD, SENTENCES, Known, Reading
from receiver.errors import StatusUnknown
from receiver.events.axes import Axis
from receiver.projection.fact import LEAST, Rank
from receiver.projection.ledger import Closing
from receiver.projection.status import NEVER_REPORTED, Answer, Point, UnknownReason
from receiver.store.status.statuses import AxisStatus, DeviceStatus

NOW = datetime(2026, 4, 17, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)
DEVICE = UUID(int=1)


def status(
    axis: Axis, value: str | None, *, at: datetime = EARLIER, because: str | None = None
) -> DeviceStatus:
    """A status that says something on one axis."""
    nothing = AxisStatus(Answer(None, LEAST, None, None, None), None)
    axes = dict.fromkeys(Axis, nothing)
    if value is not None:
        point = Point(Rank(at, 1, b""), value, None, None, "event")
        closing = None if because is None else Closing(NOW, because)
        axes[axis] = AxisStatus(Answer(point, LEAST, at, None, closing), at)
    return DeviceStatus(DEVICE, NOW, axes, EARLIER)


def read(found: DeviceStatus, *, last: bool = False) -> Known:
    return Reading(found, is_last_known_told=last).read_connectivity()


def test_a_value_is_told_with_the_time_of_its_latest_event() -> None:
    assert read(status(Axis.CONNECTIVITY, "CONNECTED_SMS")) == Known("CONNECTED_SMS", EARLIER)


def test_a_time_that_a_sender_puts_ahead_is_never_in_the_future() -> None:
    ahead = NOW + timedelta(minutes=4)
    assert read(status(Axis.CONNECTIVITY, "CONNECTED_SMS", at=ahead)).confirmed_at == NOW


def test_every_reason_has_its_sentence() -> None:
    assert {*SENTENCES, NEVER_REPORTED} == set(get_args(UnknownReason.__value__))


@pytest.mark.parametrize("reason", SENTENCES)
def test_what_is_not_known_any_more_is_unknown_unless_the_last_value_may_be_told(
    reason: str,
) -> None:
    found = status(Axis.CONNECTIVITY, "NOT_CONNECTED", because=reason)
    with pytest.raises(StatusUnknown) as raised:
        read(found)
    assert str(raised.value) == SENTENCES[reason]
    assert read(found, last=True) == Known("NOT_CONNECTED", EARLIER)


@pytest.mark.parametrize("last", [False, True])
def test_what_was_never_told_is_unknown(last: bool) -> None:
    reading = Reading(status(Axis.CONNECTIVITY, None), is_last_known_told=last)
    for ask in (reading.read_connectivity, reading.read_roaming, reading.read_network_type):
        with pytest.raises(StatusUnknown, match=NEVER_TOLD):
            ask()


def test_each_axis_is_read_by_itself() -> None:
    roaming = Reading(status(Axis.ROAMING, "true"), is_last_known_told=False).read_roaming()
    assert roaming == (True, None, EARLIER)
    found = Reading(status(Axis.NETWORK_TYPE, "5g"), is_last_known_told=False)
    assert found.read_network_type() == ("5g", EARLIER)
