"""device-status, of which connectivity and roaming parted later."""

from receiver.api.camara.device_status import VERSIONS


def test_each_release_has_connectivity_and_roaming_under_scopes_of_their_own() -> None:
    assert [version.scope for version in VERSIONS] == [
        "device-status:connectivity:read",
        "device-status:roaming:read",
        "device-status:retrieve-connectivity-status:read",
        "device-status:retrieve-roaming-status:read",
    ]
    assert {version.path.split("/")[1] for version in VERSIONS} == {"device-status"}
