"""Entries are chosen by their credential, state and time, and paged by an index."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import asking
from receiver.store.connections.keyset import Order
from receiver.store.quarantine.entries import (
    QuarantinePosition,
    QuarantineSelection,
    RefusalState,
    page_statement,
    read_entry,
)
from tests.support.store.database import plan
from tests.support.store.quarantine import fill_quarantine

NOW = datetime.now(UTC)
A_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("filters", "ages"),
    [
        ({}, [1, 2, 3]),
        ({"states": [RefusalState.STORED]}, [2]),
        ({"states": [RefusalState.STORED, RefusalState.REFUSED]}, [1, 2, 3]),
        ({"credentials": ["operator"], "states": [RefusalState.REFUSED]}, [1, 3]),
        ({"credentials": ["nobody"]}, []),
        ({"received_from": NOW - 2.5 * A_DAY}, [1, 2]),
        ({"received_to": NOW - 2.5 * A_DAY}, [3]),
    ],
)
async def test_a_selection_means_the_entries_that_pass_its_filters(
    engine: AsyncEngine, conninfo: str, filters: dict[str, Any], ages: list[int]
) -> None:
    for age, state in (
        (1, RefusalState.REFUSED),
        (2, RefusalState.STORED),
        (3, RefusalState.REFUSED),
    ):
        fill_quarantine(conninfo, age, state)
    question = page_statement(
        QuarantineSelection(**filters), order="desc", limit=10, limit_bytes=10**9
    )
    async with asking(engine) as connection:
        entries = [read_entry(row) for row in (await connection.execute(question)).all()]
    assert ages == [round((NOW - entry.received_at) / A_DAY) for entry in entries]


async def test_an_entry_has_the_size_of_its_body_and_a_state(
    engine: AsyncEngine, conninfo: str
) -> None:
    fill_quarantine(conninfo, 1, RefusalState.STORED)
    question = page_statement(QuarantineSelection(), order="desc", limit=1, limit_bytes=10**9)
    async with asking(engine) as connection:
        entry = read_entry((await connection.execute(question)).one())
    assert (entry.size_bytes, entry.state, entry.reason) == (1, RefusalState.STORED, "r")
    assert entry.reprocessed_at is None


@pytest.mark.parametrize(("order", "direction"), [("desc", "Backward "), ("asc", "")])
def test_a_page_is_read_from_the_index_by_arrival(
    conninfo: str, order: Order, direction: str
) -> None:
    fill_quarantine(conninfo, 1, RefusalState.REFUSED, 5000)
    after = QuarantinePosition(NOW if order == "desc" else NOW - 2 * A_DAY, 1)
    question = page_statement(
        QuarantineSelection(), order=order, limit=51, limit_bytes=10**9, after=after
    )
    found = plan(conninfo, question)
    assert f"Index Scan {direction}using quarantine_age" in found
    assert "Sort" not in found
