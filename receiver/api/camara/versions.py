"""Every version that is served: CAMARA's, and the same at the paths of vendors."""

from collections.abc import Sequence

from receiver.api.camara import (
    device_status,
    network_type,
    reachability_status,
    roaming_status,
    vendors,
)
from receiver.api.camara.version import Version
from receiver.settings.retrieve_calls import RetrieveSettings


def list_versions(settings: RetrieveSettings) -> Sequence[Version]:
    """Returns the versions that are served; none where the settings say so."""
    if settings.retrieve_calls is None:
        return ()
    orange = vendors.ORANGE_AS_DOCUMENTED if settings.retrieve_orange_errors else vendors.ORANGE
    return (
        *device_status.VERSIONS,
        *reachability_status.VERSIONS,
        *roaming_status.VERSIONS,
        *network_type.VERSIONS,
        *vendors.VONAGE,
        orange,
        *vendors.NOKIA,
    )
