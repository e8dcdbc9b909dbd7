"""The scenarios of CAMARA's own tests, for the newest release of each API and its candidate.

Read in the feature files of DeviceRoamingStatus and DeviceReachabilityStatus r1.2 and of
ConnectedNetworkType r1.2, whose names the tests say. Two of them cannot be met here: no token of
this service stands for a device (C01.04), and every kind of identifier is supported (C01.06). No
event says that data and SMS both reach a device, so that no answer does.
"""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.support.retrieving import IPV4, IPV6, NAI, PHONES, SHARED_NAI, UNKNOWN, Retrieving
from tests.support.retrieving import retrieving as retrieving
from tests.support.retrieving import told as told
from tests.support.tables import away

Json = dict[str, Any]

ROAMING = ("/device-roaming-status/v1/retrieve", "/device-roaming-status/v1rc3/retrieve")
REACHABILITY = (
    "/device-reachability-status/v1/retrieve",
    "/device-reachability-status/v1rc3/retrieve",
)
NETWORK_TYPE = ("/connected-network-type/v0.2/retrieve", "/connected-network-type/v0.3rc1/retrieve")
EVERY = (*ROAMING, *REACHABILITY, *NETWORK_TYPE)
# Since Commonalities r4.3.
STRICT = (ROAMING[1], REACHABILITY[1], NETWORK_TYPE[1])

CORRELATOR = "b4333c46-49c0-4f62-80d7-f0ef930f1c46"

of_roaming = pytest.mark.parametrize("path", ROAMING)
of_reachability = pytest.mark.parametrize("path", REACHABILITY)
of_network_type = pytest.mark.parametrize("path", NETWORK_TYPE)
of_every = pytest.mark.parametrize("path", EVERY)


def phone(kind: str) -> Json:
    return {"device": {"phoneNumber": PHONES.get(kind, UNKNOWN)}}


