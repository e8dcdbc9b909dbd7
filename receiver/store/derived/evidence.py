"""Evidence: which devices were reported with which subscriptions and identifiers."""

from collections.abc import Collection
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from receiver.projection.links import Evidence
from receiver.store.derived.behind import Behind
from receiver.store.derived.evidence_questions import compose_evidence, compose_evidence_and_events
from receiver.store.derived.rows import Question, Row, Rows, read_together, write_devices

EVIDENCE_COLUMNS = len(Evidence._fields)


async def read_whole_evidence(
    connection: AsyncConnection, device_ids: Collection[UUID], behind: Behind
) -> list[Evidence]:
    """Returns the evidence of several devices, and of all devices that share a key with them."""
    parameters = {"devices": write_devices(device_ids), **behind.bounds}
    question = compose_evidence(behind.conditions, is_whole=True)
    [rows] = await read_together(connection, Question(question, parameters, tuple_row))
    return list_evidence(rows)


def ask_for_evidence(device_ids: Collection[UUID], behind: Behind) -> Question:
    """Asks for the evidence of all devices that share a key with one of several devices."""
    parameters = {"devices": write_devices(device_ids), **behind.bounds}
    return Question(
        compose_evidence(behind.conditions), parameters, tuple_row, is_planned_once=True
    )


def list_evidence(rows: Rows) -> list[Evidence]:
    """Returns the evidence in the answer to `ask_for_evidence`."""
    return [Evidence(*row) for row in rows]


async def read_evidence(
    connection: AsyncConnection, device_ids: Collection[UUID], behind: Behind
) -> list[Evidence]:
    """Returns the evidence of all devices that share a key with one of several devices."""
    [rows] = await read_together(connection, ask_for_evidence(device_ids, behind))
    return list_evidence(rows)


def ask_for_evidence_and_events(
    devices: str, behind: Behind, *, is_apart: bool = False
) -> Question:
    """Asks for the evidence, and for the events behind that the devices told.

    Args:
        devices: as `write_devices` returns them.
        is_apart: as of `compose_evidence_and_events`.
    """
    if not behind.conditions:
        return Question(compose_evidence(()), {"devices": devices})
    parameters = {"devices": devices, **behind.bounds}
    text = compose_evidence_and_events(behind.conditions, is_apart=is_apart)
    # A plan for these bounds leaves months out before and not while it runs, which looks cheaper by
    # more than the 3 ms that it takes to make, and is not.
    return Question(text, parameters, is_planned_once=True)


def divide(rows: Rows) -> tuple[list[Evidence], list[Row]]:
    """Returns the evidence and the events in the answer to `ask_for_evidence_and_events`."""
    evidence = [Evidence(*row[:EVIDENCE_COLUMNS]) for row in rows if row.via is not None]
    return evidence, [row for row in rows if row.via is None]
