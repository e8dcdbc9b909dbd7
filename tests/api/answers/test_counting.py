"""What `/metrics` tells, through the whole service."""

import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from receiver.app import tasks
from receiver.app.application import create_app
from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    revoke_credential,
    token_digest,
)
from receiver.store.schema.partitions import MONTHS_AHEAD
from tests.support.callers import Callers
from tests.support.exposition import families, value

Call = Callable[[Callers], Awaitable[Any]]
REFUSED: dict[str, Any] = {**NOTIFICATION, "time": "never"}


async def scrape(callers: Callers) -> str:
    answer = await callers.nobody.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


ANSWERS: list[tuple[Call, tuple[str, int, str]]] = [
    (lambda c: c.post(NOTIFICATION), ("notifications", 204, "ok")),
    (lambda c: c.post(LEGACY_NOTIFICATION), ("notifications", 204, "ok")),
    (lambda c: c.post(REFUSED), ("notifications", 400, "notification-refused")),
    (lambda c: c.nobody.post("/notifications"), ("notifications", 401, "token-missing")),
    (
        lambda c: c.nobody.post("/notifications", headers={"authorization": "Bearer x"}),
        ("notifications", 401, "token-unknown"),
    ),
    (lambda c: c.reader.post("/notifications"), ("notifications", 403, "permission-denied")),
    (lambda c: c.nobody.get("/notifications"), ("notifications", 405, "method-not-allowed")),
    (
        lambda c: c.sink.post("/notifications", content=bytes(300_000)),
        ("notifications", 413, "body-too-large"),
    ),
    (
        lambda c: c.post(NOTIFICATION, headers={"content-type": "text/plain"}),
        ("notifications", 415, "media-type-unsupported"),
    ),
    (lambda c: c.reader.get("/events"), ("questions", 200, "ok")),
    (lambda c: c.reader.get("/events?limit=0"), ("questions", 400, "invalid-argument")),
    (lambda c: c.reader.get("/events/x"), ("questions", 404, "event-not-found")),
    (lambda c: c.nobody.get("/+99999991000"), ("other", 404, "not-found")),
]


@pytest.mark.parametrize(("call", "counted"), ANSWERS)
async def test_an_answer_is_counted_once_by_call_status_and_reason(
    callers: Callers, call: Call, counted: tuple[str, int, str]
) -> None:
    await call(callers)
    total = families(await scrape(callers))["receiver_answers"].samples
    found = [(sample.labels, sample.value) for sample in total if sample.value]
    assert found == [(dict(zip(("call", "status", "reason"), map(str, counted), strict=True)), 1.0)]


async def test_a_fault_of_our_own_is_counted_as_internal(callers: Callers) -> None:
    async def broken() -> None:
        raise RuntimeError

    callers.app.add_api_route("/broken", broken)
    await callers.nobody.get("/broken")
    labels = {"call": "other", "status": "500", "reason": "internal"}
    assert value(await scrape(callers), "receiver_answers_total", labels) == 1


async def test_a_revoked_and_an_expired_token_are_told_apart(
    callers: Callers, conninfo: str
) -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    create_credential(conninfo, "late", Role.SINK, token_digest("late"), past)
    create_credential(conninfo, "gone", Role.SINK, token_digest("gone"), None)
    revoke_credential(conninfo, "gone")
    for token, reason in (("late", "token-expired"), ("gone", "token-revoked")):
        headers = {"authorization": f"Bearer {token}"}
        await callers.nobody.post("/notifications", headers=headers)
        labels = {"call": "notifications", "status": "401", "reason": reason}
        assert value(await scrape(callers), "receiver_answers_total", labels) == 1


async def test_a_commit_shows_its_batch_and_its_time(callers: Callers) -> None:
    batch = [{**NOTIFICATION, "id": str(number)} for number in range(7)]
    answer = await callers.post(
        batch, headers={"content-type": "application/cloudevents-batch+json"}
    )
    assert answer.status_code == 204
    text = await scrape(callers)
    assert value(text, "receiver_batch_notifications_sum") == 7
    commits = value(text, "receiver_batch_notifications_count")
    assert commits == value(text, "receiver_commit_seconds_count")
    assert commits in range(1, 8)
    assert value(text, "receiver_queue_notifications") == 0
    assert value(text, "receiver_queue_limit_notifications") == 10_000


async def test_a_refused_notification_shows_in_the_quarantine(callers: Callers) -> None:
    await callers.post(REFUSED)
    text = await scrape(callers)
    labels = {"credential": "the-sink"}
    assert value(text, "receiver_quarantined_notifications_total", labels) == 1
    assert value(text, "receiver_quarantine_rows") == 1


