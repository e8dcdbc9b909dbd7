"""Nokia's SDK, `network-as-code`, asks this service: its host and its key are all that changes.

Each release has an environment of its own, for it needs other versions than the service.
`tests/api/camara/test_vendors.py` sends what these releases send.
"""

import json
import os
import subprocess
import venv
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.service import Service, notification

CLIENT = Path(__file__).parent / "clients" / "nokia_sdk.py"
SECONDS = 300

# The last release that asks for connectivity by one word, one on 1.0, and today's.
RELEASES = {
    "4.1.0": {"connectivity", "roaming", "country"},
    "8.0.0": {"reachable", "ways", "roaming", "country"},
    "10.0.0": {"connectivity", "roaming", "reachable", "ways", "country"},
}
SAID = {
    "connectivity": "CONNECTED_DATA",
    "roaming": True,
    "reachable": True,
    "ways": ["DATA"],
    "country": [208, ["FR"]],
}


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a program of another environment; no proxy leads to this machine."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        command,
        env={**outer, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.long
@pytest.mark.parametrize("release", RELEASES)
def test_the_sdk_gets_connectivity_and_roaming_answered(
    service: Service, sink: str, reader: str, release: str, tmp_path: Path
) -> None:
    venv.create(tmp_path, with_pip=True)
    programs = tmp_path / "bin"
    wanted = f"network-as-code=={release}"
    if run(programs / "pip", "install", "-q", wanted).returncode != 0:
        pytest.skip(f"{wanted} cannot be installed: no registry is reachable")
    number = f"+99999{uuid4().int % 10**9:09}"
    roaming, reached = notification(phone_number=number), notification(phone_number=number)
    reached["type"] = (
        "org.camaraproject.device-reachability-status-subscriptions.v0.reachability-data"
    )
    reached["data"] = {"device": {"phoneNumber": number}, "subscriptionId": "sub-4712"}
    for event in (roaming, reached):
        assert service.post(event, sink) == 204
    asked = run(programs / "python", CLIENT, service.address, reader, number)
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout) == {name: SAID[name] for name in RELEASES[release]}
