"""The commands of `docs/retrieve.md`, run as they stand: the answers are those of the page."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from tests.support.documented import documented
from tests.support.service import Installation, Service, notification

PHONE_NUMBER = "+99999990777"
EXAMPLES = [(block.text, block.shown) for block in documented("docs/retrieve.md", "sh")]

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture(scope="module")
def told(service: Service, sink: str) -> None:
    """What the page speaks of has happened."""
    roaming, reached = notification(phone_number=PHONE_NUMBER), notification()
    reached |= {
        "type": "org.camaraproject.device-reachability-status-subscriptions.v0.reachability-data",
        "time": "2026-04-17T06:02:00Z",
        "data": {"device": {"phoneNumber": PHONE_NUMBER}, "subscriptionId": "sub-4712"},
    }
    for event in (roaming, reached):
        assert service.post(event, sink) == 204


def test_the_page_has_a_command_for_vonage_and_one_for_orange() -> None:
    paths = [re.findall(r"8000(/\S+?)[\" ]", command) for command, _ in EXAMPLES]
    assert paths == [
        ["/camara/device-status/v050/roaming"],
        ["/camara/orange-lab/device-reachability-status/v0/retrieve"],
    ]


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("command", "answer"), EXAMPLES, ids=["vonage", "orange"])
def test_a_command_of_the_page_answers_what_the_page_shows(
    service: Service, shared_installation: Installation, command: str, answer: str
) -> None:
    here = command.replace("http://127.0.0.1:8000", service.address).replace(
        "/var/lib/device-status-receiver", str(shared_installation.data_dir)
    )
    ran = subprocess.run(
        ["bash", "-c", here],  # noqa: S607 - a command of the page, as a reader runs it
        env={"PATH": "/usr/bin:/bin", "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(ran.stdout)
    assert found == json.loads(answer)
