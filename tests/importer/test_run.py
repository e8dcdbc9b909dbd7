"""What is imported is what would have been sent: the same rows, and the same in quarantine."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import psycopg
import pytest

from receiver.importer.lines import Line
from receiver.importer.run import NUMBERS_MAX, REASONS_MAX, ImportSummary
from receiver.simulator.plan import Forms, Plan
from receiver.store.credentials.credentials import Role, create_credential
from tests.support.asking import PHONE, notification
from tests.support.callers import Callers
from tests.support.command_line import Ended, run
from tests.support.exported import read_samples
from tests.support.lengths import lengths
from tests.support.store.database import column, rows

EVENTS = """
SELECT (to_jsonb(event) - '{stored_at,seq,xact}'::text[])::text AS said,
    -- Of binary mode it is composed, in the order of the headers.
    CASE WHEN source <> 'https://operator.example/binary' THEN payload::text END AS payload
FROM event ORDER BY digest
"""
# When each was received is not told.
TOLD = """
SELECT (to_jsonb(event) - '{stored_at,seq,xact,received_at}'::text[])::text
FROM event ORDER BY digest
"""
REFUSED = """
SELECT reason, media_type, credential, is_member, encode(body, 'escape') AS body, received_at
FROM quarantine ORDER BY body, reason
"""
BINARY = {
    "content-type": "application/json",
    "ce-specversion": "1.0",
    "ce-id": "binary-1",
    "ce-source": "https://operator.example/binary",
    "ce-type": "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-on",
    "ce-time": "2026-03-01T08:00:00Z",
}


async def test_every_form_makes_the_rows_that_sending_makes_and_again_makes_none(
    callers: Callers,
    conninfo: str,
    module_conninfo: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = [(body, {"content-type": media_type}) for body, media_type in read_samples()]
    batch = json.dumps([notification(1, PHONE, id="b-1"), {"id": 1}, notification(2, PHONE)])
    sent.append((batch.encode(), {"content-type": "application/cloudevents-batch+json"}))
    sent.append((json.dumps({"device": PHONE, "subscriptionId": "s"}).encode(), BINARY))
    lines = []
    for body, headers in sent:
        await callers.sink.post("/notifications", content=body, headers=headers)
        [received_at] = column(
            conninfo,
            "SELECT greatest((SELECT max(received_at) FROM event),"
            " (SELECT max(received_at) FROM quarantine))",
        )
        told = {"receivedAt": received_at, "headers": headers, "body": body.decode()}
        lines.append(json.dumps(told))
    file = tmp_path / "sent.ndjson"
    file.write_text("\n".join(lines))
    share_namespace(conninfo, module_conninfo)
    monkeypatch.setenv("DATABASE_URL", module_conninfo)
    for _ in range(2):
        ended = await asyncio.to_thread(import_, file)
        assert ended.status == 1
        assert rows(module_conninfo, EVENTS) == rows(conninfo, EVENTS)
        assert rows(module_conninfo, REFUSED) == rows(conninfo, REFUSED)
    counted = [int(line.split()[1]) for line in ended.stdout.splitlines()[:3]]
    assert counted[0] == 0
    assert sum(counted) == len(sent)
    assert f"(lines {len(sent) - 1})" in ended.stdout


@pytest.mark.parametrize("count", lengths(400, 100_000))
async def test_what_is_told_in_every_form_is_stored_as_if_it_was_sent(
    callers: Callers,
    conninfo: str,
    module_conninfo: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
) -> None:
    until = datetime.now(UTC) - timedelta(days=1)
    plan = Plan(until=until, count=count, forms=Forms.ALL, batch=3)
    file = tmp_path / "told.ndjson"
    telling = plan.make_notifications()
    with file.open("w") as lines:
        while some := list(islice(telling, 50)):
            sending = [
                callers.sink.post("/notifications", content=one.body, headers=one.headers)
                for one in some
            ]
            assert {answer.status_code for answer in await asyncio.gather(*sending)} == {204}
            for one in some:
                told = {"headers": dict(one.headers), "body": one.body.decode()}
                lines.write(f"{json.dumps(told)}\n")
    share_namespace(conninfo, module_conninfo)
    monkeypatch.setenv("DATABASE_URL", module_conninfo)
    numbers = []
    for _ in range(2):
        ended = await asyncio.to_thread(import_, file)
        assert ended.status == 0
        numbers.append([int(line.split()[1]) for line in ended.stdout.splitlines()])
    [[new, known, _], again] = numbers
    assert again == [0, new + known, 0]
    assert column(module_conninfo, TOLD) == column(conninfo, TOLD)


def import_(file: Path, *options: str) -> Ended:
    return run("import", str(file), "--credential", "the-sink", *options)


def share_namespace(source: str, target: str) -> None:
    """Empties the target; makes device ids of both the same, and the credential known in both."""
    [namespace] = column(source, "SELECT namespace FROM installation")
    with psycopg.connect(target) as connection:
        connection.execute("TRUNCATE event, event_identity, quarantine, credential CASCADE")
        connection.execute("UPDATE installation SET namespace = %s", [namespace])
    create_credential(target, "the-sink", Role.SINK, b"x" * 32, None)


def test_a_summary_tells_the_first_lines_of_each_reason() -> None:
    summary = ImportSummary()
    for number in range(1, NUMBERS_MAX + 3):
        summary.refuse(Line(number, b""), "often")
    summary.refuse(Line(99, b""), "once")
    assert summary.compose_text().splitlines() == [
        "new      0",
        "known    0",
        f"refused  {NUMBERS_MAX + 3}",
        f"{NUMBERS_MAX + 2:>7}  often (lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …)",
        "      1  once (lines 99)",
    ]
    for number in range(REASONS_MAX + 5):
        summary.refuse(Line(number, b""), f"reason {number}")
    assert len(summary.compose_text().splitlines()) == 3 + REASONS_MAX + 1
