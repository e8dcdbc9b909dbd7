"""connected-network-type: the generation of the network to which a device is connected."""

import re
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field

from receiver.api.answers.resource import Resource, Time
from receiver.api.camara.errors import COMMONALITIES_0_5
from receiver.api.camara.reading import Reading
from receiver.api.camara.requests import (
    EXAMPLE,
    DeviceResponse,
    RetrieveRequest,
    StrictRequest,
)
from receiver.api.camara.version import Version

SCOPE = "connected-network-type:read"

# 5G stands for both architectures, standalone and not (0.2.0, ConnectedNetworkType).
_STANDALONE = re.compile(r"5G[-_ ]?N?SA", re.IGNORECASE)

ANSWER: dict[str, Any] = {
    "lastStatusTime": "2026-04-17T06:02:00.000000Z",
    "connectedNetworkType": "5G",
}


class ConnectedNetworkType(StrEnum):
    """A generation of networks; UNKNOWN: the event names none of these."""

    G2 = "2G"
    G3 = "3G"
    G4 = "4G"
    G5 = "5G"
    UNKNOWN = "UNKNOWN"


WORDS = frozenset(ConnectedNetworkType)


class NetworkType(Resource):
    """The network to which a device is connected."""

    model_config = ConfigDict(json_schema_extra={"example": ANSWER})

    last_status_time: Time = Field(description="When the latest event that says it occurred.")
    connected_network_type: ConnectedNetworkType = Field(
        description="The generation of the network."
    )


class NetworkTypeOfDevice(NetworkType):
    """The network to which a device is connected, with the identifier that decided."""

    model_config = ConfigDict(json_schema_extra={"example": {"device": EXAMPLE} | ANSWER})

    device: DeviceResponse = Field(description="The identifier that decided.")


def find_generation(sent: str) -> ConnectedNetworkType:
    """Returns the word for a type as a sender wrote it."""
    if _STANDALONE.fullmatch(sent):
        return ConnectedNetworkType.G5
    word = sent.upper()
    return ConnectedNetworkType(word) if word in WORDS else ConnectedNetworkType.UNKNOWN


def answer_type(reading: Reading, _chosen: DeviceResponse) -> NetworkType:
    """Answers as 0.1."""
    known = reading.read_network_type()
    return NetworkType(
        connected_network_type=find_generation(known.value), last_status_time=known.confirmed_at
    )


def answer_of_device(reading: Reading, chosen: DeviceResponse) -> NetworkTypeOfDevice:
    """Answers as 0.2 and 0.3."""
    return NetworkTypeOfDevice(device=chosen, **dict(answer_type(reading, chosen)))


V0_1 = Version(
    release="connected-network-type 0.1.0",
    path="/connected-network-type/v0.1/retrieve",
    operation_id="retrieveNetworkTypeV01",
    summary="Network type, 0.1",
    scope=SCOPE,
    request=RetrieveRequest,
    response=NetworkType,
    answer=answer_type,
    wordings=COMMONALITIES_0_5,
)
V0_2 = Version(
    release="connected-network-type 0.2.0",
    path="/connected-network-type/v0.2/retrieve",
    operation_id="retrieveNetworkTypeV02",
    summary="Network type, 0.2",
    scope=SCOPE,
    request=RetrieveRequest,
    response=NetworkTypeOfDevice,
    answer=answer_of_device,
    wordings=COMMONALITIES_0_5,
)
V0_3_CANDIDATE = Version(
    release="connected-network-type 0.3.0-rc.1",
    path="/connected-network-type/v0.3rc1/retrieve",
    operation_id="retrieveNetworkTypeV03rc1",
    summary="Network type, candidate of 0.3",
    scope=SCOPE,
    request=StrictRequest,
    response=NetworkTypeOfDevice,
    answer=answer_of_device,
    wordings=COMMONALITIES_0_5,
)
VERSIONS = (V0_1, V0_2, V0_3_CANDIDATE)
