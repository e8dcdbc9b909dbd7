"""Vendors' paths: a version of CAMARA, but for what the vendor does otherwise."""

from collections.abc import Sequence

import pytest

from receiver.api.camara import device_status, reachability_status, roaming_status
from receiver.api.camara.vendors import NOKIA, ORANGE, VONAGE
from receiver.api.camara.version import Version
from tests.support.retrieving import PHONES, Retrieving
from tests.support.retrieving import retrieving as retrieving
from tests.support.retrieving import told as told

# Each with the version that it is.
OF = (
    (VONAGE, (device_status.CONNECTIVITY, device_status.ROAMING)),
    ((ORANGE,), (reachability_status.V0_6,)),
    (NOKIA, (reachability_status.V1, roaming_status.V1)),
)
KEYED = [version.path for version in (device_status.CONNECTIVITY, device_status.ROAMING, *NOKIA)]


@pytest.mark.parametrize(("vendors", "versions"), OF)
def test_a_vendor_has_the_request_the_errors_and_the_scope_of_the_version(
    vendors: Sequence[Version], versions: Sequence[Version]
) -> None:
    for own, version in zip(vendors, versions, strict=True):
        assert own.path != version.path
        assert (own.request, own.wordings, own.scope) == (
            version.request,
            version.wordings,
            version.scope,
        )


async def test_at_nokias_paths_the_key_of_its_sdk_is_the_token(retrieving: Retrieving) -> None:
    body = {"device": {"phoneNumber": PHONES["abroad"]}}
    # As the SDK sends it, from its first release to 10.0.0.
    host = {"x-rapidapi-host": "network-as-code.nokia.rapidapi.com"}
    reader, sink, stranger = (
        {"x-rapidapi-key": key, **host} for key in ("token-of-reader", "token-of-sink", "a-key")
    )
    for path in KEYED:
        for headers, status in ((reader, 200), (sink, 403), (stranger, 401)):
            answer = await retrieving.nobody.post(path, json=body, headers=headers)
            assert answer.status_code == status, path
        # What stands in `Authorization` counts alone.
        answer = await retrieving.sink.post(path, json=body, headers=reader)
        assert answer.status_code == 403
    for path in (VONAGE[0].path, ORANGE.path, roaming_status.V1.path, "/status/retrieve"):
        answer = await retrieving.nobody.post(path, json=body, headers=reader)
        assert answer.status_code == 401, path
