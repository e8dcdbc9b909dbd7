"""device-status: connectivity and roaming in one API, until release 0.6 parted them."""

from typing import Any

from pydantic import ConfigDict, Field

from receiver.api.answers.resource import Resource, Time
from receiver.api.camara.errors import EARLY
from receiver.api.camara.reachability_status import CONFIRMED, ReachabilityWord, find_word
from receiver.api.camara.reading import Reading
from receiver.api.camara.requests import DeviceResponse, EarlyRequest
from receiver.api.camara.roaming_status import Roaming, TimedRoaming, answer_roaming, answer_timed
from receiver.api.camara.version import NOKIA_KEY_HEADER, Version

CONNECTED: dict[str, Any] = {"connectivityStatus": "CONNECTED_DATA"}


class ConnectivityStatus(Resource):
    """By what the network reaches a device."""

    model_config = ConfigDict(json_schema_extra={"example": CONNECTED})

    connectivity_status: ReachabilityWord = Field(
        description="By what the network reaches the device."
    )


class TimedConnectivity(ConnectivityStatus):
    """By what the network reaches a device, with the time of the answer's source."""

    model_config = ConfigDict(json_schema_extra={"example": CONFIRMED | CONNECTED})

    last_status_time: Time = Field(description="When the latest event that says it occurred.")


def answer_connectivity(reading: Reading, _chosen: DeviceResponse) -> ConnectivityStatus:
    """Answers as 0.5."""
    return ConnectivityStatus(connectivity_status=find_word(reading.read_connectivity()))


def answer_timed_connectivity(reading: Reading, _chosen: DeviceResponse) -> TimedConnectivity:
    """Answers as 0.6.0-alpha.1."""
    known = reading.read_connectivity()
    return TimedConnectivity(
        connectivity_status=find_word(known), last_status_time=known.confirmed_at
    )


# These two paths are Nokia's as well.
CONNECTIVITY = Version(
    release="device-status 0.5.1",
    path="/device-status/v0/connectivity",
    operation_id="retrieveConnectivityV05",
    summary="Connectivity, device-status 0.5",
    scope="device-status:connectivity:read",
    request=EarlyRequest,
    response=ConnectivityStatus,
    answer=answer_connectivity,
    wordings=EARLY,
    key_header=NOKIA_KEY_HEADER,
)
ROAMING = Version(
    release="device-status 0.5.1",
    path="/device-status/v0/roaming",
    operation_id="retrieveRoamingV05",
    summary="Roaming, device-status 0.5",
    scope="device-status:roaming:read",
    request=EarlyRequest,
    response=Roaming,
    answer=answer_roaming,
    wordings=EARLY,
    key_header=NOKIA_KEY_HEADER,
)
VERSIONS = (
    CONNECTIVITY,
    ROAMING,
    Version(
        release="device-status 0.6.0-alpha.1",
        path="/device-status/v0.6alpha1/retrieve-connectivity-status",
        operation_id="retrieveConnectivityV06alpha1",
        summary="Connectivity, device-status 0.6.0-alpha.1",
        scope="device-status:retrieve-connectivity-status:read",
        request=EarlyRequest,
        response=TimedConnectivity,
        answer=answer_timed_connectivity,
        wordings=EARLY,
    ),
    Version(
        release="device-status 0.6.0-alpha.1",
        path="/device-status/v0.6alpha1/retrieve-roaming-status",
        operation_id="retrieveRoamingV06alpha1",
        summary="Roaming, device-status 0.6.0-alpha.1",
        scope="device-status:retrieve-roaming-status:read",
        request=EarlyRequest,
        response=TimedRoaming,
        answer=answer_timed,
        wordings=EARLY,
    ),
)
