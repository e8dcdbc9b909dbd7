"""What is imported is what would have been sent: the same rows, and the same in quarantine."""

import asyncio
import json
from pathlib import Path

import psycopg
import pytest

from receiver.importer.lines import Line
from receiver.importer.run import NUMBERS_MAX, REASONS_MAX, ImportSummary
from receiver.store.credentials.credentials import Role, create_credential
from tests.support.asking import PHONE, notification
from tests.support.callers import Callers
from tests.support.command_line import Ended, run
from tests.support.exported import read_samples
from tests.support.store.database import column, rows

EVENTS = """
SELECT (to_jsonb(event) - '{stored_at,seq,xact}'::text[])::text AS said,
    -- Of binary mode it is composed, in the order of the headers.
    CASE WHEN source <> 'https://operator.example/binary' THEN payload::text END AS payload
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
    counted = [int(line.split()[1]) for line in ended.stdout.splitlines()[:2]]
    assert sum(counted) == len(sent)
    assert f"(lines {len(sent) - 1})" in ended.stdout


def import_(file: Path, *options: str) -> Ended:
    return run("import", str(file), "--credential", "the-sink", *options)


def share_namespace(source: str, target: str) -> None:
    """Makes device ids of two databases the same, and the credential known in both."""
    [namespace] = column(source, "SELECT namespace FROM installation")
    with psycopg.connect(target) as connection:
        connection.execute("UPDATE installation SET namespace = %s", [namespace])
    create_credential(target, "the-sink", Role.SINK, b"x" * 32, None)


def test_a_summary_tells_the_first_lines_of_each_reason() -> None:
    summary = ImportSummary()
    for number in range(1, NUMBERS_MAX + 3):
        summary.refuse(Line(number, b""), "often")
    summary.refuse(Line(99, b""), "once")
    assert summary.compose_text().splitlines() == [
        "stored   0",
        f"refused  {NUMBERS_MAX + 3}",
        f"{NUMBERS_MAX + 2:>7}  often (lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …)",
        "      1  once (lines 99)",
    ]
    for number in range(REASONS_MAX + 5):
        summary.refuse(Line(number, b""), f"reason {number}")
    assert len(summary.compose_text().splitlines()) == 2 + REASONS_MAX + 1