async def answered(retrieving: Retrieving, path: str, kind: str) -> Json:
    """What a request to a device in good order is answered."""
    answer = await retrieving.reader.post(
        path, json=phone(kind), headers={"x-correlator": CORRELATOR}
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-correlator"] == CORRELATOR
    found: Json = answer.json()
    time = datetime.fromisoformat(found["lastStatusTime"])
    assert time.tzinfo is not None
    assert time < datetime.now(UTC)
    return found


def check(answer: httpx.Response, status: int, code: str) -> None:
    """An error has its status twice, its code, and a sentence for people."""
    found = answer.json()
    assert (answer.status_code, found["status"], found["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/json"
    assert len(found["message"]) > len("no words")


@of_roaming
async def test_roaming_01_true_with_country(retrieving: Retrieving, path: str) -> None:
    found = await answered(retrieving, path, "abroad")
    assert (found["roaming"], found["countryCode"], found["countryName"]) == (True, 208, ["FR"])


@of_roaming
async def test_roaming_02_false(retrieving: Retrieving, path: str) -> None:
    found = await answered(retrieving, path, "home")
    assert found["roaming"] is False
    assert found.keys().isdisjoint({"countryCode", "countryName"})


@of_reachability
async def test_reachability_01_by_sms(retrieving: Retrieving, path: str) -> None:
    found = await answered(retrieving, path, "sms")
    assert (found["reachable"], found["connectivity"]) == (True, ["SMS"])


@of_reachability
async def test_reachability_02_by_data(retrieving: Retrieving, path: str) -> None:
    found = await answered(retrieving, path, "abroad")
    assert (found["reachable"], found["connectivity"]) == (True, ["DATA"])


@of_reachability
async def test_reachability_04_of_a_device_that_is_not_connected(
    retrieving: Retrieving, path: str
) -> None:
    found = await answered(retrieving, path, "home")
    assert found["reachable"] is False
    assert "connectivity" not in found


@of_network_type
async def test_network_type_01_is_known(retrieving: Retrieving, path: str) -> None:
    assert (await answered(retrieving, path, "abroad"))["connectedNetworkType"] == "5G"


@of_network_type
async def test_network_type_02_cannot_be_determined(retrieving: Retrieving, path: str) -> None:
    assert (await answered(retrieving, path, "nokia"))["connectedNetworkType"] == "UNKNOWN"


@of_every
async def test_c01_01_an_empty_device(retrieving: Retrieving, path: str) -> None:
    check(await retrieving.reader.post(path, json={"device": {}}), 400, "INVALID_ARGUMENT")


@of_every
async def test_c01_02_an_identifier_that_breaks_its_schema(
    retrieving: Retrieving, path: str
) -> None:
    for device in (
        {"phoneNumber": PHONES["abroad"].removeprefix("+")},
        {"ipv4Address": {"publicAddress": "203.0.113.256", "publicPort": 80}},
        {"ipv4Address": {"publicAddress": "203.0.113.9"}},
        {"ipv6Address": "2001:db8::g"},
        {"networkAccessIdentifier": 1},
        # A good one beside it does not help.
        {"phoneNumber": PHONES["abroad"], "ipv6Address": "::/0"},
    ):
        answer = await retrieving.reader.post(path, json={"device": device})
        check(answer, 400, "INVALID_ARGUMENT")


@of_every
async def test_c01_03_a_device_that_is_not_found(retrieving: Retrieving, path: str) -> None:
    for device in (
        {"phoneNumber": UNKNOWN},
        {"networkAccessIdentifier": "nobody@operator.example"},
        {"ipv6Address": "2001:db8::404"},
        {"ipv4Address": {"publicAddress": "203.0.113.4", "publicPort": 4040}},
    ):
        answer = await retrieving.reader.post(path, json={"device": device})
        check(answer, 404, "IDENTIFIER_NOT_FOUND")


@of_every
async def test_c01_05_a_missing_device(retrieving: Retrieving, path: str) -> None:
    check(await retrieving.reader.post(path, json={}), 422, "MISSING_IDENTIFIER")


@of_every
async def test_instead_of_c01_06_every_kind_of_identifier_is_supported(
    retrieving: Retrieving, path: str
) -> None:
    asked: tuple[Json, ...] = (
        {"phoneNumber": PHONES["abroad"]},
        {"networkAccessIdentifier": NAI},
        {"ipv6Address": IPV6},
        {"ipv4Address": IPV4},
    )
    for device in asked:
        answer = await retrieving.reader.post(path, json={"device": device})
        assert (answer.status_code, answer.json()["device"]) == (200, device)
    # Of several, the answer names the one that decided.
    together = {name: said for device in asked for name, said in device.items()}
    answer = await retrieving.reader.post(path, json={"device": together})
    assert answer.json()["device"] == asked[0]


@of_every
async def test_c01_07_an_identifier_that_stands_for_no_single_device(
    retrieving: Retrieving, path: str
) -> None:
    device = {"networkAccessIdentifier": SHARED_NAI}
    answer = await retrieving.reader.post(path, json={"device": device})
    check(answer, 422, "SERVICE_NOT_APPLICABLE")


@of_every
async def test_401_1_an_expired_token(retrieving: Retrieving, path: str) -> None:
    headers = {"authorization": "Bearer token-of-yesterday"}
    answer = await retrieving.nobody.post(path, json=phone("abroad"), headers=headers)
    check(answer, 401, "UNAUTHENTICATED")


@of_every
async def test_401_2_no_authorization(retrieving: Retrieving, path: str) -> None:
    answer = await retrieving.nobody.post(path, json=phone("abroad"))
    check(answer, 401, "UNAUTHENTICATED")


@of_every
async def test_401_3_a_malformed_token(retrieving: Retrieving, path: str) -> None:
    for sent in ("Bearer", "Bearer ey.ey.ey", "Basic dG9rZW4="):
        headers = {"authorization": sent}
        answer = await retrieving.nobody.post(path, json=phone("abroad"), headers=headers)
        check(answer, 401, "UNAUTHENTICATED")


@of_every
async def test_403_a_token_that_may_not_ask(retrieving: Retrieving, path: str) -> None:
    check(await retrieving.sink.post(path, json=phone("abroad")), 403, "PERMISSION_DENIED")


@of_every
async def test_503_the_status_cannot_be_read(told: str, retrieving: Retrieving, path: str) -> None:
    async with away(told, "event"):
        check(await retrieving.reader.post(path, json=phone("abroad")), 503, "UNAVAILABLE")


@pytest.mark.parametrize("path", STRICT)
async def test_a_member_that_nobody_declared_is_refused_at_any_depth(
    retrieving: Retrieving, path: str
) -> None:
    device = {"phoneNumber": PHONES["abroad"]}
    for body in (
        {"device": device, "maxAge": 60},
        {"device": {**device, "imei": "1"}},
        {"device": {"ipv4Address": {**IPV4, "privatePort": 1}}},
    ):
        check(await retrieving.reader.post(path, json=body), 400, "INVALID_ARGUMENT")


@of_every
async def test_a_body_that_is_no_object_is_refused(retrieving: Retrieving, path: str) -> None:
    headers = {"content-type": "application/json"}
    for body in (b"", b"[]", b'"device"', b"7", b"null", b"{"):
        answer = await retrieving.reader.post(path, content=body, headers=headers)
        check(answer, 400, "INVALID_ARGUMENT")
