"""Ids: random ones differ, and an opaque word carries its values through a URL unchanged."""

import re
import struct
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.ids import microseconds, new_id, read_word, time_of, write_word

SHAPE = struct.Struct(">qI16s")


def test_a_new_id_is_32_hexadecimal_digits_and_another_each_time() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)


@given(
    st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**32 - 1), st.binary(min_size=16, max_size=16)
)
def test_a_word_gives_back_its_values_and_needs_no_escaping(
    key: int, number: int, digest: bytes
) -> None:
    word = write_word(SHAPE, key, number, digest)
    assert re.fullmatch("[A-Za-z0-9_-]+", word)
    assert (key, number, digest) == read_word(word, SHAPE)


@pytest.mark.parametrize(
    "word",
    [
        "",
        "nonsense",
        "AAAA",
        "ÄÖÜ",
        write_word(struct.Struct(">q"), 1),
        write_word(SHAPE, 1, 2, b"") + "A",
        write_word(SHAPE, 1, 2, b"")[:-1] + "=",
        f" {write_word(SHAPE, 1, 2, b'')}",
    ],
)
def test_a_word_of_another_shape_is_no_word(word: str) -> None:
    with pytest.raises(ValueError, match="not an opaque word of this shape"):
        read_word(word, SHAPE)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_comes_back_exact_to_the_microsecond(time: datetime) -> None:
    assert time == time_of(microseconds(time))


def test_microseconds_count_from_1970_in_any_zone() -> None:
    east = timezone(timedelta(hours=2))
    assert microseconds(datetime(1970, 1, 1, 2, 0, 0, 1, tzinfo=east)) == 1
    assert microseconds(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


@pytest.mark.parametrize("count", [2**62, -(2**62), 2**200])
def test_a_time_outside_the_calendar_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="outside the calendar"):
        time_of(count)
