"""Every version answers every device in its own words, and in no other member."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

import pytest

from receiver.api.camara.versions import list_versions
from receiver.settings.settings import Settings
from tests.support.retrieving import ENDED, PHONES, TOLD, TOLD_LATER, UNKNOWN, Retrieving, serving
from tests.support.retrieving import retrieving as retrieving
from tests.support.retrieving import told as told

Json = dict[str, Any]
Said = tuple[int, str]

# What each device is told to be, in the words of each release; another device is unknown to it.
WORD = {
    "abroad": "CONNECTED_DATA",
    "home": "NOT_CONNECTED",
    "sms": "CONNECTED_SMS",
    "linked": "CONNECTED_SMS",
    "nokia": "CONNECTED_DATA",
}
CONNECTIVITY: Mapping[str, Json] = {
    kind: {"connectivityStatus": word} for kind, word in WORD.items()
}
REACHABILITY_WORD: Mapping[str, Json] = {
    kind: {"reachabilityStatus": word} for kind, word in WORD.items()
}
REACHABILITY: Mapping[str, Json] = {
    "abroad": {"reachable": True, "connectivity": ["DATA"]},
    "home": {"reachable": False},
    "sms": {"reachable": True, "connectivity": ["SMS"]},
    "linked": {"reachable": True, "connectivity": ["SMS"]},
    "legacy": {"reachable": True},
    "nokia": {"reachable": True, "connectivity": ["DATA"]},
}
ROAMING: Mapping[str, Json] = {
    "abroad": {"roaming": True, "countryCode": 208, "countryName": ["FR"]},
    "home": {"roaming": False},
    "sms": {"roaming": True},
    "linked": {"roaming": True, "countryName": ["IT"]},
    "nokia": {"roaming": True, "countryCode": 36},
    "nowhere": {"roaming": True},
    "sea": {"roaming": True, "countryCode": 901, "countryName": []},
}
# A calling code is no MCC.
BOUNDED_ROAMING = {**ROAMING, "nokia": {"roaming": True}}
NETWORK_TYPE: Mapping[str, Json] = {
    "abroad": {"connectedNetworkType": "5G"},
    "home": {"connectedNetworkType": "4G"},
    "sms": {"connectedNetworkType": "UNKNOWN"},
    "linked": {"connectedNetworkType": "5G"},
    "nokia": {"connectedNetworkType": "UNKNOWN"},
}

NOT_FOUND: Said = (404, "NOT_FOUND")
DEVICE_NOT_FOUND: Said = (404, "DEVICE_NOT_FOUND")
IDENTIFIER_NOT_FOUND: Said = (404, "IDENTIFIER_NOT_FOUND")
UNAVAILABLE: Said = (503, "UNAVAILABLE")
INVALID: Said = (400, "INVALID_ARGUMENT")
MISSING: Said = (422, "MISSING_IDENTIFIER")
UNIDENTIFIABLE: Said = (422, "UNIDENTIFIABLE_DEVICE")


class Shape(NamedTuple):
    """What a version answers.

    Attributes:
        answers: by device, without time and device.
        unknown: status and code of a status that is not known.
        not_found: of a device that was never reported.
        missing: of a body without device.
        has_time: whether it has `lastStatusTime`.
        has_device: whether it has the identifier that decided.
        is_strict: whether a member that nobody declared is refused.
    """

    answers: Mapping[str, Json]
    unknown: Said = UNAVAILABLE
    not_found: Said = IDENTIFIER_NOT_FOUND
    missing: Said = MISSING
    has_time: bool = True
    has_device: bool = True
    is_strict: bool = False


EARLY = Shape({}, UNAVAILABLE, NOT_FOUND, INVALID, has_time=False, has_device=False)
PLAIN = Shape({}, has_device=False)
OF_0_6 = PLAIN._replace(not_found=DEVICE_NOT_FOUND, missing=UNIDENTIFIABLE)
REACHABILITY_0_6 = OF_0_6._replace(
    answers=REACHABILITY_WORD, unknown=(422, "UNABLE_TO_PROVIDE_REACHABILITY_STATUS")
)
ROAMING_0_6 = OF_0_6._replace(answers=ROAMING, unknown=(422, "UNABLE_TO_PROVIDE_ROAMING_STATUS"))

SHAPES = {
    "/device-status/v0/connectivity": EARLY._replace(answers=CONNECTIVITY),
    "/device-status/v0/roaming": EARLY._replace(answers=ROAMING),
    "/device-status/v0.6alpha1/retrieve-connectivity-status": EARLY._replace(
        answers=CONNECTIVITY, has_time=True
    ),
    "/device-status/v0.6alpha1/retrieve-roaming-status": EARLY._replace(
        answers=ROAMING, has_time=True
    ),
    "/device-reachability-status/v0.6/retrieve": REACHABILITY_0_6,
    "/device-reachability-status/v1/retrieve": Shape(REACHABILITY),
    "/device-reachability-status/v1rc3/retrieve": Shape(REACHABILITY, is_strict=True),
    "/device-roaming-status/v0.6/retrieve": ROAMING_0_6,
    "/device-roaming-status/v1/retrieve": Shape(ROAMING),
    "/device-roaming-status/v1rc3/retrieve": Shape(BOUNDED_ROAMING, is_strict=True),
    "/connected-network-type/v0.1/retrieve": PLAIN._replace(answers=NETWORK_TYPE),
    "/connected-network-type/v0.2/retrieve": Shape(NETWORK_TYPE),
    "/connected-network-type/v0.3rc1/retrieve": Shape(NETWORK_TYPE, is_strict=True),
    "/camara/device-status/v050/connectivity": EARLY._replace(answers=CONNECTIVITY),
    "/camara/device-status/v050/roaming": EARLY._replace(answers=ROAMING),
    "/camara/orange-lab/device-reachability-status/v0/retrieve": REACHABILITY_0_6,
    "/device-status/device-reachability-status/v1/retrieve": PLAIN._replace(answers=REACHABILITY),
    "/device-status/device-roaming-status/v1/retrieve": PLAIN._replace(answers=ROAMING),
}

each_version = pytest.mark.parametrize("path", SHAPES)


def test_every_version_has_its_shape() -> None:
    assert [version.path for version in list_versions(Settings())] == list(SHAPES)


def compose(shape: Shape, kind: str) -> Json:
    """What a version answers about a device whose status is known."""
    time = TOLD_LATER if kind == "linked" else TOLD
    made = dict(shape.answers[kind])
    made |= {"lastStatusTime": time} if shape.has_time else {}
    return made | ({"device": {"phoneNumber": PHONES[kind]}} if shape.has_device else {})


@each_version
async def test_a_version_answers_every_device_in_its_own_words(
    retrieving: Retrieving, path: str
) -> None:
    shape = SHAPES[path]
    for kind in PHONES:
        answer = await retrieving.ask(path, kind)
        if kind in shape.answers:
            assert (answer.status_code, answer.json()) == (200, compose(shape, kind)), kind
        else:
            found = answer.json()
            assert (answer.status_code, found["code"]) == shape.unknown, kind
            assert set(found) == {"status", "code", "message"}
            assert ("retry-after" in answer.headers) == (answer.status_code == 503)


@each_version
async def test_a_version_refuses_in_its_own_words(retrieving: Retrieving, path: str) -> None:
    shape = SHAPES[path]
    stray = {"device": {"phoneNumber": PHONES["abroad"]}, "maxAge": 60}
    inner = {"device": {"phoneNumber": PHONES["abroad"], "imei": "1"}}
    tolerated: Said = INVALID if shape.is_strict else (200, "")
    for body, expected in (
        ({"device": {"phoneNumber": UNKNOWN}}, shape.not_found),
        ({}, shape.missing),
        ({"device": {}}, INVALID),
        ([], INVALID),
        ("", INVALID),
        (stray, tolerated),
        (inner, tolerated),
    ):
        answer = await retrieving.reader.post(path, json=body)
        found = answer.json()
        assert (answer.status_code, found.get("code", "")) == expected, body
        if answer.status_code != 200:
            assert found["status"] == answer.status_code
            assert UNKNOWN not in found["message"]


@each_version
async def test_a_version_takes_a_plus_as_its_release_does(
    retrieving: Retrieving, path: str
) -> None:
    number = PHONES["abroad"].removeprefix("+")
    answer = await retrieving.reader.post(path, json={"device": {"phoneNumber": number}})
    is_early = SHAPES[path].missing == INVALID
    assert answer.status_code == (200 if is_early else 400)


@pytest.fixture(scope="module")
async def lasting(told: str, retrieving: Retrieving) -> AsyncIterator[Retrieving]:
    """The application that tells the last known value."""
    async with serving(told, retrieve_last_known=True) as clients:
        yield clients


@each_version
async def test_the_last_known_value_has_its_old_time_where_the_settings_say_so(
    lasting: Retrieving, path: str
) -> None:
    shape = SHAPES[path]
    for kind, network_type in ENDED.items():
        last = dict(shape.answers["abroad"])
        if "connectedNetworkType" in last:
            last = {"connectedNetworkType": network_type}
        expected = compose(shape._replace(answers={kind: last}), kind)
        answer = await lasting.ask(path, kind)
        assert (answer.status_code, answer.json()) == (200, expected), kind
    # What was never told has no last value.
    answer = await lasting.ask(path, "silent")
    assert (answer.status_code, answer.json()["code"]) == shape.unknown


@pytest.mark.parametrize("kind", PHONES)
async def test_a_retrieve_call_says_what_the_status_says(retrieving: Retrieving, kind: str) -> None:
    """Known here is known there, of the same event; the rest is a matter of words."""
    status = (await retrieving.ask("/status/retrieve", kind)).json()
    for axis, api in (
        ("connectivity", "device-reachability-status/v1"),
        ("roaming", "device-roaming-status/v1"),
        ("networkType", "connected-network-type/v0.2"),
    ):
        answer = await retrieving.ask(f"/{api}/retrieve", kind)
        said = status[axis]
        assert ("unknown" in said) == (answer.status_code == 503), axis
        assert said.get("confirmedAt") == answer.json().get("lastStatusTime"), axis
