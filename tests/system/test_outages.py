"""Postgres restarts and crashes under load: senders wait, and what was answered 204 is there."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from receiver.client import Unavailable
from tests.support.between import way_to
from tests.support.open_loop import sending
from tests.support.own_postgres import OwnPostgres, own_postgres
from tests.support.posting import posting
from tests.support.processes import workers_among
from tests.support.relay import relayed
from tests.support.service import IMPATIENT, Installation, Service, copy, open_folder, until
from tests.support.store.read_only import read_only
from tests.support.store.standby import streaming_standby
from tests.system.conftest import SEED_EVENT

OUTAGES = 2

# Longer than a restart of Postgres takes on a machine that runs other tests as well.
PATIENCE_SECONDS = 20.0

# Notifications a second, and the patience by default.
SHORT_RATE, RATE = 60.0, 150.0
DEFAULT_PATIENCE_SECONDS = 10.0

# Of a busy machine that sends beside it, beyond the patience.
SLACK_SECONDS = 5.0

# The word of a worker that takes requests.
STARTED = '"event": "serving"'

# A worker's words where it finds no database.
WAITS = "worker waits"

# The writer's words when as many commits hang as may.
QUEUE_WAITS = "queue waits"

# Of the reason of `/readyz` then.
A_STANDBY_IS_AWAY = "a table is locked, a standby is away"

STORED = "SELECT event_id FROM event"
REPEATED = "SELECT count(*) FROM event_identity WHERE deliveries <> 1"
# Its processes flush what was committed asynchronously so seldom that each crash loses some of it.
ASYNCHRONOUS = (
    "ALTER DATABASE receiver SET synchronous_commit = off",
    "ALTER SYSTEM SET wal_writer_delay = '10s'",
    "SELECT pg_reload_conf()",
)


@dataclass(frozen=True, slots=True)
class Site:
    """A Postgres, an installation of the service on it, and a sender's token."""

    postgres: OwnPostgres
    installation: Installation
    token: str

    def stored(self) -> list[str]:
        """Returns the sender's ids of all events."""
        with psycopg.connect(self.postgres.conninfo) as connection:
            return [str(event_id) for (event_id,) in connection.execute(STORED)]

    def repeated(self) -> int:
        """Returns how many events count another number of deliveries than one."""
        with psycopg.connect(self.postgres.conninfo) as connection:
            [(count,)] = connection.execute(REPEATED).fetchall()
        return int(count)


@pytest.fixture
def site(seed: Path) -> Iterator[Site]:
    """A Postgres as the first start left it, and a service that is told its URL."""
    with open_folder() as folder:
        copy(seed, folder / "server")
        with own_postgres(folder / "server") as postgres, way_to(postgres.conninfo) as settings:
            token = Installation(folder, "server").token("sink")
            yield Site(postgres, Installation(folder, "service", settings), token)


def restart(postgres: OwnPostgres) -> None:
    postgres.stop()
    postgres.start()


def crash(postgres: OwnPostgres) -> None:
    postgres.kill()
    postgres.start()


def serve_through(site: Site, outage: Callable[[OwnPostgres], None], workers: int) -> set[str]:
    """Returns the ids that were acknowledged around several outages; nothing else was answered."""
    settings = {
        "RECEIVER_PATIENCE_SECONDS": str(PATIENCE_SECONDS),
        "RECEIVER_SHUTDOWN_TIMEOUT_SECONDS": str(2 * PATIENCE_SECONDS),
    }
    with (
        site.installation.serve("--workers", str(workers), **settings) as service,
        posting(service, site.token) as posted,
    ):
        # The address is printed before the last worker has started, and a start needs Postgres.
        assert until(lambda: service.stderr.count(STARTED) == workers)
        for _ in range(OUTAGES):
            outage(site.postgres)
            before = len(posted.acknowledged)
            assert until(lambda: len(posted.acknowledged) > before + 20)  # noqa: B023 - called at once
    assert posted.answers.keys() == {204}
    return posted.acknowledged


# Each notification that waits holds one: as many as arrive within the patience, and more.
CONNECTIONS = "4000"


def expect_no_503(
    site: Site, outage: Callable[[], None], stored: Callable[[], list[str]], rate: float = RATE
) -> None:
    """Sends at a fixed rate through an outage, to a service with its patience by default."""
    with (
        site.installation.serve(RECEIVER_CONNECTION_LIMIT=CONNECTIONS) as service,
        sending(service.address, site.token, rate) as sent,
    ):
        assert until(lambda: len(sent.acknowledged) > rate)
        outage()
        before = len(sent.acknowledged)
        assert until(lambda: len(sent.acknowledged) > before + rate)
    assert sent.statuses == {204}
    assert sent.slowest_seconds < DEFAULT_PATIENCE_SECONDS + SLACK_SECONDS
    assert sorted([*sent.acknowledged, SEED_EVENT]) == sorted(stored())


def unready_because(service: Service) -> str:
    """The reasons of a service that is not ready."""
    try:
        service.ask_as().get_readiness()
    except Unavailable as unready:
        return "; ".join(unready.reasons)
    return ""


def lock(postgres: OwnPostgres) -> None:
    """Locks what is stored into for longer than a commit has its turn.

    Not for much longer: the sender needs an open file for each notification that waits.
    """
    with psycopg.connect(postgres.conninfo) as locking:
        locking.execute("LOCK TABLE event_identity, event IN EXCLUSIVE MODE")
        time.sleep(5.5)


