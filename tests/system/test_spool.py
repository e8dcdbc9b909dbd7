"""What the database does not take goes into the spool, is answered 204, and is stored later."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from tests.support.exposition import value
from tests.support.processes import living
from tests.support.service import Installation, Service, notification, status_of, until
from tests.support.small_disk import small_disk
from tests.support.steady_senders import Sent, sending
from tests.system.test_outages import STARTED, Site
from tests.system.test_outages import site as site

# Each is told of from several numbers, in no order, so that the latest event decides.
PHONES = 20
COUNTRIES = (208, 214, 262, 505)
NOON = datetime(2026, 4, 17, 12, tzinfo=UTC)
# Every so many bodies, one is refused.
BAD_EVERY = 40
SHUFFLED = 1_000_000


def phone(number: int) -> str:
    return f"+9999999{number % PHONES:04d}"


def country(number: int) -> int:
    return COUNTRIES[(number // PHONES) % len(COUNTRIES)]


def occurred_at(number: int) -> datetime:
    """Returns a time that does not grow with the number, and is no other's of the phone."""
    return NOON + timedelta(milliseconds=number * 7919 % SHUFFLED)


def body(number: int) -> bytes:
    if number % BAD_EVERY == BAD_EVERY - 1:
        return b"{"
    event = notification(f"sent-{number}", phone(number))
    event["time"] = occurred_at(number).isoformat()
    event["data"] |= {"countryCode": country(number), "countryName": []}
    return json.dumps(event).encode()


@pytest.fixture
def spool(site: Site) -> Path:
    return site.installation.folder / "spool"


@pytest.fixture
def reader(site: Site) -> str:
    return Installation(site.installation.folder, "server").token("reader")


def started(service: Service, workers: int) -> bool:
    return until(lambda: service.stderr.count(STARTED) == workers)


def is_empty(spool: Path) -> bool:
    return not list(spool.iterdir())


def require_each_once(site: Site, acknowledged: set[int]) -> None:
    stored = site.stored()
    assert len(stored) == len(set(stored))
    assert {f"sent-{number}" for number in acknowledged} <= set(stored)
    assert site.repeated() == 0


def require_statuses(service: Service, reader: str, acknowledged: set[int]) -> None:
    """Asks for the country of each phone, which is that of its latest event."""
    for first in range(PHONES):
        numbers = [number for number in acknowledged if number % PHONES == first]
        latest = max(numbers, key=occurred_at)
        status = service.ask_as(reader).retrieve_status(phone_number=phone(first))
        assert status.roaming.country_code == country(latest)


@contextmanager
def spooling(site: Site, spool: Path) -> Iterator[tuple[Service, Sent]]:
    """Runs a service and its senders; Postgres is away, and the spool has some notifications."""
    with (
        site.installation.serve(RECEIVER_SPOOL_DIR=str(spool)) as service,
        sending(service, site.token, body, rate=100) as sent,
    ):
        assert until(lambda: len(sent.acknowledged()) > 20)
        site.postgres.stop()
        before = len(sent.acknowledged())
        assert until(lambda: len(sent.acknowledged()) > before + 100)
        yield service, sent


@contextmanager
def frozen(server: Path) -> Iterator[None]:
    """Stops every process of a server from running for the length of the block."""
    postmaster = int((server / "postgres" / "postmaster.pid").read_text().split()[0])
    leader = psutil.Process(postmaster)
    family = [leader, *leader.children(recursive=True)]
    try:
        for process in family:
            process.suspend()
        yield
    finally:
        for process in family:
            # Some end as soon as their leader goes on.
            with suppress(psutil.NoSuchProcess):
                process.resume()


def go_through(
    site: Site, spool: Path, reader: str, *, rate: float, seconds: float, workers: int
) -> Sent:
    """Sends through an outage, and asks for everything afterwards."""
    with site.installation.serve(
        "--workers", str(workers), RECEIVER_SPOOL_DIR=str(spool)
    ) as service:
        assert started(service, workers)
        with sending(service, site.token, body, rate=rate) as sent:
            assert until(lambda: len(sent.acknowledged()) > rate / 2)
            assert is_empty(spool)
            site.postgres.stop()
            time.sleep(seconds)
            client = service.ask_as(reader)
            warnings = client.get_readiness().warnings
            assert "notifications are kept in the spool meanwhile" in warnings
            shown = client.get_metrics()
            assert value(shown, "receiver_ready") == 1
            assert (value(shown, "receiver_spool_bytes") or 0) > 0
            site.postgres.start()
            assert until(lambda: is_empty(spool))
            before = len(sent.answers)
            assert until(lambda: len(sent.answers) > before + rate / 2)
        require_statuses(service, reader, sent.acknowledged())
        assert is_empty(spool)
        assert "Traceback" not in service.stderr
    return sent


