"""Asks for the status of a phone as programs on Nokia's SDK do, whatever its release.

Arguments: the address of the service, a token of the role `reader`, the phone number.
"""

import json
import sys
from importlib.metadata import version

import network_as_code  # type: ignore[import-not-found]  # only in an environment of its own

address, token, number = sys.argv[1:]
release = int(version("network-as-code").partition(".")[0])
said = {}
if release >= 10:
    client = network_as_code.NetworkAsCodeApi(base_url=address, api_key=token)
    device = {"phone_number": number}
    status = client.device_status
    said["connectivity"] = status.check_connectivity(device=device).connectivity_status
    said["roaming"] = status.check_roaming(device=device).roaming
    reachability = status.retrieve_reachability_status(device=device)
    said["reachable"], said["ways"] = reachability.reachable, reachability.connectivity
    roaming = status.retrieve_roaming_status(device=device)
    said["country"] = [roaming.country_code, roaming.country_name]
elif release >= 8:
    prefix = f"{address}/device-status"
    client = network_as_code.NetworkAsCodeClient(
        token=token,
        reachability_base_url=f"{prefix}/device-reachability-status-subscriptions/v0.7",
        roaming_base_url=f"{prefix}/device-roaming-status-subscriptions/v0.7",
    )
    device = client.devices.get(phone_number=number)
    reachability, roaming = device.get_reachability(), device.get_roaming()
    said["reachable"], said["ways"] = reachability.reachable, reachability.connectivity
    said["roaming"] = roaming.roaming
    said["country"] = [roaming.country_code, roaming.country_name]
else:
    client = network_as_code.NetworkAsCodeClient(
        token=token, device_status_base_url=f"{address}/device-status/v0"
    )
    device = client.devices.get(phone_number=number)
    said["connectivity"] = device.get_connectivity()
    roaming = device.get_roaming()
    said["roaming"] = roaming.roaming
    said["country"] = [roaming.country_code, roaming.country_name]
print(json.dumps(said))  # noqa: T201 - the test reads it
