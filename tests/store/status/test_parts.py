"""An answer costs what its device costs, however many others there are."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from receiver.events.axes import Axis
from receiver.store.derived import behind, evidence_questions
from receiver.store.derived.position import (
    BEGAN_LATELY,
    BEHIND,
    NOTHING_BEHIND,
    STORED_SINCE,
)
from receiver.store.events.paging.statements import page_statement
from receiver.store.events.selection import Selection
from receiver.store.projector import projecting
from receiver.store.projector.feeds import OVERLAPPING, SNAPSHOT, compose_step
from receiver.store.status import beginnings, parts
from tests.support.filled import TAIL_EVENTS, asked, blocks, position, statistics
from tests.support.store.database import written

BLOCKS_MAX = 400
LATELY = (BEGAN_LATELY,)


@pytest.fixture
def device(filled: psycopg.Connection) -> Any:
    [(device_id,)] = filled.execute("SELECT device_id FROM device_status LIMIT 1").fetchall()
    return device_id


@pytest.mark.parametrize("has_statistics", [True, False])
@pytest.mark.parametrize(
    "question",
    [
        pytest.param(behind.BACKLOG, id="backlog"),
        pytest.param(evidence_questions.compose_evidence(BEHIND), id="evidence"),
        pytest.param(evidence_questions.compose_evidence(LATELY), id="evidence-lately"),
        pytest.param(
            evidence_questions.compose_evidence_and_events(BEHIND), id="evidence-and-events"
        ),
        pytest.param(
            evidence_questions.compose_evidence_and_events(LATELY), id="evidence-and-events-lately"
        ),
        pytest.param(parts.REGISTERS, id="registers"),
        pytest.param(parts.SUBSCRIPTIONS, id="subscriptions"),
        pytest.param(beginnings.BEGINNINGS, id="beginnings"),
    ],
)
def test_an_answer_about_one_device_touches_few_blocks(
    filled: psycopg.Connection, device: object, question: str, has_statistics: bool
) -> None:
    parameters = {
        **position(filled),
        "device": device,
        "devices": [device],
        "lately": "-infinity",
        "plans_once": False,
        "asked": asked(
            (device, axis, value)
            for axis, value in zip(Axis, ["CONNECTED_DATA", "true", "FR", "5G"], strict=True)
        ),
    }
    with statistics(filled, are_there=has_statistics):
        assert blocks(filled, question, **parameters) < BLOCKS_MAX


def test_the_months_before_a_beginning_cost_nothing(
    filled: psycopg.Connection, device: object
) -> None:
    values = [(device, axis, "CONNECTED_DATA") for axis in Axis]
    old, recent = (
        {"asked": asked(values, at)} for at in ("2020-01-01T00:00:00Z", datetime.now(UTC))
    )
    found = []
    with filled.transaction(force_rollback=True):
        for year in (2021, 2022):
            for month in range(1, 13):
                filled.execute(
                    f"CREATE TABLE of_{year}_{month} PARTITION OF event"
                    f" FOR VALUES FROM ('{year}-{month:02}-01') TO ('{year}-{month:02}-28')"
                )
            found.append([blocks(filled, beginnings.BEGINNINGS, **each) for each in (old, recent)])
    [old_before, recent_before], [old_after, recent_after] = found
    assert old_after > old_before
    assert recent_after == recent_before


def test_a_look_for_work_and_a_step_read_what_is_new_alone(filled: psycopg.Connection) -> None:
    bounds = {**position(filled), "limit": 4000}
    assert blocks(filled, projecting.HAS_WORK) < BLOCKS_MAX
    assert blocks(filled, SNAPSHOT.find_end, **bounds) < BLOCKS_MAX
    # Of each event its indexes and registers.
    assert blocks(filled, compose_step(SNAPSHOT), **bounds) < TAIL_EVENTS * 100


@pytest.mark.parametrize("limit", [51, 1001])
def test_a_page_of_linked_devices_reads_their_events_alone(
    filled: psycopg.Connection, limit: int
) -> None:
    devices = [
        row[0] for row in filled.execute("SELECT DISTINCT device_id FROM event LIMIT 20").fetchall()
    ]
    own = Selection(device_id=devices[0])
    for selection, bound in ((own, 100), (replace(own, linked=tuple(devices[1:])), 1500)):
        statement = page_statement(selection, order="desc", limit=limit, limit_bytes=10**6)
        question, parameters = written(statement)
        assert blocks(filled, question, **parameters) < bound


def test_behind_a_time_too_only_what_is_new_is_read(
    filled: psycopg.Connection, device: object
) -> None:
    # The last events were stored at one moment.
    [(since,)] = filled.execute("SELECT max(stored_at)::text FROM event").fetchall()
    bounds = {**NOTHING_BEHIND, "since": since, "limit": 4000}
    for question in (
        evidence_questions.compose_evidence((STORED_SINCE,)),
        evidence_questions.compose_evidence_and_events((STORED_SINCE,)),
        OVERLAPPING.find_end,
    ):
        assert blocks(filled, question, **bounds, devices=[device]) < BLOCKS_MAX
    assert blocks(filled, compose_step(OVERLAPPING), **bounds) < TAIL_EVENTS * 100
