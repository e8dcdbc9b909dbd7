"""What each sender sent, against the events themselves and against the reports."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import DatabaseAway
from receiver.store.credentials.credentials import Role, create_credential
from receiver.store.events.ingest import Ingest
from receiver.store.senders import questions
from receiver.store.senders import senders as room
from receiver.store.senders.senders import SHARED_SECONDS, Senders
from receiver.store.senders.sent import SendersSelection
from tests.support.ageing import make_month
from tests.support.arrivals import MORNING, arrival
from tests.support.refused import keep
from tests.support.store.database import rows

# What tests commit is stored now, whatever arrival they say.
HOUR = 3600


def today() -> SendersSelection:
    return SendersSelection(datetime.now(UTC) - timedelta(days=1), None, HOUR)


@pytest.fixture
def senders(engine: AsyncEngine) -> Senders:
    return Senders(engine)


SOURCE = "https://operator.example/subscriptions/s-1"


async def fill(ingest: Ingest) -> None:
    """Stores events of three senders, some delivered again, with findings and without."""
    received = datetime.now(UTC)

    def sent(number: int, late_seconds: float = 5, **changed: Any) -> Any:
        occurred_at = received - timedelta(seconds=late_seconds)
        return arrival(number, occurred_at=occurred_at, **changed)._replace(received_at=received)

    await ingest.commit(
        [
            sent(1),
            sent(1),
            sent(1),
            sent(2, late_seconds=600),
            sent(3, late_seconds=-30, findings=("time-in-future",)),
            sent(4, findings=()),
            sent(5, source=None)._replace(credential="other"),
            sent(6, source="")._replace(credential="other"),
        ]
    )
    await ingest.commit([sent(7, findings=("time-without-zone", "phone-number-without-plus"))])


OF_SENDERS = """
SELECT credential, source, sum(events)::int AS events, sum(duplicates)::int AS duplicates,
    sum(ahead)::int AS ahead, max(lateness_p50_seconds)::float8 AS p50,
    max(lateness_p99_seconds)::float8 AS p99, max(lateness_max_seconds)::float8 AS most
FROM reporting.sender GROUP BY credential, source
"""
OF_FINDINGS = """
SELECT credential, source, finding, day, sum(events)::int AS events,
    max(last_received_at) AS latest_at