@pytest.mark.parametrize(
    ("rate", "seconds"),
    [
        pytest.param(100, 1.5, id="short"),
        pytest.param(500, 120, id="long", marks=pytest.mark.long),
    ],
)
def test_while_postgres_is_away_all_is_taken_and_found_once_afterwards(
    site: Site, spool: Path, reader: str, rate: float, seconds: float
) -> None:
    sent = go_through(site, spool, reader, rate=rate, seconds=seconds, workers=2)
    assert sent.statuses.keys() == {204, 400}
    require_each_once(site, sent.acknowledged())
    assert len(site.stored()) == len(sent.acknowledged()) + 1
    refused = site.installation.run(
        "psql", "-At", "-c", "SELECT count(*) FROM quarantine", DATABASE_URL=site.postgres.conninfo
    )
    assert int(refused.stdout) == sent.statuses[400]


@pytest.mark.long
def test_after_a_crash_the_next_start_stores_what_was_acknowledged(site: Site, spool: Path) -> None:
    with spooling(site, spool) as (service, sent):
        family = service.family()
        for process in family:
            process.send_signal(signal.SIGKILL)
        assert until(lambda: not living(family))
    assert not is_empty(spool)
    site.postgres.start()
    with site.installation.serve(RECEIVER_SPOOL_DIR=str(spool)):
        assert until(lambda: is_empty(spool))
    require_each_once(site, sent.acknowledged())


@pytest.mark.long
def test_a_service_that_is_stopped_meanwhile_leaves_what_another_one_stores(
    site: Site, spool: Path
) -> None:
    with spooling(site, spool) as (service, sent):
        service.process.terminate()
        assert service.wait() == 0
    site.postgres.start()
    listed = site.installation.run("spool", "list", "--json", RECEIVER_SPOOL_DIR=str(spool))
    assert sum(file["records"] for file in json.loads(listed.stdout)) > 100
    drained = site.installation.run("spool", "drain", RECEIVER_SPOOL_DIR=str(spool))
    assert drained.returncode == 0, drained.stderr
    require_each_once(site, sent.acknowledged())


@pytest.mark.long
def test_while_postgres_is_frozen_all_is_taken_and_counts_once_afterwards(
    site: Site, spool: Path
) -> None:
    with (
        site.installation.serve(RECEIVER_SPOOL_DIR=str(spool)) as service,
        sending(service, site.token, body, rate=100) as sent,
    ):
        assert until(lambda: len(sent.acknowledged()) > 20)
        before = len(sent.acknowledged())
        with frozen(site.installation.folder / "server"):
            assert until(lambda: len(sent.acknowledged()) > before + 800)
        assert until(lambda: is_empty(spool))
    assert sent.statuses.keys() == {204, 400}
    require_each_once(site, sent.acknowledged())


@pytest.mark.long
def test_a_disk_without_room_answers_503_and_loses_nothing_that_it_took(
    site: Site, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 256) as disk:
        settings = {"RECEIVER_SPOOL_DIR": str(disk), "RECEIVER_SPOOL_RESERVE_BYTES": "0"}
        with (
            site.installation.serve(**settings) as service,
            sending(service, site.token, body, rate=100) as sent,
        ):
            assert until(lambda: len(sent.acknowledged()) > 20)
            site.postgres.stop()
            assert until(lambda: sent.statuses[503] > 20)
            assert status_of(service.ask_as().get_readiness) == 503
            site.postgres.start()
            assert until(lambda: is_empty(disk))
        assert sent.statuses.keys() <= {204, 400, 503}
        require_each_once(site, sent.acknowledged())


@pytest.mark.long
def test_without_a_spool_the_answer_is_503_and_no_file_is_made(site: Site, spool: Path) -> None:
    with (
        site.installation.serve(RECEIVER_COMMIT_TIMEOUT_SECONDS="1") as service,
        sending(service, site.token, body, rate=100) as sent,
    ):
        assert until(lambda: len(sent.acknowledged()) > 20)
        site.postgres.stop()
        assert until(lambda: sent.statuses[503] > 20)
        site.postgres.start()
    assert not spool.exists()
    require_each_once(site, sent.acknowledged())
