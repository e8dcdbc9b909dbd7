"""A keyset begins a page exactly behind the end of the one before."""

from itertools import pairwise

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import column, select, values
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.types import Integer

from receiver.store.connections.keyset import Keyset, Order

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
