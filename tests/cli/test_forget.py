"""`receiver forget` says what it would remove, and removes it once it is meant."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from tests.support.arrivals import arrival
from tests.support.command_line import Ended, error_of, run
from tests.support.erasing import identified
from tests.support.spooling import spool_in
from tests.support.store.database import column
from tests.support.store.history import store

NUMBER = "+99999991000"
COUNTS = "SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM event_identity)"


@pytest.fixture
def namespace(conninfo: str, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """That of the installation."""
    monkeypatch.setenv("DATABASE_URL", conninfo)
    return UUID(column(conninfo, "SELECT namespace FROM installation")[0])


def told(ended: Ended) -> dict[str, str]:
    """What was printed of each count."""
    lines = [line for line in ended.stdout.splitlines() if not line.startswith(" ")]
    pairs = (line.rpartition(" ") for line in lines if line[-1].isdigit())
    return {name.strip(): number for name, _, number in pairs}


def fill(conninfo: str, namespace: UUID) -> str:
    """Stores three events of a device and one of another; returns the device."""
    mine = [identified(namespace, number) for number in range(3)]
    asyncio.run(store(conninfo, [*mine, arrival(9, phone_number="+99999992000")]))
    return mine[0].device_id


def test_it_says_what_would_be_removed_and_changes_nothing_until_it_is_meant(
    conninfo: str, namespace: UUID
) -> None:
    device_id = fill(conninfo, namespace)
    for how in (["--phone-number", "0099999 991000"], ["--device-id", device_id]):
        ended = run("forget", *how)
        assert (ended.status, ended.stdout.splitlines()[0]) == (0, "WOULD REMOVE")
        assert (told(ended)["events"], told(ended)["identities"]) == ("3", "3")
        assert "nothing was changed" in ended.stderr
        assert NUMBER[1:] not in ended.stdout + ended.stderr
    assert column(conninfo, COUNTS) == ["8"]
    rehearsed = told(ended)
    assert column(conninfo, "SELECT count(*) FROM erasure") == ["0"]
    ended = run("forget", "--phone-number", NUMBER, "--yes")
    assert (ended.status, ended.stdout.splitlines()[0]) == (0, "REMOVED")
    assert told(ended) == rehearsed
    assert "device.forget" in ended.stderr
    assert NUMBER[1:] not in ended.stdout + ended.stderr
    assert column(conninfo, COUNTS) == ["2"]
    assert column(conninfo, "SELECT credential FROM erasure WHERE ended_at > began_at") == ["None"]


def test_the_spool_is_counted_and_emptied_of_the_device(
    conninfo: str, namespace: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "spool"
    monkeypatch.setenv("RECEIVER_SPOOL_DIR", str(folder))
    spool = spool_in(folder, namespace=namespace)

    async def spool_one() -> None:
        await spool.append([identified(namespace, 1)])
        await spool.aclose()

    asyncio.run(spool_one())
    assert told(run("forget", "--phone-number", NUMBER))["spooled"] == "1"
    ended = run("forget", "--phone-number", NUMBER, "--yes")
    assert (ended.status, told(ended)["spooled"]) == (0, "1")
    assert list(folder.iterdir()) == []


def test_an_identifier_of_several_devices_is_not_guessed_at(conninfo: str, namespace: UUID) -> None:
    fill(conninfo, namespace)
    shared = ["--network-access-identifier", "device@operator.example"]
    assert "name one by --device-id" in error_of(run("forget", *shared))
    unknown = run("forget", "--network-access-identifier", "nobody@operator.example")
    assert told(unknown)["events"] == "0"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "name one of"),
        (["--phone-number", NUMBER, "--network-access-identifier", "a@b"], "name one"),
        (["--phone-number", NUMBER, "--device-id", str(UUID(int=1))], "name one of"),
        (["--phone-number", "none"], "not a phone number"),
        (["--network-access-identifier", " "], "not an identifier"),
    ],
)
def test_one_device_is_named_or_nothing_is_done(
    conninfo: str, namespace: UUID, arguments: list[str], reason: str
) -> None:
    assert reason in error_of(run("forget", *arguments))


def test_a_database_with_pending_migrations_is_refused(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_conninfo)
    assert "run `receiver migrate` first" in error_of(run("forget", "--phone-number", NUMBER))
