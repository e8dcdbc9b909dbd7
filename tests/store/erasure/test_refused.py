"""Refused bodies are read in pages, and one that is parsed again is waited for."""

import asyncio

import psycopg
import pytest

from receiver.store.erasure import refused
from receiver.store.erasure.refused import RefusedRow, read_refused, remove_refused
from tests.support.erasing import connected
from tests.support.store.database import column

FILL = """
INSERT INTO quarantine (received_at, credential, reason, headers, body, is_member)
SELECT now(), 'operator', 'why', '{"content-type": "a"}', convert_to('body ' || number, 'UTF8'),
    number = 2
FROM generate_series(1, 5) AS number
"""
LEFT = "SELECT convert_from(body, 'UTF8') FROM quarantine ORDER BY id"


@pytest.fixture
def filled(conninfo: str) -> str:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(FILL)
    return conninfo


async def test_every_row_is_read_once_in_its_own_order(filled: str) -> None:
    async with connected(filled) as connection:
        pages = [page async for page in read_refused(connection, 2)]
    assert [len(page) for page in pages] == [2, 2, 1]
    row = pages[0][1]
    assert row == RefusedRow(row.key, "operator", {"content-type": "a"}, b"body 2", True)
    assert [each.body for page in pages for each in page][-1] == b"body 5"


async def test_an_empty_quarantine_has_no_page(conninfo: str) -> None:
    async with connected(conninfo) as connection:
        assert [page async for page in read_refused(connection)] == []


async def test_a_row_that_is_parsed_again_is_waited_for(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(filled) as connection:
        [page] = [page async for page in read_refused(connection)]
        keys = [row.key for row in page[:2]]
        with psycopg.connect(filled) as reprocessing:
            reprocessing.execute("SELECT FROM quarantine ORDER BY id LIMIT 1 FOR UPDATE")
            removing = asyncio.create_task(remove_refused(connection, keys))
            await asyncio.sleep(0.1)
            assert not removing.done()
        assert await removing == 2
        monkeypatch.setattr(refused, "LIMIT_WAIT", "SET LOCAL lock_timeout = '50ms'")
        with psycopg.connect(filled) as reprocessing:
            reprocessing.execute("SELECT FROM quarantine FOR UPDATE")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                await remove_refused(connection, [page[2].key])
    assert column(filled, LEFT) == ["body 3", "body 4", "body 5"]
