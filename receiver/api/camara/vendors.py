"""The paths of vendors: each is a version of CAMARA, with what the vendor does otherwise."""

from dataclasses import replace
from http import HTTPStatus

from receiver.api.camara import device_status, reachability_status, roaming_status
from receiver.api.camara.errors import Wording
from receiver.api.camara.version import NOKIA_KEY_HEADER
from receiver.errors import IdentifierNotFound

VONAGE = (
    replace(
        device_status.CONNECTIVITY,
        path="/camara/device-status/v050/connectivity",
        operation_id="retrieveConnectivityVonage",
        summary="Connectivity, as Vonage has it",
        key_header=None,
    ),
    replace(
        device_status.ROAMING,
        path="/camara/device-status/v050/roaming",
        operation_id="retrieveRoamingVonage",
        summary="Roaming, as Vonage has it",
        key_header=None,
    ),
)

ORANGE = replace(
    reachability_status.V0_6,
    path="/camara/orange-lab/device-reachability-status/v0/retrieve",
    operation_id="retrieveReachabilityStatusOrange",
    summary="Reachability status, as Orange has it",
)

# Orange documents an unknown number as a fault of the server.
ORANGE_AS_DOCUMENTED = replace(
    ORANGE,
    wordings={
        **ORANGE.wordings,
        IdentifierNotFound: Wording(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "INTERNAL_SERVER_ERROR",
            "Internal Server Error, status code 500",
        ),
    },
)

# Nokia's programs for release 1.0 refuse no member, but the release has no `device`.
NOKIA = (
    replace(
        reachability_status.V1,
        release="device-reachability-status 1.0.0",
        path="/device-status/device-reachability-status/v1/retrieve",
        operation_id="retrieveReachabilityStatusNokia",
        summary="Reachability status, as Nokia has it",
        response=reachability_status.Reachability,
        answer=reachability_status.answer_reachable,
        key_header=NOKIA_KEY_HEADER,
    ),
    replace(
        roaming_status.V1,
        release="device-roaming-status 1.0.0",
        path="/device-status/device-roaming-status/v1/retrieve",
        operation_id="retrieveRoamingStatusNokia",
        summary="Roaming status, as Nokia has it",
        response=roaming_status.TimedRoaming,
        answer=roaming_status.answer_timed,
        key_header=NOKIA_KEY_HEADER,
    ),
)