def stop_writes(postgres: OwnPostgres) -> None:
    with read_only(postgres.conninfo):
        time.sleep(3)


def test_a_restart_under_load_costs_no_503(site: Site) -> None:
    expect_no_503(site, lambda: restart(site.postgres), site.stored, SHORT_RATE)


@pytest.mark.long
@pytest.mark.parametrize(
    "outage", [restart, crash, lock, stop_writes], ids=lambda outage: outage.__name__
)
def test_an_outage_under_load_costs_no_503(
    site: Site, outage: Callable[[OwnPostgres], None]
) -> None:
    expect_no_503(site, lambda: outage(site.postgres), site.stored)


@pytest.mark.long
def test_a_promotion_under_load_costs_no_503(site: Site) -> None:
    with streaming_standby(site.installation.folder, site.postgres.conninfo) as standby:
        hosts = [conninfo_to_dict(url) for url in (site.postgres.conninfo, standby)]
        url = (
            f"postgresql://{hosts[0]['user']}@/{hosts[0]['dbname']}?target_session_attrs=read-write"
            f"&host={','.join(str(host['host']) for host in hosts)}"
            f"&port={','.join(str(host['port']) for host in hosts)}"
        )
        promoted = replace(
            site,
            installation=Installation(site.installation.folder, "service", {"DATABASE_URL": url}),
        )

        def promote() -> None:
            site.postgres.kill()
            with psycopg.connect(standby, autocommit=True) as connection:
                connection.execute("SELECT pg_promote()")

        def stored() -> list[str]:
            with psycopg.connect(standby) as connection:
                return [str(event_id) for (event_id,) in connection.execute(STORED)]

        expect_no_503(promoted, promote, stored)


@pytest.mark.parametrize("workers", [1, 2])
def test_while_postgres_restarts_senders_wait_and_each_event_is_stored_once(
    site: Site, workers: int
) -> None:
    acknowledged = serve_through(site, restart, workers)
    assert sorted([*acknowledged, SEED_EVENT]) == sorted(site.stored())
    assert site.repeated() == 0


def test_crashes_lose_nothing_acknowledged_where_synchronous_commit_is_off(site: Site) -> None:
    with psycopg.connect(site.postgres.conninfo, autocommit=True) as connection:
        for statement in ASYNCHRONOUS:
            connection.execute(statement)
    acknowledged = serve_through(site, crash, workers=1)
    assert acknowledged - set(site.stored()) == set()


def test_a_stop_while_postgres_is_away_ends_within_the_patience(
    site: Site,
) -> None:
    settings = {"RECEIVER_COMMIT_TIMEOUT_SECONDS": "2", "RECEIVER_PATIENCE_SECONDS": "2"}
    with site.installation.serve(**settings) as service:
        with posting(service, site.token) as posted:
            site.postgres.stop()
            began = time.monotonic()
            service.process.terminate()
            assert service.wait() == 0
            stopped_seconds = time.monotonic() - began
        assert "Traceback" not in service.stderr
    # Four seconds are the patience and the deadline of the last commit; the others are for a busy
    # machine.
    assert stopped_seconds < 10
    assert posted.answers.keys() <= {204, 503}
    site.postgres.start()
    assert posted.acknowledged - set(site.stored()) == set()


@pytest.mark.parametrize("comes_back", [True, pytest.param(False, marks=pytest.mark.long)])
def test_a_worker_that_starts_while_postgres_is_away_waits_for_it(
    site: Site, comes_back: bool
) -> None:
    with site.installation.serve("--workers", "2") as service:
        assert until(lambda: service.stderr.count(STARTED) == 2)
        lost, _ = workers_among(service.family())
        site.postgres.stop()
        lost.kill()
        assert until(lambda: WAITS in service.stderr)
        if comes_back:
            site.postgres.start()
            assert until(lambda: service.stderr.count(STARTED) == 3)
            with posting(service, site.token) as posted:
                assert until(lambda: len(posted.acknowledged) > 20)
            assert posted.acknowledged - set(site.stored()) == set()
        service.process.terminate()
        assert service.wait() == 0


def test_a_failover_that_leaves_every_commit_hanging_heals_without_a_restart(site: Site) -> None:
    folder = site.installation.folder / "way"
    with relayed(folder, site.postgres.conninfo) as relay:
        # Let go of after three seconds, of which a commit is waited for one.
        settings = {"DATABASE_URL": relay.conninfo, **IMPATIENT}
        with (
            site.installation.serve(**settings) as service,
            posting(service, site.token) as posted,
        ):
            assert until(lambda: len(posted.acknowledged) > 20)
            with psycopg.connect(site.postgres.conninfo, autocommit=True) as server:
                # Every commit waits for a standby that is not there.
                server.execute("ALTER SYSTEM SET synchronous_standby_names = 'away'")
                server.execute("SELECT pg_reload_conf()")
                assert until(lambda: QUEUE_WAITS in service.stderr)
                assert until(lambda: A_STANDBY_IS_AWAY in unready_because(service))
                # The standby takes over; the old server does not say a word any more.
                relay.fail_over()
                server.execute("ALTER SYSTEM RESET synchronous_standby_names")
                server.execute("SELECT pg_reload_conf()")
            hung = len(posted.acknowledged)
            assert until(lambda: len(posted.acknowledged) > hung + 20)
    assert posted.answers.keys() <= {204, 503}
    assert posted.acknowledged - set(site.stored()) == set()