async def test_a_service_that_is_well_says_so(callers: Callers) -> None:
    text = await scrape(callers)
    assert value(text, "receiver_ready") == 1
    assert value(text, "receiver_database_up") == 1
    assert value(text, "receiver_partitions_ahead") == MONTHS_AHEAD


@pytest.fixture
def nobody_makes_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a gap stays: the service begins by filling it, at a moment of its own."""

    async def make_none(_conninfo: str) -> None:
        pass

    monkeypatch.setattr(tasks, "make_partitions_ahead", make_none)


async def test_partitions_behind_a_gap_are_not_ahead(
    nobody_makes_partitions: None, callers: Callers, conninfo: str
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        names = connection.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'event'::regclass ORDER BY 1"
        ).fetchall()
        connection.execute(f"DROP TABLE {names[2][0]}")
    assert value(await scrape(callers), "receiver_partitions_ahead") == 1


async def test_every_credential_that_is_not_revoked_shows_the_time_it_has_left(
    callers: Callers, conninfo: str
) -> None:
    in_ten_days = datetime.now(UTC) + timedelta(days=10)
    create_credential(conninfo, "brief", Role.SINK, token_digest("brief"), in_ten_days)
    create_credential(conninfo, "gone", Role.SINK, token_digest("gone"), None)
    revoke_credential(conninfo, "gone")
    # Makes the service look at the credentials anew.
    await callers.nobody.post("/notifications", headers={"authorization": "Bearer unknown"})
    left = {
        (sample.labels["credential"], sample.labels["role"]): sample.value
        for sample in families(await scrape(callers))["receiver_credential_left_seconds"].samples
    }
    assert 9 < left.pop(("brief", "sink")) / 86_400 < 10
    assert left == {(f"the-{role}", str(role)): math.inf for role in Role}


async def test_the_last_arrival_of_a_credential_shows_also_in_a_process_that_begins_later(
    callers: Callers, settings: Settings
) -> None:
    labels = {"credential": "the-sink"}
    name = "receiver_last_received_timestamp_seconds"
    assert value(await scrape(callers), name, labels) is None
    await callers.post(NOTIFICATION)
    [event] = await callers.history(device={"phoneNumber": "+99999991000"})
    received_at = datetime.fromisoformat(event["receivedAt"]).timestamp()
    assert value(await scrape(callers), name, labels) == pytest.approx(received_at, abs=1e-5)
    later = create_app(settings)
    transport = httpx.ASGITransport(later)
    async with (
        later.router.lifespan_context(later),
        httpx.AsyncClient(transport=transport, base_url="http://later.invalid") as client,
    ):
        text = (await client.get("/metrics")).text
    assert value(text, name, labels) == pytest.approx(received_at, abs=1e-5)


async def test_a_database_that_is_away_leaves_the_scrape_what_the_process_knows(
    callers: Callers, conninfo: str
) -> None:
    await callers.post(NOTIFICATION)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("ALTER TABLE quarantine RENAME TO quarantine_away")
    text = await scrape(callers)
    assert value(text, "receiver_database_up") == 0
    assert value(text, "receiver_ready") == 0
    assert "receiver_quarantine_rows" not in families(text)
    labels = {"call": "notifications", "status": "204", "reason": "ok"}
    assert value(text, "receiver_answers_total", labels) == 1
    left = {"credential": "the-sink", "role": "sink"}
    assert value(text, "receiver_credential_left_seconds", left) == math.inf


async def test_nothing_personal_or_sent_by_a_stranger_becomes_a_label(callers: Callers) -> None:
    await callers.post(NOTIFICATION)
    await callers.post(LEGACY_NOTIFICATION)
    await callers.post({**REFUSED, "time": "+99999991000"})
    await callers.nobody.post("/notifications", headers={"authorization": "Bearer s3cret"})
    await callers.reader.get("/devices/+99999991000")
    await callers.reader.post("/devices/retrieve", json={"device": {"phoneNumber": "+99999991000"}})
    [*events] = await callers.history(device={"phoneNumber": "+99999991000"})
    text = await scrape(callers)
    for family in families(text).values():
        for sample in family.samples:
            assert set(sample.labels) <= {
                "call", "status", "reason", "credential", "role", "task", "le",
            }  # fmt: skip
            known = {"the-sink", "the-reader", "the-admin"}
            assert sample.labels.get("credential", "the-sink") in known
    for secret in ("99999991000", "s3cret", str(NOTIFICATION["source"]), events[0]["deviceId"]):
        assert secret not in text
