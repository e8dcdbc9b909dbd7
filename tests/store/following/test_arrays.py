"""An array as a parameter says the same as one that the driver writes."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import psycopg
import pytest

from receiver.events.event import Kind
from receiver.store.following.arrays import write_array

NOW = datetime(2026, 4, 17, 7, 31, 1, 416474, tzinfo=UTC)
ELSEWHERE = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("uuid", [uuid4(), uuid4()]),
        (
            "timestamptz",
            [NOW, NOW.replace(microsecond=0), NOW.astimezone(timezone(timedelta(hours=9)))],
        ),
        ("bigint", [0, 2**63 - 1]),
        ("text", [str(kind) for kind in Kind]),
        ("text", []),
    ],
)
def test_postgres_reads_what_was_written(conninfo: str, type_: str, values: list[object]) -> None:
    with psycopg.connect(conninfo) as connection:
        [found] = connection.execute(
            f"SELECT %s::{type_}[]".encode(), [write_array(values)]
        ).fetchall()
    assert found == (values,)
