"""A keyset begins a page exactly behind the end of the one before."""

from itertools import pairwise
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import namedtuple_row
from sqlalchemy import column, select, values
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.types import Integer

from receiver.store.connections.keyset import ROW_BYTES, Keyset, Order, read_page

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12, unique=True)


def page(
    conninfo: str,
    rows: list[tuple[int, int]],
    *,
    order: Order,
    end: tuple[int, int] | None,
    is_pruned: bool,
) -> list[tuple[int, int]]:
    """Two rows of a list, behind an end."""
    listed = values(column("first", Integer), column("second", Integer), name="listed").data(rows)
    keyset = Keyset(listed.c.first, listed.c.second, is_pruned=is_pruned)
    question = select(listed).order_by(*keyset.sorting(order)).limit(2)
    if end is not None:
        question = question.where(keyset.beyond(order, end))
    compiled = question.compile(
        dialect=PGDialect_psycopg(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    with psycopg.connect(conninfo) as connection:
        return connection.execute(str(compiled)).fetchall()


@pytest.mark.parametrize("is_pruned", [False, True])
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, order=st.sampled_from(["asc", "desc"]))
def test_pages_lose_and_repeat_no_row_and_keep_the_order(
    conninfo: str, is_pruned: bool, rows: list[tuple[int, int]], order: Order
) -> None:
    seen: list[tuple[int, int]] = []
    end = None
    while rows and (found := page(conninfo, rows, order=order, end=end, is_pruned=is_pruned)):
        seen += found
        end = found[-1]
    assert sorted(rows) == sorted(seen)
    ascending = seen if order == "asc" else seen[::-1]
    assert all(before < after for before, after in pairwise(ascending))


@pytest.mark.parametrize(("order", "comparison"), [("asc", ">="), ("desc", "<=")])
def test_a_column_that_decides_the_partition_is_compared_by_itself(
    order: Order, comparison: str
) -> None:
    month, number = column("month", Integer), column("number", Integer)
    alone = f"month {comparison} :month_1"
    assert alone in str(Keyset(month, number, is_pruned=True).beyond(order, (1, 2)))
    assert alone not in str(Keyset(month, number).beyond(order, (1, 2)))


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sizes=st.lists(st.integers(0, 9), max_size=12),
    limit=st.integers(1, 4),
    limit_bytes=st.integers(0, 20),
    order=st.sampled_from(["asc", "desc"]),
)
def test_cut_pages_lose_and_repeat_no_row_and_end_at_the_bytes(
    conninfo: str, sizes: list[int], limit: int, limit_bytes: int, order: Order
) -> None:
    rows = [(number // 3, number, size) for number, size in enumerate(sizes)]
    seen: list[tuple[int, ...]] = []
    has_more = bool(rows)
    while has_more:
        cut = cut_page(conninfo, rows, seen[-1] if seen else None, limit, limit_bytes, order)
        page, has_more = read_page(cut, limit)
        assert 1 <= len(page) <= limit
        assert sum(row[2] for row in page[:-1]) <= limit_bytes
        seen += [tuple(row[:3]) for row in page]
    assert seen == (rows if order == "asc" else rows[::-1])


def cut_page(
    conninfo: str,
    rows: list[tuple[int, int, int]],
    end: tuple[int, ...] | None,
    limit: int,
    limit_bytes: int,
    order: Order,
) -> Any:
    """The rows that Postgres sends of a page."""
    columns = [column(name, Integer) for name in ("first", "second", ROW_BYTES)]
    listed = values(*columns, name="listed").data(rows)
    keyset = Keyset(listed.c.first, listed.c.second)
    question = select(listed).order_by(*keyset.sorting(order)).limit(limit + 1)
    if end is not None:
        question = question.where(keyset.beyond(order, end[:2]))
    compiled = keyset.cut(question, order, limit_bytes).compile(
        dialect=PGDialect_psycopg(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    with psycopg.connect(conninfo, row_factory=namedtuple_row) as connection:
        return connection.execute(str(compiled)).fetchall()
