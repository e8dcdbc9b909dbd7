"""What an answer about senders touches of a database, however much is stored."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from receiver.store.senders import questions
from receiver.store.senders.senders import NO_END
from tests.support.explaining import blocks

EVENTS = 8_000
LIMIT = 500

FILL = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, source, credential, occurred_at,
    received_at, findings, payload
)
SELECT md5(number::text)::uuid, now() + number * interval '1 second', pg_current_xact_id(),
    decode(md5('digest' || number), 'hex'), 'connectivity', 'connectivity-data', 'type',
    'cloudevents', 'source-' || number %% 3, 'operator', now() - number * interval '2 minutes',
    now() - number * interval '1 minute', '{time-without-zone}', to_json(repeat('x', 1500))
FROM generate_series(0, %s::int) AS number
"""
FILL_IDENTITIES = """
INSERT INTO event_identity (sent_at, device_id, digest, deliveries, last_arrival)
SELECT occurred_at, device_id, digest, 1, gen_random_uuid() FROM event
"""
FILL_QUARANTINE = """
INSERT INTO quarantine (received_at, credential, reason, headers, body, state)
SELECT now() - number * interval '1 minute', 'operator', 'wrong ' || number, '{}',
    convert_to(repeat('x', 1500), 'UTF8'), 'refused'
FROM generate_series(0, %s::int) AS number
"""
# Of an event its block, and three to look its deliveries up. All events have 1,600 blocks, and so
# have all refusals.
BLOCKS_OF_AN_EVENT = 4
BLOCKS_OF_A_REFUSAL = 1

OF_EVENTS = {"limit": LIMIT, "step": 3600, "senders": 100, "credentials": []}


@pytest.fixture(scope="module")
def filled(module_conninfo: str) -> Iterator[psycopg.Connection]:
    """A connection to a database with hours of events, from now on, and days of refusals."""
    with psycopg.connect(module_conninfo, autocommit=True) as connection:
        connection.execute(FILL, [EVENTS])
        connection.execute(FILL_IDENTITIES)
        connection.execute(FILL_QUARANTINE, [EVENTS])
        connection.execute("ANALYZE")
        yield connection


@pytest.mark.parametrize("days", [1, 31])
def test_the_newest_events_of_a_window_are_read_and_no_others(
    filled: psycopg.Connection, days: int
) -> None:
    window = {"start": datetime.now(UTC) - timedelta(days=days), "end": NO_END}
    parameters = {**window, **OF_EVENTS, "is_by_source": True}
    assert blocks(filled, questions.EVENTS, **parameters) < LIMIT * BLOCKS_OF_AN_EVENT + 100


def test_a_credential_that_sends_nothing_is_not_looked_for_in_all_events(
    filled: psycopg.Connection,
) -> None:
    window = {"start": datetime.now(UTC) - timedelta(days=31), "end": NO_END}
    parameters = {**window, **OF_EVENTS, "is_by_source": False, "credentials": ["nobody"]}
    assert blocks(filled, questions.EVENTS, **parameters) < LIMIT * BLOCKS_OF_AN_EVENT + 100


def test_a_window_in_the_past_is_begun_where_it_ends(filled: psycopg.Connection) -> None:
    end = datetime.now(UTC) + timedelta(seconds=2 * LIMIT)
    window = {"start": end - timedelta(days=1), "end": end}
    parameters = {**window, **OF_EVENTS, "is_by_source": True}
    assert blocks(filled, questions.EVENTS, **parameters) < LIMIT * BLOCKS_OF_AN_EVENT + 100


def test_the_newest_refusals_of_a_window_are_read_and_no_others(
    filled: psycopg.Connection,
) -> None:
    window = {"start": datetime.now(UTC) - timedelta(days=31), "end": NO_END}
    parameters = {**window, "limit": LIMIT, "reasons": 200, "credentials": []}
    assert blocks(filled, questions.REFUSALS, **parameters) < LIMIT * BLOCKS_OF_A_REFUSAL + 100


def test_what_waits_is_counted_up_to_a_limit(filled: psycopg.Connection) -> None:
    assert blocks(filled, questions.WAITING, limit=LIMIT) < LIMIT + 100
