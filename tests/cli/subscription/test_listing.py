"""`receiver subscription list` prints what became of each subscription."""

import asyncio
import json
import re

import pytest

from receiver.cli.subscription.listing import HEADINGS
from receiver.store.credentials.credentials import Role, create_credential
from receiver.store.events.ingest import Ingest
from receiver.store.subscriptions import counting
from receiver.store.subscriptions.tallies import LISTED_EVENTS
from tests.support.command_line import run
from tests.support.facts import DEVICES, STATUSES, Told


def told(subscription: str, name: str, minute: int) -> Told:
    return Told(DEVICES[0], subscription, name, STATUSES[name][0], minute, 0, 0)


def fill(database: str) -> None:
    create_credential(database, "operator", Role.SINK, b"\1" * 32, None)

    async def store() -> None:
        ingest = Ingest(database, statement_timeout_seconds=10, prepare_threshold=None)
        events = [
            told("s-1", "roaming-on", 1),
            told("s-1", "subscription-ends", 2),
            told("s-2", "connectivity-data", 3),
        ]
        await ingest.commit([event.arrival for event in events])
        await ingest.close()

    asyncio.run(store())
    answer = json.dumps({"id": "s-3", "expiresAt": "2026-01-01T00:00:00Z"})
    added = run("subscription", "add", "-", "--credential", "operator", stdin=answer)
    assert added.status == 0


def test_each_subscription_is_one_line(database: str) -> None:
    fill(database)
    listed = run("subscription", "list")
    assert (listed.status, listed.stderr) == (0, "")
    lines = [re.split(r"  +", line) for line in listed.stdout.splitlines()]
    ended_at = "2026-03-01T12:02:00Z"
    assert lines == [
        [*HEADINGS],
        [
            "operator",
            "s-1",
            "ended, uncovered",
            "2",
            ended_at,
            "-",
            ended_at,
            "SUBSCRIPTION_EXPIRED",
        ],
        ["operator", "s-2", "active", "1", "2026-03-01T12:03:00Z", "-", "-", "-"],
        ["operator", "s-3", "overdue", "0", "-", "2026-01-01T00:00:00Z", "-", "-"],
    ]


def test_a_number_of_events_that_were_not_all_counted_says_so(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "ROUND_EVENTS", 0)
    monkeypatch.setattr(counting, "LIST_SECONDS", -1.0)
    fill(database)

    async def store() -> None:
        ingest = Ingest(database, statement_timeout_seconds=10, prepare_threshold=None)
        events = [told("s-2", "connectivity-data", minute) for minute in range(LISTED_EVENTS)]
        await ingest.commit([event.arrival for event in events if event.minute != 3])
        await ingest.commit([told("s-2", "connectivity-data", 100).arrival])
        await ingest.close()

    asyncio.run(store())
    lines = [re.split(r"  +", line) for line in run("subscription", "list").stdout.splitlines()]
    assert [line[3] for line in lines] == ["EVENTS", "2", f"{LISTED_EVENTS}+", "0"]


def test_json_is_that_of_the_call_and_states_choose(database: str) -> None:
    fill(database)
    listed = run("subscription", "list", "--json", "--state", "overdue", "--state", "active")
    found = json.loads(listed.stdout)
    assert [(one["subscriptionId"], one["state"]) for one in found] == [
        ("s-2", "active"),
        ("s-3", "overdue"),
    ]
    assert found[1]["registered"]["expiresAt"] == "2026-01-01T00:00:00.000000Z"
