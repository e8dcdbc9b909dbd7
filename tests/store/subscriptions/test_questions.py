"""The questions of the ledger are answered by indexes."""

import re
from typing import Any
from uuid import UUID

import psycopg
import pytest

from receiver.projection.ledger import Key
from receiver.store.connections.keyset import Order
from receiver.store.subscriptions.comparing import COMPARED
from receiver.store.subscriptions.questions import (
    NEIGHBOURS,
    SUBSCRIPTIONS,
    LedgerSelection,
    select_keys,
)
from receiver.store.subscriptions.tallies import ARRIVALS, TALLY
from tests.support.filled import blocks, statistics

FILL = """
INSERT INTO subscription (device_id, credential, subscription_id, strength, names, first_at)
SELECT md5(number::text)::uuid, 'operator', 's-' || number, 3, 1, now()
FROM generate_series(1, 20000) AS number
"""
FILL_EVENTS = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, subscription_id, credential,
    occurred_at, received_at, findings, payload
)
SELECT md5(number::text)::uuid, now(), pg_current_xact_id(), '', 'roaming', 'roaming-on', 'type',
    'cloudevents', 's-' || number, 'operator', now(), now(), '{}', '{}'
FROM generate_series(1, 20000) AS number
"""
PARAMETERS: dict[str, Any] = {
    "credential_filter": ["operator"],
    "subscription_filter": ["s-7"],
    "credentials": ["operator"],
    "subscription_ids": ["s-7"],
    "devices": [],
    "ends_before": "2026-01-01",
    "after_credential": "operator",
    "after_subscription": "s-5",
    "tail_credentials": [],
    "tail_subscriptions": [],
    "lately": "2026-01-01",
    "limit": 50,
}


@pytest.fixture(scope="module")
def filled(module_conninfo: str) -> str:
    with psycopg.connect(module_conninfo, autocommit=True) as connection:
        connection.execute(FILL)
        connection.execute(FILL_EVENTS)
        connection.execute("ANALYZE")
    return module_conninfo


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(select_keys(LedgerSelection(), "asc", ("operator", "s-5")), id="next"),
        pytest.param(select_keys(LedgerSelection(), "desc", None), id="last"),
        pytest.param(
            select_keys(LedgerSelection(subscription_ids=["s-7"]), "asc", None), id="filtered"
        ),
        pytest.param(SUBSCRIPTIONS, id="subscriptions"),
        pytest.param(NEIGHBOURS, id="neighbours"),
        pytest.param(TALLY, id="tally"),
        pytest.param(ARRIVALS, id="arrivals"),
        pytest.param(COMPARED, id="compared"),
    ],
)
def test_no_question_reads_the_whole_ledger_or_all_events(filled: str, question: str) -> None:
    with psycopg.connect(filled) as connection:
        explained = connection.execute(f"EXPLAIN {question}", PARAMETERS).fetchall()
    text = "\n".join(line for (line,) in explained)
    assert "Seq Scan on subscription source" not in text
    assert "Seq Scan on subscription " not in text
    # The partitions of the months to come are empty.
    assert re.findall(r"Seq Scan on event_\w+ \w+  \(cost=\S+ rows=(?!1 )", text) == []


@pytest.mark.parametrize("has_statistics", [True, False])
@pytest.mark.parametrize(
    "question",
    [
        pytest.param(select_keys(LedgerSelection(device_id=UUID(int=1)), "asc", None), id="keys"),
        pytest.param(NEIGHBOURS, id="neighbours"),
    ],
)
def test_the_subscriptions_of_some_devices_are_read_device_by_device(
    filled: str, question: str, has_statistics: bool
) -> None:
    with psycopg.connect(filled, autocommit=True) as connection:
        chosen = "SELECT array_agg(device_id) FROM (SELECT device_id FROM subscription LIMIT 50)"
        [(devices,)] = connection.execute(f"{chosen} AS chosen").fetchall()
        with statistics(connection, are_there=has_statistics):
            touched = blocks(connection, question, **PARAMETERS | {"devices": devices})
    assert touched < len(devices) * 4 + 20


@pytest.mark.parametrize(
    ("order", "after", "expected"),
    [
        ("asc", None, ["s-1", "s-10", "s-100"]),
        ("asc", ("operator", "s-1"), ["s-10", "s-100", "s-1000"]),
        ("desc", ("operator", "s-100"), ["s-10", "s-1"]),
    ],
)
def test_keys_follow_the_end_of_a_page(
    filled: str, order: Order, after: Key | None, expected: list[str]
) -> None:
    with psycopg.connect(filled) as connection:
        found = connection.execute(
            select_keys(LedgerSelection(), order, after).encode(),
            PARAMETERS | {"limit": 3} | ({} if after is None else {"after_subscription": after[1]}),
        ).fetchall()
    assert [subscription_id for _, subscription_id in found] == expected
