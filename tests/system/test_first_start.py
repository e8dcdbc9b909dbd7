"""What the first start prints can be pasted into a shell, and is printed once."""

import json
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.between import skip_behind_pooler
from tests.support.clients import open_client
from tests.support.service import Installation, Service, notification, open_folder

NEEDED = ("bash", "curl")
ANSWER_SECONDS = 60

pytestmark = [
    skip_behind_pooler("a first start makes the embedded Postgres"),
    pytest.mark.skipif(
        any(shutil.which(program) is None for program in NEEDED),
        reason="the printed commands need bash and curl",
    ),
]


@pytest.fixture(scope="module")
def fresh() -> Iterator[Installation]:
    """An installation that was never started, where a path has to be quoted."""
    with open_folder() as folder:
        yield Installation(folder, "my data")


@pytest.fixture(scope="module")
def first(fresh: Installation) -> Iterator[Service]:
    """Its first start."""
    with fresh.serve() as service:
        # It answers only after everything was printed.
        assert service.ask_as().get_readiness().status == "ready"
        yield service


def commands(printed: str) -> list[str]:
    return [block for block in printed.split("\n\n") if block.startswith("curl")]


def paste(installation: Installation, command: str) -> list[str]:
    """The lines that a command answers in a shell at `/`."""
    bash = shutil.which("bash")
    assert bash is not None
    shell = subprocess.run(
        [bash, "--norc", "-c", command],
        capture_output=True,
        text=True,
        cwd="/",
        env=installation.environment(),
        timeout=ANSWER_SECONDS,
        check=False,
    )
    assert (shell.returncode, shell.stderr) == (0, "")
    return shell.stdout.split("\n")


def test_the_printed_commands_store_an_event_and_ask_what_is_true_now(
    fresh: Installation, first: Service
) -> None:
    assert len(commands(first.stdout)) == 2
    store, ask = commands(first.stdout)
    assert paste(fresh, store) == ["", "204", ""]
    body, status, _ = paste(fresh, ask)
    assert status == "200"
    roaming = json.loads(body)["roaming"]
    assert (roaming["value"], roaming["countryName"]) == (True, ["FR"])
    event = first.ask_as(fresh.token("reader")).get_event(roaming["eventId"])
    assert str(event.event_id) in store


def test_the_first_line_of_the_log_tells_what_starts(first: Service) -> None:
    lines = [json.loads(line) for line in first.stderr.splitlines()]
    assert lines[0]["event"] == "Device Status Receiver starts"
    version = first.ask_as().get_readiness().version
    assert (lines[0]["version"], lines[0]["workers"]) == (version, 1)
    assert re.fullmatch(r"\d+\.\d+", lines[0]["postgres"])
    assert re.fullmatch(r"\d{4}", lines[0]["migrations"])
    # Nothing of the libraries below it.
    assert {line["logger"].partition(".")[0] for line in lines} == {"receiver"}


def test_the_printed_link_and_another_one_sign_in_once(fresh: Installation, first: Service) -> None:
    [printed] = [line for line in first.stdout.split() if "/console/enter?" in line]
    another = fresh.run_here("console").stdout.strip()
    assert another.startswith(f"{first.address}/console/enter?")
    for link in (printed, another):
        with open_client(first.address) as person:
            assert person.get(link).headers["location"] == "fleet"
            assert "first-reader" in person.get("/console/fleet").text
        assert first.http.get(link).status_code == 401
        assert link.partition("key=")[2] not in first.stderr


def test_a_link_into_a_service_that_does_not_run_is_not_made(installation: Installation) -> None:
    ended = installation.run_here("console")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.endswith("the service does not run; start it with `receiver serve`\n")


def test_the_tokens_are_for_their_owner_alone(fresh: Installation, first: Service) -> None:
    folder = fresh.data_dir / "first-credentials"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {"first-credentials": 0o700, "sink": 0o600, "reader": 0o600}
    for role in ("sink", "reader"):
        assert fresh.token(role) not in first.stdout + first.stderr


def test_simulate_and_doctor_find_the_service_on_whatever_port_it_listens(
    fresh: Installation, first: Service
) -> None:
    simulated = fresh.run("simulate", "--count", "5")
    assert (simulated.returncode, simulated.stderr) == (0, "")
    examined = fresh.run("doctor")
    assert examined.returncode == 0
    assert f"ok       post and read back  {first.address} stored" in examined.stdout


def test_a_second_start_makes_no_new_credentials_and_the_tokens_still_work(
    service: Service, shared_installation: Installation
) -> None:
    token = shared_installation.token
    event = notification("at-the-second-start", "+99999990002")
    assert service.post(event, token("sink")) == 204
    (found,) = service.history(token("reader"), "+99999990002")
    assert (found.event_id, found.credential) == ("at-the-second-start", "first-sink")
    assert "curl" not in service.stdout
    assert "credential" not in service.stdout
    listed = shared_installation.run_here("credential", "list").stdout
    assert listed.count("first-") == 2
