"""What a status says in answer to a retrieve call: a value that is known, and since when."""

from datetime import datetime
from typing import NamedTuple

from receiver.errors import StatusUnknown
from receiver.events.axes import TRUE, Axis
from receiver.projection.status import Point, find_country
from receiver.store.status.statuses import DeviceStatus

# By the reason that the status gives.
SENTENCES = {
    "subscription-ended": "The status is not known any more: the subscription that told it ended.",
    "subscription-inactive": "The status is not known now: the subscription that told it is "
    "inactive.",
}
NEVER_TOLD = "The status is not known: no event ever told it."


class Known(NamedTuple):
    """A value of one axis.

    Attributes:
        confirmed_at: when the event that decides counts; never in the future.
    """

    value: str
    confirmed_at: datetime


class KnownRoaming(NamedTuple):
    """Whether a device roams.

    Attributes:
        country: None: it does not roam, or no event says where.
    """

    is_roaming: bool
    country: Point | None
    confirmed_at: datetime

    @property
    def country_code(self) -> int | None:
        """The code of the country, as sent; None: it has none."""
        return None if self.country is None else self.country.country_code


class Reading:
    """The status of a device, as the retrieve calls read it.

    Args:
        is_last_known_told: whether a value that is not known any more is told, with its old time.
    """

    def __init__(self, status: DeviceStatus, *, is_last_known_told: bool) -> None:
        self._status = status
        self._is_last_known_told = is_last_known_told

    def read_connectivity(self) -> Known:
        """Returns the word of the connectivity: one of three, or CONNECTED.

        Raises:
            StatusUnknown: it is not known.
        """
        return self._read(Axis.CONNECTIVITY)

    def read_roaming(self) -> KnownRoaming:
        """Returns whether the device roams, and where.

        Raises:
            StatusUnknown: it is not known.
        """
        value, confirmed_at = self._read(Axis.ROAMING)
        axes = self._status.axes
        country = find_country(axes[Axis.COUNTRY].answer, axes[Axis.ROAMING].answer)
        return KnownRoaming(value == TRUE, country, confirmed_at)

    def read_network_type(self) -> Known:
        """Returns the type of the network, as the sender wrote it.

        Raises:
            StatusUnknown: it is not known.
        """
        return self._read(Axis.NETWORK_TYPE)

    def _read(self, axis: Axis) -> Known:
        answer = self._status.axes[axis].answer
        if answer.latest is None:
            raise StatusUnknown(NEVER_TOLD)
        if answer.closing is not None and not self._is_last_known_told:
            raise StatusUnknown(SENTENCES[answer.closing.reason])
        # A sender's clock may be minutes ahead.
        return Known(answer.latest.value, min(answer.latest.rank.at, self._status.as_of))
