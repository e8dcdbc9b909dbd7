"""The rows of a batch: one for each identity, in one order, with its deliveries."""

import orjson
import pytest

from receiver.errors import ContentRejected
from receiver.store.events.storing.rows import encode, fold, rows_of
from tests.support.arrivals import arrival


def test_equal_identities_are_one_row_with_as_many_deliveries_as_they_have_arrivals() -> None:
    once, again = arrival(1), arrival(1)
    rows = fold([once, again, again, arrival(2)])
    assert sorted(str(row["deliveries"]) for row in rows) == ["1", "2"]
    [first] = [row for row in rows if row["deliveries"] == 2]
    assert first["arrival_id"] == once.arrival_id


def test_rows_are_in_one_order_whatever_that_of_the_arrivals_is() -> None:
    sent = [arrival(number, phone_number=f"+9999999{number % 3:04}") for number in range(9)]
    assert rows_of(sent) == rows_of(sent[::-1])
    keys = [(row["device_id"], row["digest"]) for row in fold(sent)]
    assert keys == sorted(keys)


def test_a_text_is_what_postgres_reads_as_json() -> None:
    [row] = orjson.loads(encode(fold([arrival(1)])))
    assert row["ipv4_public_address"] == "203.0.113.7"
    with pytest.raises(ContentRejected):
        encode(fold([arrival(1, event_id="\ud800")]))
