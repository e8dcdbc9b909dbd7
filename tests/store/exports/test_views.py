"""Each row of a view is exported once, in the order of its key, over many pages as over one."""

import json
from typing import Any

import pytest
from sqlalchemy import table
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.exports import views
from receiver.store.exports.cells import json_line, write_once
from receiver.store.exports.views import (
    DEVICES,
    SESSIONS,
    SUBSCRIPTIONS,
    View,
    read_cells,
    read_view,
)
from receiver.store.projector.projecting import Projection
from tests.support.arrivals import arrival
from tests.support.exported import read_view as read_by_psql
from tests.support.store.history import store

DEVICE_COUNT = 12


@pytest.fixture
async def derived(engine: AsyncEngine, conninfo: str, projection: Projection) -> AsyncEngine:
    """A database with devices, sessions and subscriptions, all of them derived."""
    await store(
        conninfo,
        [
            arrival(
                number,
                phone_number=f"+9999999{number % DEVICE_COUNT:04}",
                subscription_id=f"s-{number % DEVICE_COUNT}",
            )
            for number in range(2 * DEVICE_COUNT)
        ],
    )
    await projection.derive_all()
    return engine


async def read(engine: AsyncEngine, view: View) -> tuple[list[dict[str, Any]], list[Any]]:
    line = write_once(
        json_line(await read_cells(engine, view)), table(view.name, schema="reporting")
    )
    pages = [page async for page in read_view(engine, view, line)]
    texts = [text for page in pages for text in page.lines.text.split(b"\n") if text]
    assert len(texts) == sum(page.lines.count for page in pages)
    return [json.loads(text) for text in texts], [page.share for page in pages]


@pytest.mark.parametrize("view", [DEVICES, SESSIONS, SUBSCRIPTIONS], ids=lambda view: view.name)
async def test_the_rows_are_those_of_psql(
    derived: AsyncEngine, conninfo: str, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = read_by_psql(conninfo, view.name, ", ".join(view.key))
    assert len(rows) == DEVICE_COUNT
    expected = [{name: value for name, value in row.items() if value is not None} for row in rows]
    whole, _ = await read(derived, view)
    assert [list(row) for row in whole] == [list(row) for row in expected]
    for name in ("device_id", "phone_number", "subscription_id", "is_silent", "countries"):
        assert [row.get(name) for row in whole] == [
            str(row[name]) if name == "device_id" and name in row else row.get(name)
            for row in expected
        ]
    monkeypatch.setattr(views, "RANGE_ROWS", 7)
    monkeypatch.setattr(views, "PAGE_ROWS", 5)
    pieces, shares = await read(derived, view)
    assert pieces == whole
    assert len(shares) > 2
    if view is not SUBSCRIPTIONS:
        assert shares == sorted(shares)
        assert shares[-1] == 1


async def test_an_empty_view_has_no_lines(engine: AsyncEngine, conninfo: str) -> None:
    for view in (DEVICES, SESSIONS, SUBSCRIPTIONS):
        assert (await read(engine, view))[0] == []
