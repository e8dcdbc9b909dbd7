"""Questions of one shape share a statement, and each has its own values."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from receiver.events.event import Device
from receiver.store.events.paging.parameters import NOWHERE, shape_of, values_of
from receiver.store.events.paging.statements import page_statement, shared_statement
from receiver.store.events.selection import Position, Selection
from tests.support.lengths import lengths

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXTS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3)
TIMES = st.none() | st.sampled_from([NOW, NOW + timedelta(days=1)])
IDS = st.sampled_from([UUID(int=1), UUID(int=2)])
DEVICES = st.sampled_from(
    [
        Device(network_access_identifier="device@operator.example"),
        Device(ipv4_public_address=IPv4Address("203.0.113.7")),
        Device(ipv4_public_address=IPv4Address("203.0.113.7"), ipv4_public_port=4711),
        Device(phone_number="+99999991000"),
    ]
)
FILTERS = {
    **dict.fromkeys(("types", "kinds", "names", "sources"), TEXTS),
    **dict.fromkeys(("credentials", "subscription_ids", "findings"), TEXTS),
    **dict.fromkeys(("occurred_from", "occurred_to", "received_from", "received_to"), TIMES),
}
SELECTIONS = st.one_of(
    st.builds(Selection, **FILTERS),
    st.builds(Selection, device_id=IDS, linked=st.lists(IDS, max_size=2), **FILTERS),
    st.builds(Selection, reported=DEVICES, linked=st.lists(IDS, max_size=2), **FILTERS),
)
BOOLEANS = st.booleans()
ENDS = st.none() | st.builds(
    Position, occurred_at=TIMES.filter(bool), stored_at=TIMES.filter(bool), seq=st.integers(1, 9)
)


def compiled(statement: Select[*tuple[Any, ...]]) -> tuple[str, dict[str, Any]]:
    """Returns the text of a statement, and the values that it brings."""
    dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
    text = statement.compile(dialect=dialect)
    return str(text), text.params


@pytest.mark.parametrize("examples", lengths(12, 300))
def test_a_shared_statement_and_its_values_are_the_statement_of_the_question(examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(selection=SELECTIONS, order=st.sampled_from(["asc", "desc"]), after=ENDS, walks=BOOLEANS)
    def are_the_same(selection: Selection, order: Any, after: Position | None, walks: bool) -> None:
        page: dict[str, Any] = {
            "order": order,
            "limit": 7,
            "limit_bytes": 8,
            "after": after,
            "looked_at": 9 if walks else None,
        }
        own_text, own_values = compiled(page_statement(selection, **page))
        text, values = shared_statement(selection, **page)
        assert text == own_text
        assert {name: values[name] for name in own_values} == own_values

    are_the_same()


@given(selection=SELECTIONS)
def test_a_shape_holds_no_value(selection: Selection) -> None:
    shape = shape_of(selection)
    assert shape == shape_of(shape)
    assert hash(shape) is not None
    held = [value for value in values_of(shape).values() if value]
    named = {"a", "b", "c", UUID(int=1), UUID(int=2), NOW, NOW + timedelta(days=1)}
    assert not named & {each for value in held for each in listed(value)}
    assert not {*values_of(shape)} - {*values_of(selection)}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_questions_of_one_shape_share_a_statement() -> None:
    page: dict[str, Any] = {"order": "desc", "limit": 51, "limit_bytes": 10**6}
    one = Selection(device_id=UUID(int=1), kinds=["roaming"], subscription_ids=["a"])
    other = Selection(device_id=UUID(int=2), kinds=["a", "b"], subscription_ids=["b", "c"])
    statement, _ = shared_statement(one, **page)
    page["limit"] = 1001
    assert shared_statement(other, **page, looked_at=9)[0] is statement
    assert shared_statement(other, **page, after=NOWHERE)[0] is not statement
    assert shared_statement(Selection(device_id=UUID(int=1)), **page)[0] is not statement


def test_each_subscription_is_a_path_of_its_own() -> None:
    page: dict[str, Any] = {"order": "desc", "limit": 51, "limit_bytes": 10**6}
    statement, values = shared_statement(Selection(subscription_ids=["a", "b", "a"]), **page)
    assert (values["subscription_0"], values["subscription_1"]) == ("a", "b")
    assert "subscription_2" not in values
    same, _ = shared_statement(Selection(subscription_ids=["c", "d"]), **page)
    assert same is statement
    less, _ = shared_statement(Selection(subscription_ids=["c"]), **page)
    assert less is not statement
