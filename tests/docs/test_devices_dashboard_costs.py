"""`deploy/grafana-devices.json`: the status of one device costs what that device has."""

from datetime import UTC, datetime, timedelta

import psycopg

from tests.support.dashboards import Look, questions
from tests.support.filled import blocks
from tests.support.paths import ROOT

# Blocks of 8 KiB, of a table of events that has thousands.
BLOCKS_MAX = 600


def test_the_status_of_one_device_does_not_cost_what_the_fleet_has(
    filled: psycopg.Connection,
) -> None:
    device = filled.execute("SELECT device_id::text FROM event LIMIT 1").fetchone()
    assert device is not None
    now = datetime.now(UTC)
    look = Look(now - timedelta(days=7), now, timedelta(hours=1), device[0])
    touched = {
        question.sql: blocks(filled, look.ask(question.sql))
        for question in questions(ROOT / "deploy" / "grafana-devices.json")
        if question.type_ == "state-timeline"
    }
    assert len(touched) == 3
    assert max(touched.values()) < BLOCKS_MAX, touched