FROM reporting.finding GROUP BY credential, source, finding, day
"""


async def test_the_answer_agrees_with_the_reports(
    senders: Senders, ingest: Ingest, conninfo: str
) -> None:
    await fill(ingest)
    sent = await senders.ask(today())
    reported = {(row["credential"], row["source"]): row for row in rows(conninfo, OF_SENDERS)}
    assert len(sent.senders) == len(reported) == 3
    for sender in sent.senders:
        row = reported[sender.credential, sender.source]
        assert (sender.events, sender.duplicates, sender.ahead) == (
            row["events"],
            row["duplicates"],
            row["ahead"],
        )
        assert sender.lateness == (row["p50"], row["p99"], row["most"])
        assert sum(slot.events for slot in sender.slots) == sender.events
    found = [
        (sender.credential, sender.source, one.finding, one.day, one.events, one.latest_at)
        for sender in sent.senders
        for one in sender.findings
    ]
    assert sorted(found, key=str) == sorted(
        (tuple(row.values()) for row in rows(conninfo, OF_FINDINGS)), key=str
    )


async def test_a_finding_names_the_event_that_shows_it_last(
    senders: Senders, ingest: Ingest, conninfo: str
) -> None:
    await fill(ingest)
    [sender] = [one for one in (await senders.ask(today())).senders if one.source == SOURCE]
    shown = {one.finding: one.latest_id for one in sender.findings}
    events = rows(conninfo, "SELECT event_id, sender_event_id FROM reporting.event")
    ids = {row["event_id"]: row["sender_event_id"] for row in events}
    assert {finding: ids[event_id] for finding, event_id in shown.items()} == {
        "time-without-zone": "event-7",
        "phone-number-without-plus": "event-7",
        "time-in-future": "event-3",
    }


async def test_no_source_and_an_empty_one_are_two_senders(senders: Senders, ingest: Ingest) -> None:
    received = datetime.now(UTC)
    await ingest.commit(
        [
            arrival(number, source=source)._replace(received_at=received)
            for number, source in enumerate((None, "", "="))
        ]
    )
    sent = await senders.ask(today())
    assert {one.source for one in sent.senders} == {None, "", "="}


async def test_all_sources_of_a_credential_count_together_where_that_is_asked(
    senders: Senders, ingest: Ingest
) -> None:
    await fill(ingest)
    by_credential = replace(today(), is_by_source=False)
    sent = await senders.ask(by_credential)
    assert [(one.credential, one.source, one.sources, one.events) for one in sent.senders] == [
        ("operator", None, 1, 5),
        ("other", None, 2, 2),
    ]
    by_source = await senders.ask(today())
    assert [one.sources for one in by_source.senders] == [None] * 3
    assert sent.senders[0].findings == by_source.senders[0].findings


async def test_a_question_for_a_credential_is_answered_about_no_other(
    senders: Senders, ingest: Ingest, conninfo: str
) -> None:
    await fill(ingest)
    create_credential(conninfo, "silent", Role.SINK, b"1" * 32, None)
    keep(conninfo, b"{", credential="operator", received_at=datetime.now(UTC).isoformat())
    sent = await senders.ask(replace(today(), credentials=("other",)))
    assert {one.credential for one in sent.senders} == {"other"}
    assert (sent.refusals, sent.admitted, sent.is_complete) == ([], [], True)
    silent = await senders.ask(replace(today(), credentials=("silent",)))
    assert (silent.senders, [one.credential for one in silent.admitted]) == ([], ["silent"])


async def test_beyond_the_limit_the_newest_events_count_and_the_answer_says_so(
    engine: AsyncEngine, ingest: Ingest
) -> None:
    for number in range(6):
        await ingest.commit([arrival(number)])
    window = today()
    part = await Senders(engine, looked_events=4).ask(window)
    assert (part.is_complete, part.senders[0].events) == (False, 4)
    assert part.counted_from > window.start
    whole = await Senders(engine, looked_events=7).ask(window)
    assert (whole.is_complete, whole.senders[0].events) == (True, 6)
    assert whole.counted_from == window.start


async def test_senders_beyond_the_limit_are_counted(
    senders: Senders, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "SENDERS_MAX", 2)
    await fill(ingest)
    sent = await senders.ask(today())
    assert ([one.events for one in sent.senders], sent.left_out) == ([5, 1], 1)


async def test_the_window_is_of_the_time_of_storing(senders: Senders, ingest: Ingest) -> None:
    await ingest.commit([arrival(1)])
    before = SendersSelection(MORNING, datetime.now(UTC) - timedelta(hours=1), HOUR)
    assert (await senders.ask(before)).senders == []
    assert len((await senders.ask(today())).senders) == 1


async def test_a_sender_is_silent_by_its_own_rhythm(
    senders: Senders, ingest: Ingest, conninfo: str
) -> None:
    for number in range(10):
        await ingest.commit([arrival(number)])
    window = today()
    # On the first of a month, an hour ago was another one.
    make_month(conninfo, 1)
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE event SET stored_at = stored_at - interval '61 minutes'")
    [sender] = (await senders.ask(window)).senders
    assert sender.is_silent
    assert sender.longest_pause_seconds is not None
    past = SendersSelection(window.start, datetime.now(UTC) - timedelta(minutes=30), HOUR)
    [sender] = (await senders.ask(past)).senders
    assert not sender.is_silent


REASONS = "UPDATE quarantine SET reason = 'line ' || id || ': not RFC 3339'"


async def test_refusals_count_by_reason_without_numbers(senders: Senders, conninfo: str) -> None:
    now = datetime.now(UTC).isoformat()
    for credential in ("one", "one", "two"):
        keep(conninfo, b"{", credential=credential, received_at=now)
    keep(conninfo, b"{", received_at="2020-01-01T00:00:00Z")
    with psycopg.connect(conninfo) as connection:
        connection.execute(REASONS)
        connection.execute("UPDATE quarantine SET state = 'stored' WHERE id = 2")
    sent = await senders.ask(today())
    assert [
        (one.credential, one.reason, one.notifications, one.waiting, one.latest_key)
        for one in sent.refusals
    ] == [("one", "line N: not RFC 3339", 2, 1, 2), ("two", "line N: not RFC 3339", 1, 1, 3)]
    assert sent.waiting == 3


async def test_credentials_that_may_send_are_told_whether_they_did_or_not(
    senders: Senders, conninfo: str
) -> None:
    create_credential(conninfo, "silent", Role.SINK, b"1" * 32, None)
    create_credential(conninfo, "expired", Role.SINK, b"2" * 32, datetime(2020, 1, 1, tzinfo=UTC))
    create_credential(conninfo, "asks", Role.READER, b"3" * 32, None)
    sent = await senders.ask(today())
    assert [(one.credential, one.last_used_at) for one in sent.admitted] == [("silent", None)]


async def test_those_who_ask_at_once_share_an_answer_for_some_seconds(
    engine: AsyncEngine, ingest: Ingest
) -> None:
    now = 0.0
    senders = Senders(engine, timer=lambda: now)
    window = today()
    first, second = await asyncio.gather(senders.ask(window), senders.ask(window))
    assert first is second
    await ingest.commit([arrival(1)])
    assert (await senders.ask(window)).senders == []
    now = SHARED_SECONDS
    assert len((await senders.ask(window)).senders) == 1


async def test_whoever_waits_for_others_in_vain_is_told(
    senders: Senders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "DEADLINE_SECONDS", 0.01)
    await senders._turn.acquire()
    with pytest.raises(DatabaseAway):
        await senders.ask(today())
