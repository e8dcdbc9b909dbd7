"""Commands of the pages, run as they stand, in a folder that has what a page says is there.

The address and the data directory are those of the service of the test; all else is the page's.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from receiver.client import NotFound
from receiver.events.examples import NOTIFICATION
from receiver.postgres.binaries import installed_binaries
from tests.support.between import seeded, skip_behind_pooler
from tests.support.documented import Block, documented
from tests.support.service import Installation, Service

COMMAND_SECONDS = 120
PHONE_NUMBER = "+99999991000"
PROGRAMS = Path(sys.executable).parent

pytestmark = [
    skip_behind_pooler("the pages speak of the embedded Postgres"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]

# A member that is a moment, an id or a count differs from run to run; what it is called does not.
ASKED = [
    *documented("README.md", "sh", "curl", ".venv/bin/receiver psql"),
    *documented("docs/questions.md", "sh", "TOKEN=", "curl -sS ", "curl -sSf "),
    *documented("docs/sink.md", "sh", "receiver check", "receiver credential", "curl"),
    *documented("docs/operating.md", "sh", "receiver credential", "receiver import"),
    *documented("docs/operating.md", "sh", "receiver simulate", "receiver reprocess"),
    *documented("docs/console.md", "sh", "receiver console"),
    *documented("docs/reports.md", "sh", "receiver export", "receiver dsn"),
    *documented("docs/reports.md", "sh", "receiver psql --reports\n"),
]
# What is forgiven to a notification, or refused again, is said by the exit status.
SAID_BY_STATUS = ("receiver check", "receiver reprocess")


@pytest.fixture(scope="module")
def place(seed: Path) -> Iterator[tuple[Installation, Service]]:
    """A service that was told what the pages speak of."""
    settings = {"RECEIVER_ALLOWED_ORIGINS": "sender.example"}
    with seeded(seed, settings) as installation, installation.serve() as service:
        token = installation.token("sink")
        assert service.post(NOTIFICATION, token) == 204
        assert service.post({"id": "1"}, token) == 400
        prepare(installation, service)
        yield installation, service


def prepare(installation: Installation, service: Service) -> None:
    """Puts into a folder what the pages say lies there."""
    folder = installation.folder / "here"
    folder.mkdir()
    (folder / ".venv").symlink_to(PROGRAMS.parent)
    roles = {"operator-prod": "sink", "operations": "reader", "a": "admin", "r": "registrar"}
    for name, role in roles.items():
        (folder / f"{role}.token").write_text(installation.create(name, role) + "\n")
    examined = {
        "specversion": "1.0",
        "id": "1",
        "source": "https://operator.example",
        "type": "org.camaraproject.device-status.v0.roaming-status",
        "time": "2026-04-17T07:31:01Z",
        "data": {
            "device": {"phoneNumber": PHONE_NUMBER[1:]},
            "roaming": True,
            "countryCode": 208,
            "countryName": ["FR"],
        },
    }
    (folder / "notification.json").write_text(json.dumps(examined))
    (folder / "notifications.ndjson").write_text(json.dumps(examined) + "\n")
    quoted = json.dumps({**examined, "id": "2"}).replace('"', '""')
    (folder / "dump.csv").write_text(f'created_at,payload\n2025-11-03T07:31:02Z,"{quoted}"\n')
    reader = service.ask_as(installation.token("reader"))
    (folder / "device-id").write_text(
        str(reader.retrieve_device(phone_number=PHONE_NUMBER).device_id)
    )


def run(
    block: Block, installation: Installation, address: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs a block in a shell, in the folder of its page."""
    folder = installation.folder / "here"
    here = block.text.replace("http://127.0.0.1:8000", address).replace(
        "/var/lib/device-status-receiver", str(installation.data_dir)
    )
    # Where the machine has no psql, the page's is that of the embedded Postgres.
    places = (folder / ".venv" / "bin", os.environ["PATH"], installed_binaries().bin_dir)
    environment = installation.environment(
        # `true` is the browser that `--open` opens.
        BROWSER="true",
        PATH=os.pathsep.join(map(str, places)),
        **variables,
    )
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", here],  # noqa: S607 - as a reader runs it
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        timeout=COMMAND_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("block", ASKED, ids=str)
def test_a_block_does_what_the_page_shows(
    place: tuple[Installation, Service], block: Block
) -> None:
    installation, service = place
    folder = installation.folder / "here"
    ran = run(
        block,
        installation,
        service.address,
        TOKEN=installation.token("reader"),
        READER=installation.token("reader"),
        REGISTRAR=(folder / "registrar.token").read_text().strip(),
        DEVICE_ID=(folder / "device-id").read_text(),
    )
    assert ran.returncode == int(block.text.startswith(SAID_BY_STATUS)), ran.stderr
    answer = judge_answer(ran.stdout)
    if block.shown is not None and answer:
        assert set(json.loads(block.shown)) == set(json.loads(answer))
    elif block.shown is not None:
        # A page shows as much as a reader needs of it.
        assert outline(block.shown) <= outline(ran.stdout)


def judge_answer(printed: str) -> str:
    """Returns the answer in JSON that was printed first, none for anything else; it is no error."""
    first = printed.partition("\n")[0]
    if not first.startswith("{"):
        return ""
    answer = json.loads(first)
    assert not {"status", "code", "message"} <= set(answer), answer
    return first


def outline(printed: str) -> set[str]:
    """Returns the first column of each line; a number is any number."""
    columns = (line.strip().split("  ")[0] for line in printed.splitlines())
    return {re.sub(r"\b(?:\d+|N)\b", "#", column) for column in columns}


FORGETTING = documented("docs/operating.md", "sh", "curl -sS http://127.0.0.1:8000/devices/forget")
FORGETTING += documented("docs/operating.md", "sh", "receiver forget")


def test_a_person_is_forgotten_by_a_call_and_by_a_command(
    place: tuple[Installation, Service],
) -> None:
    installation, service = place
    by_call, by_command = FORGETTING
    tokens = {role: installation.token(role) for role in ("sink", "reader")}
    for block in (by_call, by_command):
        event = {**NOTIFICATION, "id": str(block)}
        assert service.post(event, tokens["sink"]) == 204
        assert service.history(tokens["reader"], PHONE_NUMBER)
        ran = run(block, installation, service.address)
        assert (ran.returncode, ran.stderr) == (0, ran.stderr), ran.stderr
        with pytest.raises(NotFound):
            service.ask_as(tokens["reader"]).retrieve_device(phone_number=PHONE_NUMBER)


@pytest.fixture(scope="module")
def managed(service: Service, shared_installation: Installation) -> Installation:
    """An installation whose service runs, and a folder to work in."""
    folder = shared_installation.folder / "here"
    folder.mkdir()
    (folder / ".venv").symlink_to(PROGRAMS.parent)
    return shared_installation


@pytest.mark.parametrize("block", documented("docs/credentials.md", "sh", "receiver"), ids=str)
def test_credentials_are_managed(managed: Installation, block: Block) -> None:
    ran = run(block, managed, "")
    assert (ran.returncode, ran.stdout) == (0, ran.stdout), ran.stderr
    listed = managed.run_here("credential", "list").stdout
    assert "operator-" in listed


@pytest.mark.parametrize("block", documented("docs/operating.md", "sql"), ids=str)
def test_the_settings_of_postgres_are_taken(installation: Installation, block: Block) -> None:
    # The embedded Postgres is built without LZ4; the page names what to take then.
    statements = block.text.replace("'lz4'; ", "'off'; ")
    assert statements != block.text
    ran = installation.run("psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", stdin=statements)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1] == "t"
