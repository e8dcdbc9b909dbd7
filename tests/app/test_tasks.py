"""The background tasks of a serving process: each is registered, and each run does its work."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from starlette.types import Scope
from structlog.testing import capture_logs

from receiver.api.access.attempts import Attempts
from receiver.api.access.tokens.access_tokens import AccessTokens
from receiver.api.access.tokens.authorization_server import AuthorizationServer as Trusted
from receiver.api.questions.stream.fan_out import FanOut
from receiver.app.background import PeriodicTask
from receiver.app.tasks import periodic_tasks
from receiver.settings.settings import Settings
from receiver.store.connections.engine import question_engine
from receiver.store.credentials.book import CredentialBook
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    list_credentials,
    rotate_credential,
    token_digest,
)
from receiver.store.following.feed import Feed
from receiver.store.projector.projecting import Projection
from receiver.store.quarantine.bounds import QuarantineBounds
from receiver.store.schema.partitions import read_coverage
from receiver.store.subscriptions.ledger import Ledger
from receiver.store.subscriptions.watch import Watch
from tests.support.ageing import make_month
from tests.support.arrivals import arrival
from tests.support.authorization_server import AUDIENCE, AuthorizationServer, authorization_server
from tests.support.paths import DOCS, ROOT
from tests.support.spooling import Database, Way, spool_in
from tests.support.store.database import column
from tests.support.store.history import store
from tests.support.tables import change

DIGEST = token_digest("a-token")
NOW = datetime(2026, 4, 17, tzinfo=UTC)
KEEP_STORED = """
INSERT INTO quarantine (received_at, credential, reason, headers, body, state)
VALUES (now(), 'operator', 'r', '{}', '', 'stored')
"""
STRANGER: Scope = {"type": "http", "client": ("198.51.100.7", 4711), "headers": []}


@dataclass(frozen=True, slots=True)
class Parts:
    """What the tasks work on, what makes them of other settings, and the tasks by name."""

    credentials: CredentialBook
    attempts: Attempts
    quarantine_bounds: QuarantineBounds
    fetched_at: list[datetime]
    stored: asyncio.Event
    partition_missing: asyncio.Event
    way: Way
    tasks_of: Callable[..., list[PeriodicTask]]
    tasks: dict[str, PeriodicTask]


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with authorization_server() as running:
        yield running


@pytest.fixture
async def parts(
    settings: Settings, conninfo: str, server: AuthorizationServer, tmp_path: Path
) -> AsyncIterator[Parts]:
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=5, prepare_threshold=None
    )
    credentials = CredentialBook(engine, trust_seconds=3600)
    attempts = Attempts(10, (), lambda: 0.0)
    quarantine_bounds = QuarantineBounds(engine, limit_bytes=1000, share=1.0, age_limit_days=30)
    fetched_at: list[datetime] = []
    access_tokens = AccessTokens(
        Trusted(server.issuer, AUDIENCE, server.jwks_url, {}),
        credentials,
        clock=lambda: NOW,
        note_key_fetch=fetched_at.append,
    )
    stored, partition_missing = asyncio.Event(), asyncio.Event()
    projection = Projection(conninfo, statement_timeout_seconds=5, prepare_threshold=None)
    way = Way(spool_in(tmp_path / "spool"), Database())
    tasks_of = partial(
        periodic_tasks,
        conninfo=conninfo,
        credentials=credentials,
        attempts=attempts,
        access_tokens=access_tokens,
        quarantine_bounds=quarantine_bounds,
        projection=projection,
        watch=Watch(Ledger(engine)),
        fan_out=FanOut(Feed(engine, "snapshot")),
        stored=stored,
        partition_missing=partition_missing,
        drain=way.drain,
    )
    async with access_tokens.open():
        yield Parts(
            credentials=credentials,
            attempts=attempts,
            quarantine_bounds=quarantine_bounds,
            fetched_at=fetched_at,
            stored=stored,
            partition_missing=partition_missing,
            way=way,
            tasks_of=tasks_of,
            tasks={task.name: task for task in tasks_of(settings)},
        )
    await way.spool.aclose()
    await projection.close()
    await engine.dispose()


DAY = 86_400
# Name, interval, pause after a failure, at the start, required, exclusive.
REGISTERED = [
    ("credentials", 2, 2, False, True, False),
    ("credential-uses", 60, 60, False, False, False),
    ("credential-expiry", DAY, 300, True, False, False),
    ("failed-attempts", 60, 60, False, False, False),
    ("partitions", DAY, 300, True, False, True),
    ("retention", DAY, 300, True, False, True),
    ("quarantine-sweep", DAY, 300, True, False, True),
    ("projection-sweep", DAY, 300, False, False, True),
    ("projection", 1, 1, True, False, False),
    ("stream", 0.5, 1, True, False, False),
    ("subscriptions", 300, 300, False, False, False),
    ("keys", 300, 10, True, False, False),
    ("spool", 1, 60, True, False, False),
]


async def test_each_task_is_registered_with_its_interval_and_its_pause(parts: Parts) -> None:
    assert [
        (
            task.name,
            task.every_seconds,
            task.retry_seconds,
            task.is_due_at_start,
            task.is_required,
            task.is_exclusive,
        )
        for task in parts.tasks.values()
    ] == REGISTERED


async def test_there_is_nothing_to_drain_without_a_spool(parts: Parts, settings: Settings) -> None:
    tasks = parts.tasks_of(settings, drain=None)
    assert [task.name for task in tasks] == [name for name, *_ in REGISTERED if name != "spool"]


async def test_spool_stores_what_lies_there_and_is_woken_when_something_does(parts: Parts) -> None:
    spooling = parts.tasks["spool"]
    assert spooling.wake is parts.way.overflow.opened
    await parts.way.spool.append([arrival()])
    await spooling.run_once()
    assert len(parts.way.database.stored) == 1


async def test_there_are_no_keys_to_fetch_without_an_authorization_server(
    parts: Parts, settings: Settings
) -> None:
    tasks = parts.tasks_of(settings, access_tokens=None)
    assert [task.name for task in tasks] == [name for name, *_ in REGISTERED if name != "keys"]


@pytest.mark.parametrize(
    ("setting", "name", "seconds", "every_seconds", "retry_seconds"),
    [
        ("credential_refresh_seconds", "credentials", 7, 7, 7),
        # No look at the credentials comes sooner after the last.
        ("credential_refresh_seconds", "credentials", 0.01, 0.25, 0.25),
        ("jwt_refresh_seconds", "keys", 900, 900, 10),
        ("jwt_refresh_seconds", "keys", 3, 3, 3),
    ],
)
async def test_the_settings_decide_how_often_credentials_and_keys_are_read(
    settings: Settings,
    setting: str,
    name: str,
    seconds: float,
    every_seconds: float,
    retry_seconds: float,
    parts: Parts,
) -> None:
    changed = settings.model_copy(update={setting: seconds})
    [task] = [task for task in parts.tasks_of(changed) if task.name == name]
    assert (task.every_seconds, task.retry_seconds) == (every_seconds, retry_seconds)


async def test_credentials_reads_those_that_were_made_meanwhile(
    parts: Parts, conninfo: str
) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    assert parts.credentials.remembered(DIGEST) is None
    await parts.tasks["credentials"].run_once()
    assert parts.credentials.remembered(DIGEST) is not None


async def test_credential_uses_writes_when_a_credential_was_used(
    parts: Parts, conninfo: str
) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    parts.credentials.note_use("operator", NOW)
    await parts.tasks["credential-uses"].run_once()
    assert [listed.last_used_at for listed in list_credentials(conninfo)] == [NOW]


async def test_credential_expiry_warns_of_a_credential_whose_last_token_expires_soon(
    parts: Parts, conninfo: str
) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    create_credential(conninfo, "brief", Role.SINK, DIGEST, tomorrow)
    create_credential(conninfo, "lasting", Role.SINK, token_digest("another"), None)
    rotated = token_digest("before"), token_digest("after")
    create_credential(conninfo, "rotated", Role.SINK, rotated[0], None)
    rotate_credential(conninfo, "rotated", rotated[1], None, overlap=timedelta(hours=24))
    await parts.credentials.refresh()
    with capture_logs() as logs:
        await parts.tasks["credential-expiry"].run_once()
    assert [(line["event"], line["credential"]) for line in logs] == [
        ("credential expires soon", "brief")
    ]


async def test_failed_attempts_tells_of_them_once(parts: Parts) -> None:
    parts.attempts.note_failure(STRANGER)
    with capture_logs() as logs:
        await parts.tasks["failed-attempts"].run_once()
        await parts.tasks["failed-attempts"].run_once()
    assert [(line["event"], line["attempts"]) for line in logs] == [("authentications failed", 1)]


async def test_partitions_makes_one_that_is_missing_and_names_it(
    parts: Parts, conninfo: str
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        last = max(read_coverage(connection).attached)
        await change(conninfo, f"DROP TABLE {last}")
        with capture_logs() as logs:
            await parts.tasks["partitions"].run_once()
            await parts.tasks["partitions"].run_once()
        assert last in read_coverage(connection).attached
    assert logs == [{"event": "partitions made", "log_level": "info", "names": [last]}]


async def test_partitions_is_woken_where_one_is_missing_but_not_at_each_try(parts: Parts) -> None:
    assert parts.tasks["partitions"].wake is parts.partition_missing
    assert parts.tasks["partitions"].rest_seconds == 1


async def test_retention_drops_months_that_are_due_and_is_woken_where_more_is_left(
    parts: Parts, conninfo: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = make_month(conninfo, 3)
    [keeping] = [task for task in parts.tasks.values() if task.name == "retention"]
    await keeping.run_once()
    await parts.tasks["projection"].run_once()
    await parts.tasks["projection"].run_once()
    changed = settings.model_copy(update={"retention_months": 1})
    [dropping] = [task for task in parts.tasks_of(changed) if task.name == "retention"]
    assert dropping.wake is not None
    with capture_logs() as logs:
        await dropping.run_once()
    assert [(line["event"], line["names"]) for line in logs] == [("months dropped", [month])]
    assert not dropping.wake.is_set()

    async def has_more(_conninfo: str, _months: int | None) -> bool:
        return True

    monkeypatch.setattr("receiver.app.tasks.drop_old_months", has_more)
    await dropping.run_once()
    assert dropping.wake.is_set()


async def test_quarantine_sweep_deletes_what_is_stored_and_says_how_much(
    parts: Parts, conninfo: str
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(KEEP_STORED)
        with capture_logs() as logs:
            await parts.tasks["quarantine-sweep"].run_once()
            await parts.tasks["quarantine-sweep"].run_once()
        assert connection.execute("SELECT FROM quarantine").fetchall() == []
    assert logs == [{"event": "quarantine swept", "log_level": "info", "deleted": 1}]


async def test_quarantine_sweep_is_woken_when_the_quarantine_is_full(parts: Parts) -> None:
    assert parts.tasks["quarantine-sweep"].wake is parts.quarantine_bounds.crowded
    wakened = [name for name, task in parts.tasks.items() if task.wake]
    assert wakened == [
        "partitions",
        "retention",
        "quarantine-sweep",
        "projection",
        "stream",
        "spool",
    ]


async def test_projection_derives_what_is_stored_and_is_woken_by_each_commit(
    parts: Parts, conninfo: str
) -> None:
    await store(conninfo, [arrival()])
    await parts.tasks["projection"].run_once()
    assert column(conninfo, "SELECT count(*) > 0 FROM device_status") == ["True"]
    assert parts.tasks["projection"].wake is parts.stored
    assert parts.tasks["projection"].rest_seconds > 0
    assert parts.tasks["projection"].rest_factor > 1


async def test_keys_fetches_them(parts: Parts, server: AuthorizationServer) -> None:
    before = (server.fetches, len(parts.fetched_at))
    await parts.tasks["keys"].run_once()
    assert (server.fetches, len(parts.fetched_at)) == (before[0] + 1, before[1] + 1)


def test_the_page_for_operators_explains_each_task() -> None:
    page = (DOCS / "operating.md").read_text(encoding="utf-8")
    section = page.partition("### Background tasks\n")[2].partition("\n### ")[0]
    assert re.findall(r"(?m)^\| `([a-z-]+)` \|", section) == [name for name, *_ in REGISTERED]


def test_a_task_that_goes_on_failing_fails_within_the_window_of_its_alert() -> None:
    alerts = (ROOT / "deploy" / "alerts.yaml").read_text(encoding="utf-8")
    [minutes] = re.findall(r"receiver_task_failures_total\[(\d+)m\]", alerts)
    assert max(retry for _, _, retry, *_ in REGISTERED) < int(minutes) * 60
