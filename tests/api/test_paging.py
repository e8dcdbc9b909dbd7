"""Lists: what a question may ask, and pages that lead to each other without loss or repetition."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from receiver.api.answers.resource import Resource
from receiver.api.paging import (
    LIMIT_DEFAULT,
    LIMIT_MAX,
    VALUE_LENGTH_MAX,
    VALUES_MAX,
    Cursor,
    Page,
    PageQuestion,
    Texts,
    TimeFilter,
)
from receiver.errors import InvalidArgument
from receiver.ids import write_word

NOW = datetime(2026, 4, 17, 7, 31, 1, 416474, tzinfo=UTC)
TIMES = st.datetimes(timezones=st.just(UTC))
INT64 = st.integers(-(2**63), 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Place:
    at: datetime
    number: int


class Filters(PageQuestion):
    word: Texts = Field(default=[])
    since: TimeFilter | None = None


@given(at=TIMES, number=INT64)
def test_a_cursor_is_exact_to_the_microsecond(at: datetime, number: int) -> None:
    cursor = Cursor(Place, "question")
    assert cursor.read(cursor.write(Place(at, number))) == Place(at, number)


@given(word=st.text(max_size=60))
def test_a_word_that_no_page_gave_is_refused_and_not_repeated(word: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        Cursor(Place, "question").read(word)
    assert str(refused.value) in {"cursor: not a cursor", "cursor: belongs to other filters"}


def test_a_time_outside_the_calendar_is_no_cursor() -> None:
    cursor = Cursor(Place, "question")
    word = write_word(cursor._shape, 2**63 - 1, 0, cursor._question)
    with pytest.raises(InvalidArgument, match="not a cursor"):
        cursor.read(word)


def test_a_question_that_says_nothing_asks_for_the_newest_fifty() -> None:
    question = PageQuestion()
    assert (question.order, question.limit, question.cursor) == ("desc", LIMIT_DEFAULT, None)


def test_a_filter_given_once_is_a_list_of_one() -> None:
    assert Filters.model_validate({"word": "a"}).word == ["a"]
    assert Filters.model_validate({"word": ["a", "b"]}).word == ["a", "b"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 0},
        {"limit": LIMIT_MAX + 1},
        {"order": "sideways"},
        {"cursor": "a\0b"},
        {"word": "a\0b"},
        {"word": "x" * (VALUE_LENGTH_MAX + 1)},
        {"word": ["x"] * (VALUES_MAX + 1)},
        {"wrod": "a"},
        {"since": 0},
        {"since": "2026-04-17"},
        {"since": "2026-04-17T07:31:01"},
        {"since": "1776411061"},
        {"since": "2026-13-17T07:31:01Z"},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
def test_a_wrong_question_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Filters.model_validate(wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-04-17T07:31:01.416474Z", NOW),
        ("2026-04-17t09:31:01.416474+02:00", NOW),
        ("2026-04-17T07:31:01z", NOW.replace(microsecond=0)),
    ],
)
def test_a_time_is_rfc_3339_with_any_zone(text: str, expected: datetime) -> None:
    assert Filters.model_validate({"since": text}).since == expected


def test_a_page_has_its_items_and_where_the_next_one_begins() -> None:
    class Word(Resource):
        two_words: str

    page = Page[Word](items=[Word(two_words="x")], next_cursor="AAAA")
    assert page.model_dump(by_alias=True) == {"items": [{"twoWords": "x"}], "nextCursor": "AAAA"}
