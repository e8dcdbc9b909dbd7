"""device-roaming-status: whether a device roams, and in which country.

A country is told while the device roams and only if it is known: after `roaming-on` it is not.
"""

import re
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from receiver.api.answers.resource import Resource, Time
from receiver.api.camara.errors import COMMONALITIES_0_5, word_commonalities_0_4
from receiver.api.camara.reading import KnownRoaming, Reading
from receiver.api.camara.requests import (
    EXAMPLE,
    DeviceResponse,
    RetrieveRequest,
    StrictRequest,
)
from receiver.api.camara.version import Version

SCOPE = "device-roaming-status:read"

_ALPHA2 = re.compile(r"[A-Z]{2}")

# Of 1.2.0-rc.3; releases before say no bounds, and a calling code of Nokia's is told as sent.
NAMES_MAX = 5
CODE_MIN, CODE_MAX = 100, 999

ABROAD: dict[str, Any] = {"roaming": True, "countryCode": 208, "countryName": ["FR"]}
CONFIRMED: dict[str, Any] = {"lastStatusTime": "2026-04-17T07:31:01.416474Z"}


class Roaming(Resource):
    """Whether a device roams."""

    model_config = ConfigDict(json_schema_extra={"example": ABROAD})

    roaming: bool = Field(description="Whether the device roams.")
    country_code: int | None = Field(
        default=None, description="While it roams, as sent: an MCC, or a calling code."
    )
    country_name: list[str] | None = Field(
        default=None,
        description="While it roams: ISO 3166 alpha-2 codes; empty where the MCC has none.",
    )


class TimedRoaming(Roaming):
    """Whether a device roams, with the time of the answer's source."""

    model_config = ConfigDict(json_schema_extra={"example": CONFIRMED | ABROAD})

    last_status_time: Time = Field(description="When the latest event that says it occurred.")


class RoamingOfDevice(TimedRoaming):
    """Whether a device roams, with the identifier that decided."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"device": EXAMPLE} | CONFIRMED | ABROAD}
    )

    device: DeviceResponse = Field(description="The identifier that decided.")


class BoundedRoaming(RoamingOfDevice):
    """Whether a device roams; a country is an MCC and at most five codes."""

    country_code: int | None = Field(
        default=None, ge=CODE_MIN, le=CODE_MAX, description="While it roams: an MCC."
    )
    country_name: Annotated[list[str], Field(max_length=NAMES_MAX)] | None = Field(
        default=None,
        description="While it roams: ISO 3166 alpha-2 codes; empty where the MCC has none.",
    )


def list_names(known: KnownRoaming) -> list[str] | None:
    """Returns the names of the country that are alpha-2 codes; None: it has none but others.

    An empty list is an answer: the code belongs to no country.
    """
    sent = None if known.country is None else known.country.country_name
    if sent is None:
        return None
    names = [name for name in sent if _ALPHA2.fullmatch(name)]
    return None if sent and not names else names


def bound_code(code: int | None) -> int | None:
    """Returns a code that 1.2 allows; None: a calling code, or none at all."""
    return code if code is not None and CODE_MIN <= code <= CODE_MAX else None


def bound_names(names: list[str] | None) -> list[str] | None:
    """Returns as many names as 1.2 allows."""
    return None if names is None else names[:NAMES_MAX]


def answer_roaming(reading: Reading, _chosen: DeviceResponse) -> Roaming:
    """Answers as device-status 0.5."""
    known = reading.read_roaming()
    return Roaming(
        roaming=known.is_roaming,
        country_code=known.country_code,
        country_name=list_names(known),
    )


def answer_timed(reading: Reading, _chosen: DeviceResponse) -> TimedRoaming:
    """Answers as 0.6 and 1.0."""
    known = reading.read_roaming()
    return TimedRoaming(
        roaming=known.is_roaming,
        country_code=known.country_code,
        country_name=list_names(known),
        last_status_time=known.confirmed_at,
    )


def answer_of_device(reading: Reading, chosen: DeviceResponse) -> RoamingOfDevice:
    """Answers as 1.1."""
    timed = answer_timed(reading, chosen)
    return RoamingOfDevice(device=chosen, **dict(timed))


def answer_bounded(reading: Reading, chosen: DeviceResponse) -> BoundedRoaming:
    """Answers as 1.2: a code that is no MCC is left out, and names beyond five."""
    timed = answer_timed(reading, chosen)
    return BoundedRoaming(
        device=chosen,
        roaming=timed.roaming,
        country_code=bound_code(timed.country_code),
        country_name=bound_names(timed.country_name),
        last_status_time=timed.last_status_time,
    )


V0_6 = Version(
    release="device-roaming-status 0.6.1",
    path="/device-roaming-status/v0.6/retrieve",
    operation_id="retrieveRoamingStatusV06",
    summary="Roaming status, 0.6",
    scope=SCOPE,
    request=RetrieveRequest,
    response=TimedRoaming,
    answer=answer_timed,
    wordings=word_commonalities_0_4("UNABLE_TO_PROVIDE_ROAMING_STATUS"),
)
V1 = Version(
    release="device-roaming-status 1.1.0",
    path="/device-roaming-status/v1/retrieve",
    operation_id="retrieveRoamingStatusV1",
    summary="Roaming status, 1.0 and 1.1",
    scope=SCOPE,
    request=RetrieveRequest,
    response=RoamingOfDevice,
    answer=answer_of_device,
    wordings=COMMONALITIES_0_5,
)
V1_2_CANDIDATE = Version(
    release="device-roaming-status 1.2.0-rc.3",
    path="/device-roaming-status/v1rc3/retrieve",
    operation_id="retrieveRoamingStatusV1rc3",
    summary="Roaming status, candidate of 1.2",
    scope=SCOPE,
    request=StrictRequest,
    response=BoundedRoaming,
    answer=answer_bounded,
    wordings=COMMONALITIES_0_5,
)
VERSIONS = (V0_6, V1, V1_2_CANDIDATE)
