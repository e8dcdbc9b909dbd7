"""device-reachability-status: whether the network reaches a device, and by what.

Up to 0.6 one of three words says it, and device-status said it in the same words before. The older
form of notifications says REACHABLE and not by what, which no word of these releases means.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from receiver.api.answers.resource import Resource, Time
from receiver.api.camara.errors import COMMONALITIES_0_5, word_commonalities_0_4
from receiver.api.camara.reading import Known, Reading
from receiver.api.camara.requests import (
    EXAMPLE,
    DeviceResponse,
    RetrieveRequest,
    StrictRequest,
)
from receiver.api.camara.version import Version
from receiver.errors import StatusUnknown

SCOPE = "device-reachability-status:read"

# Ways to reach a device; data says nothing of SMS, so that an answer has at most one.
WAYS_MAX = 2

CONFIRMED: dict[str, Any] = {"lastStatusTime": "2026-04-17T06:02:00.000000Z"}
REACHED: dict[str, Any] = {"reachable": True, "connectivity": ["DATA"]}

UNSAID = "The device is reachable, but no event says whether by data or by SMS."


class ReachabilityWord(StrEnum):
    """By what the network reaches the device."""

    CONNECTED_DATA = "CONNECTED_DATA"
    CONNECTED_SMS = "CONNECTED_SMS"
    NOT_CONNECTED = "NOT_CONNECTED"


WORDS = frozenset(ReachabilityWord)


class ConnectivityType(StrEnum):
    """A way in which the network reaches the device."""

    DATA = "DATA"
    SMS = "SMS"


# Data is data whatever is to be said of SMS.
WAYS: Mapping[str, list[ConnectivityType]] = {
    ReachabilityWord.CONNECTED_DATA: [ConnectivityType.DATA],
    ReachabilityWord.CONNECTED_SMS: [ConnectivityType.SMS],
}


class ReachabilityStatus(Resource):
    """By what the network reaches a device."""

    model_config = ConfigDict(
        json_schema_extra={"example": CONFIRMED | {"reachabilityStatus": "CONNECTED_DATA"}}
    )

    last_status_time: Time = Field(description="When the latest event that says it occurred.")
    reachability_status: ReachabilityWord = Field(
        description="By what the network reaches the device."
    )


class Reachability(Resource):
    """Whether the network reaches a device."""

    model_config = ConfigDict(json_schema_extra={"example": CONFIRMED | REACHED})

    last_status_time: Time = Field(description="When the latest event that says it occurred.")
    reachable: bool = Field(description="Whether the network reaches the device.")
    connectivity: list[ConnectivityType] | None = Field(
        default=None, description="By what, where it does and an event says so."
    )


class ReachabilityOfDevice(Reachability):
    """Whether the network reaches a device, with the identifier that decided."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"device": EXAMPLE} | CONFIRMED | REACHED}
    )

    device: DeviceResponse = Field(description="The identifier that decided.")


class BoundedReachability(ReachabilityOfDevice):
    """Whether the network reaches a device, in at most two ways."""

    connectivity: Annotated[list[ConnectivityType], Field(max_length=WAYS_MAX)] | None = Field(
        default=None, description="By what, where it does and an event says so."
    )


def find_word(known: Known) -> ReachabilityWord:
    """Returns the word of the releases up to 0.6.

    Raises:
        StatusUnknown: none of them means what is known.
    """
    if known.value not in WORDS:
        raise StatusUnknown(UNSAID)
    return ReachabilityWord(known.value)


def answer_word(reading: Reading, _chosen: DeviceResponse) -> ReachabilityStatus:
    """Answers as 0.6."""
    known = reading.read_connectivity()
    return ReachabilityStatus(
        reachability_status=find_word(known), last_status_time=known.confirmed_at
    )


def answer_reachable(reading: Reading, _chosen: DeviceResponse) -> Reachability:
    """Answers as 1.0: not reachable, it has no way; nor has it one that nobody told."""
    known = reading.read_connectivity()
    return Reachability(
        reachable=known.value != ReachabilityWord.NOT_CONNECTED,
        connectivity=WAYS.get(known.value),
        last_status_time=known.confirmed_at,
    )


def answer_of_device(reading: Reading, chosen: DeviceResponse) -> ReachabilityOfDevice:
    """Answers as 1.1."""
    return ReachabilityOfDevice(device=chosen, **dict(answer_reachable(reading, chosen)))


def answer_bounded(reading: Reading, chosen: DeviceResponse) -> BoundedReachability:
    """Answers as 1.2."""
    return BoundedReachability(device=chosen, **dict(answer_reachable(reading, chosen)))


V0_6 = Version(
    release="device-reachability-status 0.6.1",
    path="/device-reachability-status/v0.6/retrieve",
    operation_id="retrieveReachabilityStatusV06",
    summary="Reachability status, 0.6",
    scope=SCOPE,
    request=RetrieveRequest,
    response=ReachabilityStatus,
    answer=answer_word,
    wordings=word_commonalities_0_4("UNABLE_TO_PROVIDE_REACHABILITY_STATUS"),
)
V1 = Version(
    release="device-reachability-status 1.1.0",
    path="/device-reachability-status/v1/retrieve",
    operation_id="retrieveReachabilityStatusV1",
    summary="Reachability status, 1.0 and 1.1",
    scope=SCOPE,
    request=RetrieveRequest,
    response=ReachabilityOfDevice,
    answer=answer_of_device,
    wordings=COMMONALITIES_0_5,
)
V1_2_CANDIDATE = Version(
    release="device-reachability-status 1.2.0-rc.3",
    path="/device-reachability-status/v1rc3/retrieve",
    operation_id="retrieveReachabilityStatusV1rc3",
    summary="Reachability status, candidate of 1.2",
    scope=SCOPE,
    request=StrictRequest,
    response=BoundedReachability,
    answer=answer_bounded,
    wordings=COMMONALITIES_0_5,
)
VERSIONS = (V0_6, V1, V1_2_CANDIDATE)
